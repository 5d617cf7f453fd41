"""Leaving the form quickly: by a link without scripts, by button or keys with them; the browser keeps nothing of it."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from playwright.sync_api import expect

from referrals.models import Network
from referrals.tests.referral_form.referrer import SEND, Referrer


def way_out(referrer: Referrer) -> str | None:
    link = referrer.page.select_one("[data-leave] a")
    return link["href"] if link else None


def test_every_step_has_the_way_out_and_so_have_the_pages_after_it(northside):
    referrer = northside.refer()
    pages = [way_out(referrer)]
    referrer = northside.refer_to_consent().choose("Maya does not agree").press(SEND)
    pages.append(way_out(referrer))
    referrer.press("Back to consent")
    pages.append(way_out(referrer))
    assert pages == ["/refer/leave/northside/"] * 3


def test_it_leads_where_the_network_says_and_the_browser_drops_the_pages_it_keeps(northside):
    Network.objects.update(leave_address="https://news.example.org/")
    response = Client().get("/refer/leave/northside/")
    assert (response.status_code, response["Location"]) == (302, "https://news.example.org/")
    assert response["Clear-Site-Data"] == '"cache"'
    assert not response.cookies


def test_a_network_without_an_address_has_no_button_and_whoever_leaves_still_gets_away(northside):
    Network.objects.update(leave_address="")
    assert way_out(northside.refer()) is None
    for slug in ("northside", "no-such-network"):
        assert Client().get(f"/refer/leave/{slug}/")["Location"] == "https://www.bbc.co.uk/weather"


@pytest.mark.parametrize("address", ["ftp://files.example.org/", "ftps://x.example/", "javascript:alert(1)"])
def test_an_address_that_no_browser_would_open_is_refused(northside, address):
    northside.network.leave_address = address
    with pytest.raises(ValidationError) as refused:
        northside.network.full_clean()
    assert "leave_address" in refused.value.message_dict


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("by", ["button", "keys"])
def test_back_shows_nothing_of_what_was_typed(live_server, new_context, northside, by):
    Network.objects.update(leave_address=f"{live_server.url}/privacy/")  # a browser of these tests reaches nothing else
    page = new_context().new_page()
    page.goto(f"{live_server.url}/refer/northside/")
    page.get_by_label("Myself").check()
    page.get_by_label("Name", exact=True).fill("Maya Ferreira")
    page.get_by_label("Phone", exact=True).fill("07700 900123")
    with page.expect_navigation():
        page.get_by_role("button", name="Continue", exact=True).last.click()
    if by == "button":
        page.get_by_role("link", name="Leave this site quickly").click()
    else:
        for _ in range(3):
            page.keyboard.press("Shift")
    page.wait_for_url("**/privacy/")
    page.go_back()
    page.wait_for_url("**/privacy/")  # the first step was open in this tab, and leaves again
    expect(page.get_by_text("Maya")).to_have_count(0)
    assert "Maya" not in page.evaluate("JSON.stringify({ ...sessionStorage })")
