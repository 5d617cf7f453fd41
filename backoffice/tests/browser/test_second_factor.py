"""The second factor as its owner lives it: set up by typing the key, then in by code, and once by a recovery code."""

import re
import time
from base64 import b32decode

import pytest
from django.urls import reverse
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from playwright.sync_api import expect

from backoffice.tests.browser.test_main_job import PASSWORD, sign_in, textbox
from referrals.tests.browsers import in_account_menu
from referrals.tests.worlds import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def owner(transactional_db):
    user = World().owners[0]
    user.set_password(PASSWORD)
    user.save()
    return user


def code_of(key: str) -> str:
    """Return what an app shows that was given `key` by hand."""
    return f"{totp(b32decode(key.replace(' ', ''))):06}"


def turn_on_second_factor(page) -> str:
    """Set the second factor up on its page by typing the key; return the key."""
    key = page.locator("#key").inner_text()
    textbox(page, "Code from your app").fill(code_of(key))
    page.get_by_role("button", name="Turn it on").click()
    page.locator("#codes code").first.wait_for()
    return key


def test_set_up_by_hand_then_in_by_code_and_by_recovery_code_once(owner, live_server, new_context):
    page = new_context().new_page()
    page.goto(live_server.url + reverse("backoffice:index"))
    sign_in(page, owner)
    in_account_menu(page, "link", "Your sign-in").click()
    page.get_by_role("link", name="Set it up").click()
    key = turn_on_second_factor(page)
    recovery_code = page.locator("#codes code").first.inner_text()
    expect(page.get_by_role("button", name="Copy")).to_be_visible()
    page.get_by_role("link", name="I have kept them").click()
    page.get_by_text("10 recovery codes").wait_for()
    in_account_menu(page, "button", "Sign out").click()

    sign_in(page, owner)
    TOTPDevice.objects.update(last_t=int(time.time()) // 30 - 1)  # in place of half a minute's wait for the next code
    textbox(page, "Code from your app").fill(code_of(key))
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name=re.compile("^Hello")).wait_for()
    in_account_menu(page, "button", "Sign out").click()

    for is_good in (True, False):
        sign_in(page, owner)
        page.get_by_role("link", name="Use a recovery code").click()
        textbox(page, "Recovery code").fill(recovery_code)
        page.get_by_role("button", name="Sign in").click()
        if is_good:
            page.get_by_role("heading", name=re.compile("^Hello")).wait_for()
            in_account_menu(page, "button", "Sign out").click()
    page.get_by_text("not one of your recovery codes").wait_for()


def test_who_is_about_to_be_signed_out_is_warned_and_may_stay(owner, live_server, new_context, settings):
    settings.SESSION_IDLE_MINUTES = 3
    page = new_context().new_page()
    page.clock.install()
    page.goto(live_server.url + reverse("backoffice:index"))
    sign_in(page, owner)
    page.get_by_role("heading", name=re.compile("^Hello")).wait_for()
    page.wait_for_load_state()
    page.clock.fast_forward(90_000)
    page.get_by_role("alert").get_by_text("You will be signed out in 3 minutes").wait_for()
    with page.expect_response(lambda response: response.request.method == "POST") as stayed:
        page.get_by_role("button", name="Stay signed in").click()
    assert stayed.value.json()["seconds"] > 170


def test_what_was_typed_can_be_sent_after_signing_in_again_elsewhere(owner, live_server, new_context):
    page = new_context().new_page()
    page.clock.install()
    page.goto(live_server.url + reverse("backoffice:password_change"))
    sign_in(page, owner)
    page.get_by_label("New password", exact=True).fill("three odd words")
    page.context.clear_cookies()
    page.wait_for_load_state()
    page.clock.fast_forward(90_000)
    page.get_by_text("You have been signed out. What you typed is still here").wait_for()
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Sign in again").click()
    sign_in(opened.value, owner)
    opened.value.get_by_role("heading", name=re.compile("^Hello")).wait_for()
    page.bring_to_front()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_label("New password again").fill("three odd words")
    page.get_by_role("button", name="Change the password").click()
    page.get_by_text("Your password is changed").wait_for()
