"""Referral links in the back office: counted, copied, embedded, revoked by a button."""

import pytest
from bs4 import BeautifulSoup
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from referrals import models as m
from referrals.tests import factories as f

pytestmark = pytest.mark.django_db


def page_of_link(client, link):
    address = reverse("backoffice:referrals_referrallink_change", args=[link.pk])
    return BeautifulSoup(client.get(address).content, "html.parser")


def test_the_page_counts_and_gives_the_whole_address_and_what_embeds_it(ours, signed_in, settings):
    settings.PUBLIC_URL = "https://referrals.example.org"
    client = signed_in(ours.coordinator)
    m.Referral.objects.update(referral_link=ours.link)
    page = page_of_link(client, ours.link)
    address = f"https://referrals.example.org/refer/link/{ours.link.token}/"
    assert page.select_one("#link-address").text == address
    assert page.select_one("[data-copy=link-address]")
    assert page.select_one(".field-referrals_made .readonly").text.strip() == str(m.Referral.objects.count())
    assert page.select_one("#link-snippet") is None
    m.ReferralLink.objects.update(embed_origins="https://www.example.org")
    snippet = page_of_link(client, ours.link).select_one("#link-snippet").text
    assert f'src="{address}?embed=1" title="Refer somebody to {ours.network.name}" loading="lazy"' in snippet
    assert f'<a href="{address}">Refer somebody to {ours.network.name}</a></iframe>' in snippet
    assert 'src="https://referrals.example.org/static/referrals/embed.js"' in snippet


def test_the_list_counts_with_the_same_queries_for_one_link_and_for_three(ours, signed_in, django_assert_num_queries):
    client = signed_in(ours.coordinator)
    address = reverse("backoffice:referrals_referrallink_changelist")
    client.get(address)
    with CaptureQueriesContext(connection) as one:
        client.get(address)
    for number in range(2):
        m.ReferralLink.objects.create(network=ours.network, name=f"Partner {number}")
    with django_assert_num_queries(len(one)):
        client.get(address)


def test_revoking_asks_first_and_closes_the_form_and_is_undone(ours, signed_in):
    client = signed_in(ours.coordinator)
    revoke, open_again = (
        reverse(f"backoffice:referral_link_{verb}", args=[ours.link.pk]) for verb in ("revoke", "open")
    )
    form = ours.link.get_absolute_url()
    f.ConsentWordingFactory(network=ours.network)
    assert client.get(revoke).status_code == 200
    assert client.get(form).status_code == 200
    client.post(revoke)
    first = m.ReferralLink.objects.get(pk=ours.link.pk).revoked_at
    assert client.get(form).status_code == 410
    client.post(revoke)
    assert m.ReferralLink.objects.get(pk=ours.link.pk).revoked_at == first
    assert LogEntry.objects.filter(object_id=str(ours.link.pk)).count() == 1
    client.post(open_again)
    assert client.get(form).status_code == 200


def test_only_addresses_of_pages_can_be_named(ours, signed_in):
    address = reverse("backoffice:referrals_referrallink_change", args=[ours.link.pk])
    client = signed_in(ours.coordinator)
    response = client.post(address, {"name": "Partner", "embed_origins": "www.example.org"})
    assert "“www.example.org” does not begin with https://. Write https://www.example.org." in response.text
    many = "\n".join(f"https://{number}.example.org" for number in range(51))
    assert "at most 50 pages" in client.post(address, {"name": "Partner", "embed_origins": many}).text


def test_pages_are_checked_as_they_are_typed_by_the_same_rule(ours, signed_in):
    client, address = signed_in(ours.coordinator), reverse("backoffice:referral_link_check")
    lines = {
        "HTTPS://www.Example.org/help?x=1": "Every page of https://www.example.org may embed the form.",
        "http://old.example.org": "What is sent to that site is not encrypted",
        "http://localhost:8000": "Every page of http://localhost:8000 may embed the form.",
        "example.org/help": "Write https://example.org.",
        "https://*.example.org": "names no single site",
        "https://example": "lacks the whole name of a site",
        "https://-": "lacks the whole name of a site",
        "https://www.example.org:99999": "is no address of a page",
        "https://user@example.org": "is no address of a page",
        "javascript:alert(1)": "is no address of a page",
    }
    shown = client.post(address, {"embed_origins": "\n".join(lines)})
    said = [item.get_text() for item in BeautifulSoup(shown.content, "html.parser").select("li")]
    assert [expected in words for words, expected in zip(said, lines.values(), strict=True)] == [True] * len(lines), (
        said
    )
    assert "<html" not in shown.text
    form = reverse("backoffice:referrals_referrallink_change", args=[ours.link.pk])
    refused = client.post(form, {"name": "Partner", "embed_origins": "\n".join(lines)})
    assert len(refused.context["adminform"].form.errors["embed_origins"]) == 7
