"""What the form promises to browsers, proxies and embedders, and what it refuses."""

import logging
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings as django_settings
from django.core import signing
from django.utils import timezone

from referrals.models import Referral, ReferralLink
from referrals.tests import factories as f
from referrals.tests.referral_form.referrer import SEND, Referrer


@pytest.fixture
def link(northside) -> ReferralLink:
    return ReferralLink.objects.create(
        network=northside.network, name="Advice", embed_origins="https://www.example.org"
    )


def test_no_page_sets_a_cookie_is_shared_or_found_by_search_engines(northside):
    referrer = northside.refer_to_consent()  # the referrer's own browser fails on any cookie
    for response in (
        northside.refer().response,
        referrer.response,
        referrer.choose("Maya agrees").press(SEND).response,
    ):
        assert not response.cookies
        assert response["Cache-Control"] == "private, no-cache"  # for the browser's Back button
        assert response["Referrer-Policy"] == "same-origin"
        assert response["X-Robots-Tag"] == "noindex"
        assert response["X-Frame-Options"] == "DENY"
        assert "Cookie" not in response.get("Vary", "")


def test_no_page_holds_style_or_script_of_its_own_or_fetches_from_elsewhere(northside):
    referrer = northside.refer_to_consent()
    for page in (northside.refer().page, northside.refer_to_suggestions().page, referrer.page):
        assert page.select("script:not([src^='/static/']), style, [style], [onclick], img, iframe") == []
        assert all(link["href"].startswith(("/static/", "/branding/")) for link in page.select("link"))


def test_every_page_says_where_the_postcodes_come_from(northside, link):
    for referrer in (northside.refer(), Referrer(link.get_absolute_url() + "?embed=1")):
        assert "Contains OS data © Crown copyright and database right 2026" in referrer.page.footer.get_text()


def test_nothing_typed_is_logged_or_put_into_a_url(northside, caplog):
    caplog.set_level(logging.DEBUG)
    referrer = northside.refer_to_consent().choose("Maya agrees").press(SEND)
    said = " ".join(record.getMessage() for record in caplog.records if record.name != "django.db.backends")
    for secret in ("Maya", "Ferreira", "07700", "NW5"):
        assert secret not in said
        assert secret not in referrer.response.request["PATH_INFO"] + referrer.response.request["QUERY_STRING"]


@pytest.mark.parametrize(
    "address",
    ["/refer/nowhere/", "/refer/link/nothing/", "/refer/link/%00/", "/refer/sent/nothing/", "/refer/sent/%00/"],
)
def test_an_unknown_address_is_explained(db, address):
    referrer = Referrer(address)
    assert referrer.response.status_code == 404
    assert referrer.title == "There is no form at this address"


def test_a_withdrawn_link_is_gone_and_says_whom_to_ask(northside, link):
    link.revoked_at = timezone.now()
    link.save()
    referrer = Referrer(link.get_absolute_url())
    assert referrer.response.status_code == 410
    assert referrer.title == "This link has been withdrawn"
    assert northside.network.email in referrer.text


def test_a_link_withdrawn_half_way_stops_the_form(northside, link):
    referrer = Referrer(link.get_absolute_url()).fill(name="Maya", phone="07700 900123")
    ReferralLink.objects.update(revoked_at=timezone.now())
    assert referrer.press("Continue").response.status_code == 410


def test_a_network_without_consent_wording_has_no_form_yet(db):
    network = f.NetworkFactory(slug="new")
    referrer = Referrer("/refer/new/")
    assert referrer.response.status_code == 404
    assert referrer.title == "This form is not open yet"
    assert network.email in referrer.text


@pytest.mark.parametrize("state", ["", "x", ".eJw:1:2", None])
def test_a_page_that_did_not_arrive_complete_is_refused(northside, state):
    referrer = northside.refer_to_needs()
    whole = referrer.fields["state"]
    referrer.fields["state"] = whole[:-1] + ("A" if whole[-1] != "A" else "B") if state is None else state
    referrer.press("Continue")
    assert referrer.response.status_code == 400
    assert referrer.title == "This page did not arrive complete"
    assert referrer.page.select_one(".actions a")["href"] == "/refer/northside/"


def test_a_page_of_one_form_cannot_be_sent_to_another(northside, link):
    referrer = northside.refer_to_needs()
    referrer.page.form["action"] = link.get_absolute_url()
    assert referrer.press("Continue").response.status_code == 400


def test_a_page_older_than_twelve_hours_begins_again_with_everything_typed(northside):
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        referrer = northside.refer_to_consent().choose("Maya agrees")
    page, fields = referrer.page, referrer.fields.copy()
    with time_machine.travel(start + timedelta(hours=12, seconds=1), tick=False):
        referrer.press(SEND)
        assert (referrer.response.status_code, referrer.step) == (200, "The person")
        assert "This page was opened long ago" in referrer.text
        assert referrer.fields["name"] == "Maya Ferreira"
        assert not Referral.objects.exists()
        referrer.press("Continue").press("Continue").press("Continue to the coordinators")
        assert referrer.press(SEND).title == "The referral is sent"
    Referral.objects.all().delete()
    referrer.page, referrer.fields = page, fields
    with time_machine.travel(start + timedelta(hours=11, minutes=59), tick=False):
        assert referrer.press(SEND).title == "The referral is sent"


def test_a_page_from_before_an_upgrade_begins_again_with_what_still_fits(northside):
    referrer = northside.refer_to_needs()
    salt = f"referrals.intake:{northside.network.pk}:"
    content = signing.loads(referrer.fields["state"], salt=salt)
    old = {key: content[key] for key in ("key", "typed", "preferred")} | {"shape": 2, "step": "source"}
    referrer.fields["state"] = signing.dumps(old, salt=salt, compress=True)
    referrer.press("Continue")
    assert (referrer.step, referrer.fields["name"]) == ("The person", "Maya Ferreira")


@pytest.mark.parametrize(
    ("header", "sender", "status"),
    [
        ("Origin", "http://testserver", 200),
        ("Origin", "https://evil.example.org", 403),
        ("Origin", "http://testserver.evil.example.org", 403),
        ("Origin", "null", 403),
        ("Referer", "http://testserver/refer/northside/", 200),
        ("Referer", "https://evil.example.org/http://testserver/", 403),
        ("Origin", django_settings.CSRF_TRUSTED_ORIGINS[0], 200),
    ],
)
def test_a_form_sent_from_another_site_is_refused(northside, header, sender, status):
    referrer = northside.refer().press("Continue", **{header: sender})
    assert referrer.response.status_code == status


def test_other_methods_are_not_allowed(northside):
    assert northside.refer().client.delete("/refer/northside/").status_code == 405


def test_an_unknown_button_counts_as_continue_and_one_of_a_later_step_leads_nowhere(northside):
    referrer = northside.refer()
    for value in ("", "dance", "change:consent", "remove:x", "change:"):
        response = referrer.client.post("/refer/northside/", {"state": referrer.fields["state"], "action": value})
        assert response.status_code == 200
        assert b"Who needs support?" in response.content


def test_only_pages_named_by_the_link_may_embed_the_form(northside, link):
    referrer = Referrer(link.get_absolute_url() + "?embed=1")
    assert referrer.page.header is None
    assert "frame-ancestors https://www.example.org;" in referrer.response["Content-Security-Policy"] + ";"
    assert "X-Frame-Options" not in referrer.response
    referrer.fill(for_whom="self", name="Maya", phone="07700 900123")
    referrer.press("Continue").choose("Debt advice").press("Continue").press("Continue to the coordinators")
    referrer.choose("I agree").press(SEND)
    assert referrer.title == "The referral is sent"
    assert referrer.page.header is None
    assert "frame-ancestors https://www.example.org;" in referrer.response["Content-Security-Policy"] + ";"
    link.revoked_at = timezone.now()
    link.save()
    assert "X-Frame-Options" not in Referrer(link.get_absolute_url() + "?embed=1").response


def test_a_link_without_embedding_pages_cannot_be_embedded(northside, link):
    link.embed_origins = ""
    link.save()
    for address in (link.get_absolute_url() + "?embed=1", "/refer/northside/?embed=1"):
        response = Referrer(address).response
        assert response["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none';" in response["Content-Security-Policy"] + ";"


def test_only_plain_addresses_get_into_the_header():
    lines = [
        "https://www.example.org/a/page",
        "  HTTP://Localhost:8000  ",
        "https://a.example.org; script-src *",
        "https://[::1",
        "javascript:alert(1)",
        "example.org",
        "https://*.example.org",
        "https://user@example.org",
        "",
    ]
    link = ReferralLink(embed_origins="\n".join(lines))
    assert link.framing_origins == ["https://www.example.org", "http://localhost:8000"]
