"""What is looked for among people goes into no address."""

from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse

from backoffice.searches import MOST_KEPT
from referrals import workflow
from referrals.models import User
from referrals.tests.worlds import World, live_on, only_strand

pytestmark = pytest.mark.django_db

SCREEN = "/backoffice/referrals/"


def look_for(client, text: str, **filters: str) -> str:
    """Send the form of the list as a browser does; return the address that the browser is sent to."""
    form = BeautifulSoup(client.get(SCREEN).content, "html.parser").select_one("form.find")
    sent = {field["name"]: field.get("value", "") for field in form.select("input[name]")}
    assert (form["method"], {"q", "csrfmiddlewaretoken"} <= sent.keys()) == ("post", True)
    answer = client.post(form["action"], sent | {"q": text} | filters)
    assert answer.status_code == 302
    return answer["Location"]


def found(client, address: str) -> list[str]:
    return [row["referral"].person.name for row in client.get(address).context["listing"]["rows"]]


@pytest.fixture
def coordinator(world, signed_in):
    for name in ("Maya Ferreira", "Hana Suzuki"):
        world.submit(person=workflow.PersonDetails(name=name))
    return signed_in(world.coordinator)


def test_a_name_is_in_no_address_and_in_no_link_of_the_page(coordinator):
    address = look_for(coordinator, "ferreira", status="seeking")
    assert "ferreira" not in address.lower()
    assert parse_qs(urlsplit(address).query).keys() == {"find", "status", "tab"}
    assert found(coordinator, address) == ["Maya Ferreira"]
    page = BeautifulSoup(coordinator.get(address).content, "html.parser")
    assert page.select_one("form.find input[name=q]")["value"] == "ferreira"
    places = [
        place for one in page.select("[href], [action]") for place in (one.get("href"), one.get("action")) if place
    ]
    assert not [place for place in places if "ferreira" in place.lower()]
    kept = [place for place in places if "find=" in place]
    assert {urlsplit(place).path for place in kept} >= {SCREEN, f"{SCREEN}export.csv", f"{SCREEN}spam/"}


def test_each_address_finds_what_it_found_before(coordinator):
    maya, hana = look_for(coordinator, "maya"), look_for(coordinator, "hana")
    assert found(coordinator, maya) == ["Maya Ferreira"]  # Back, or another tab
    assert found(coordinator, hana) == ["Hana Suzuki"]
    assert look_for(coordinator, " maya ") == maya
    assert "find" not in look_for(coordinator, "  ")


def test_what_is_no_longer_kept_finds_nobody_instead_of_everybody(world, coordinator, signed_in):
    address = look_for(coordinator, "maya")
    for client in (signed_in(world.coordinator), signed_in(world.owners[0])):
        response = client.get(address)
        assert response.context["listing"]["rows"] == []
        assert "no longer kept" in response.text
    spam = f"{SCREEN}spam/?{urlsplit(address).query}"
    assert [row["referral"].person.name for row in coordinator.get(spam).context["rows"]] == ["Maya Ferreira"]
    assert signed_in(world.coordinator).get(spam).context["rows"] == []
    for number in range(MOST_KEPT):
        coordinator.post(SCREEN, {"q": f"Somebody {number}"})
    assert "no longer kept" in coordinator.get(address).text


def test_a_name_in_an_address_of_old_is_taken_out_of_it(coordinator):
    answer = coordinator.get(SCREEN, {"q": "maya", "tab": "all"})
    assert (answer.status_code, "maya" in answer["Location"]) == (302, False)
    assert found(coordinator, answer["Location"]) == ["Maya Ferreira"]


@pytest.mark.parametrize("text", ["x" * 100_000, "x\0y", "' OR 1=1 --", "%", "_", "\u202e\u202c.", "\U0001f600" * 300])
def test_what_nobody_is_called_finds_nobody(coordinator, text):
    assert found(coordinator, look_for(coordinator, text)) == []


@pytest.mark.parametrize("model", ["person", "referral"])
def test_lists_of_records_keep_names_out_of_addresses_too(coordinator, signed_in, model):
    operator = signed_in(User.objects.create_superuser("operator@example.org"))
    address = reverse(f"backoffice:referrals_{model}_changelist")
    form = BeautifulSoup(operator.get(address, {"o": "1"}).content, "html.parser").select_one("#changelist-search")
    sent = {field["name"]: field.get("value", "") for field in form.select("input[name]")} | {"q": "maya"}
    assert form["method"] == "post"
    found = operator.post(address, sent)["Location"]
    assert (parse_qs(urlsplit(found).query)["o"], "maya" in found) == (["1"], False)
    response = operator.get(found)
    assert len(response.context["cl"].result_list) == 1
    page = BeautifulSoup(response.content, "html.parser")
    assert page.select_one("#searchbar")["value"] == "maya"
    assert not [link["href"] for link in page.select("a[href]") if "maya" in link["href"].lower()]
    response = operator.get(address, {"q": "maya"})
    assert (len(response.context["cl"].result_list), "no longer kept" in response.text) == (0, True)


def test_a_box_that_completes_names_asks_by_post(world, coordinator, signed_in):
    operator = Client(enforce_csrf_checks=True)
    operator.force_login(User.objects.create_superuser("operator@example.org"))
    [name, *_] = sorted(str(organisation) for organisation in world.organisations)
    asked = {"app_label": "referrals", "model_name": "activity", "field_name": "organisation", "term": name}
    answer = operator.post(reverse("backoffice:autocomplete"), asked)
    assert name in [one["text"] for one in answer.json()["results"]]
    stranger = signed_in(World().owners[0])
    found = stranger.post(reverse("backoffice:autocomplete"), asked).json()["results"]
    assert name not in [one["text"] for one in found]
    page = BeautifulSoup(operator.get(reverse("backoffice:referrals_activity_add")).content, "html.parser")
    assert page.select_one("select[name=organisation]")["data-ajax--type"] == "POST"


def test_what_was_done_for_whom_is_in_no_cookie(world, signed_in):
    referral = world.submit(person=workflow.PersonDetails(name="Maya Ferreira"))
    client = signed_in(world.owners[0])
    offer = live_on(only_strand(referral))
    answer = client.post(reverse("backoffice:workspace_accept", args=[referral.reference, offer.pk]))
    assert set(answer.cookies) <= {"sessionid", "csrftoken"}
    assert "of Maya Ferreira" in client.get(answer["Location"]).text
