"""Coordinators write their texts in other languages, beside the English ones."""

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from backoffice.tests.test_walls import url
from referrals.models import Category, ConsentWording, Network

pytestmark = pytest.mark.django_db


def form_data(page: str) -> dict:
    """Return what a browser sends of the form as it stands."""
    form, data = BeautifulSoup(page, "html.parser").select_one("#content-main form"), {}
    for tag in form.select("input[name], textarea[name], select[name]"):
        if tag.name == "select":
            data[tag["name"]] = [option["value"] for option in tag.select("option[selected]")]
        elif tag.get("type") in {"checkbox", "radio"}:
            data.setdefault(tag["name"], []).extend([tag.get("value", "on")] * tag.has_attr("checked"))
        elif tag.get("type") != "submit":
            data[tag["name"]] = tag.text.removeprefix("\n") if tag.name == "textarea" else tag.get("value", "")
    return {name: value for name, value in data.items() if value != []}


def test_a_coordinator_translates_a_category_in_a_fold_for_each_language(ours, signed_in):
    client, address = signed_in(ours.coordinator), url(Category, "change", ours.category.pk)
    page = client.get(address).text
    folds = BeautifulSoup(page, "html.parser").select("details.translation")
    assert [fold.summary.get_text() for fold in folds] == ["Welsh", "Polish"]
    assert [fold.has_attr("open") for fold in folds] == [False, False]
    assert client.post(address, form_data(page) | {"translations_pl_name": " Żywność "}).status_code == 302
    ours.category.refresh_from_db()
    assert ours.category.translations == {"pl": {"name": "Żywność"}}
    shown = BeautifulSoup(client.get(address).text, "html.parser")
    assert shown.select_one("#id_translations_pl_name")["value"] == "Żywność"
    assert shown.select_one("details.translation[open] summary").get_text() == "Polish"


def test_one_that_is_too_long_is_refused_and_kept_on_the_page(ours, signed_in):
    client, address = signed_in(ours.coordinator), url(Category, "change", ours.category.pk)
    answer = client.post(address, form_data(client.get(address).text) | {"translations_cy_name": "x" * 121})
    assert "Welsh: write at most 120 characters." in answer.text
    assert "x" * 121 in answer.text


def test_a_network_chooses_its_languages_and_translates_its_urgent_advice(ours, signed_in):
    client, address = signed_in(ours.coordinator), url(Network, "change", ours.network.pk)
    data = form_data(client.get(address).text)
    assert sorted(data["form_languages"]) == ["cy", "pl"]
    data |= {"form_languages": ["pl"], "translations_pl_urgent_advice": "Dzwoń nocą: 020 7946 0000"}
    assert client.post(address, data).status_code == 302
    ours.network.refresh_from_db()
    assert ours.network.form_languages == ["pl"]
    assert ours.network.translations == {"pl": {"urgent_advice": "Dzwoń nocą: 020 7946 0000"}}


def test_a_new_wording_starts_with_the_translations_of_the_newest(ours, signed_in):
    client = signed_in(ours.coordinator)
    text = {
        "version": ours.wording.version + 1,
        "text": "We share it.",
        "translations": {"pl": {"text": "Przekazujemy to."}},
    }
    newest = ConsentWording.objects.create(network=ours.network, **text)
    address = reverse("backoffice:settings_consent", args=[ours.network.pk])
    page = BeautifulSoup(client.get(address).text, "html.parser")
    assert page.select_one("#id_translations_pl_text").text.strip() == "Przekazujemy to."
    sent = {"text": "We share it with them.", "after": newest.version, "translations_pl_text": "Przekazujemy to."}
    assert client.post(address, sent).status_code == 302
    assert ConsentWording.objects.get(version=newest.version + 1).translations == newest.translations
    assert "Polish: Przekazujemy to." in client.get(url(ConsentWording, "change", newest.pk)).text
