"""What is sent after a session has ended: kept for the same user for an hour, and sent only if they send it again."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import resolve, reverse
from django.utils import timezone
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice, default_key

from backoffice.tests.addresses import addresses_of
from referrals import accounts
from referrals.enums import AssignmentStatus
from referrals.models import Note, User
from referrals.tests.worlds import live_on, only_strand
from referrals.view_access import is_open_to_signed_out

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough password"
LOGIN, LOGOUT, UNSENT = (reverse(f"backoffice:{name}") for name in ("login", "logout", "unsent"))
TEXT = "Rang twice. She asks for a woman's voice."


@pytest.fixture
def sam(world) -> User:
    return with_password(world.owners[0])


@pytest.fixture
def referral(world):
    return world.submit()


@pytest.fixture
def browser(sam) -> Client:
    client = Client()
    sign_in(client, sam)
    return client


def with_password(user: User) -> User:
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(client: Client, user: User, **data: object):
    return client.post(LOGIN, {"username": user.email, "password": PASSWORD, **data})


def page_of(referral) -> str:
    return f"{reverse('backoffice:referrals')}?view={referral.reference}"


def add_note(client: Client, referral, text: str = TEXT, headers: dict | None = None, **fields: str):
    address = reverse("backoffice:workspace_note", args=[referral.reference])
    headers = {"referer": f"http://testserver{page_of(referral)}"} | (headers or {})
    return client.post(address, {"text": text, **fields}, headers=headers)


def end_session(client: Client) -> None:
    Session.objects.all().delete()


def sign_out_in_another_tab(client: Client) -> None:
    client.post(LOGOUT)


def lose_the_cookie(client: Client) -> None:
    del client.cookies["sessionid"]


class TestTheSameUser:
    @pytest.mark.parametrize("end", [end_session, sign_out_in_another_tab, lose_the_cookie])
    def test_finds_their_note_and_sends_it_again(self, end, browser, sam, referral):
        end(browser)
        refused = add_note(browser, referral)
        assert refused.headers["Location"].startswith(LOGIN)
        assert "Rang" not in refused.headers["Location"]
        door = browser.get(refused.headers["Location"])
        assert "What you typed is kept for an hour" in door.text
        assert "Rang" not in door.text
        assert sign_in(browser, sam, next=page_of(referral)).headers["Location"] == UNSENT
        page = browser.get(UNSENT)
        assert f'<textarea id="unsent-1-1" name="text" rows="4">\n{TEXT}</textarea>' in page.text.replace("&#x27;", "'")
        assert f'href="{page_of(referral)}"' in page.text
        assert not Note.objects.exists()
        action = page.text.split('<form method="post" action="')[-2].split('"')[0]
        browser.post(action, {"text": TEXT})
        assert Note.objects.get().text == TEXT

    def test_finds_it_when_the_session_has_expired_unused(self, browser, sam, referral):
        with time_machine.travel(timezone.now() + timedelta(minutes=61), tick=False):
            add_note(browser, referral)
            sign_in(browser, sam)
            assert "Rang twice." in browser.get(UNSENT).text

    def test_finds_it_until_it_is_sent(self, browser, sam, referral):
        browser.post(LOGOUT)
        add_note(browser, referral)
        sign_in(browser, sam)
        for _ in range(2):  # opening the page, in another tab or by prefetching, does not use it up
            page = browser.get(UNSENT)
            assert "Rang" in page.text
        key = page.context["kept"][0].key
        add_note(browser, referral, unsent_key=key)
        assert Note.objects.count() == 1
        assert "Rang" not in browser.get(UNSENT, follow=True).text
        assert "Rang" not in str([session.get_decoded() for session in Session.objects.all()])

    def test_can_discard_it(self, browser, sam, referral):
        browser.post(LOGOUT)
        add_note(browser, referral)
        sign_in(browser, sam)
        key = browser.get(UNSENT).context["kept"][0].key
        assert "Nothing was sent" in browser.post(UNSENT, {"unsent_key": key}, follow=True).text
        assert "Rang" not in browser.get(UNSENT, follow=True).text

    def test_finds_it_for_an_hour_and_no_longer(self, browser, sam, referral):
        browser.post(LOGOUT)
        add_note(browser, referral)
        with time_machine.travel(timezone.now() + timedelta(minutes=59), tick=False):
            sign_in(browser, sam)
            assert "Rang" in browser.get(UNSENT).text
        with time_machine.travel(timezone.now() + timedelta(minutes=61), tick=False):
            browser.get(reverse("backoffice:index"))
            assert "Rang" not in str([session.get_decoded() for session in Session.objects.all()])
        with time_machine.travel(timezone.now() + timedelta(minutes=110), tick=False):
            assert browser.get(reverse("backoffice:index")).status_code == 200  # the session itself goes on

    def test_reads_what_was_chosen_before_it_is_sent(self, browser, sam, referral):
        browser.post(LOGOUT)
        reject = reverse("backoffice:workspace_reject", args=[referral.reference, live_on(only_strand(referral)).pk])
        browser.post(reject, {"reason": "no_room", "note": TEXT})
        sign_in(browser, sam)
        page = browser.get(UNSENT).text
        assert "<li>Reason: no room</li>" in page
        assert "Send it now" in page

    def test_has_to_choose_again_where_only_a_key_was_sent(self, browser, sam, referral):
        browser.post(LOGOUT)
        add_note(browser, referral, organisation="417")
        sign_in(browser, sam)
        page = browser.get(UNSENT).text
        assert "Rang twice." in page
        assert "go back and choose again" in page
        assert "Send it now" not in page

    def test_is_told_of_everything_that_was_not_kept(self, browser, sam, referral):
        browser.post(LOGOUT)
        add_note(browser, referral, text="x " * 150_000)
        browser.post(reverse("backoffice:workspace_accept", args=[referral.reference, 1]))
        sign_in(browser, sam)
        page = browser.get(UNSENT).text
        assert "What you typed could not be kept" in page
        assert "You pressed a button, and nothing was done" in page

    def test_is_never_redirected_to_another_site(self, browser, sam, referral):
        browser.post(LOGOUT)
        accept = reverse("backoffice:workspace_accept", args=[referral.reference, 1])
        refused = browser.post(accept, HTTP_REFERER="http://testserver//other.example/page")
        assert "other.example" not in refused.headers["Location"]
        assert sign_in(browser, sam).headers["Location"] == UNSENT
        assert browser.get(UNSENT).headers["Location"] == reverse("backoffice:index")

    def test_who_only_pressed_a_button_is_led_back_to_its_page(self, browser, sam, referral):
        offer = live_on(only_strand(referral))
        browser.post(LOGOUT)
        accept = reverse("backoffice:workspace_accept", args=[referral.reference, offer.pk])
        browser.post(accept, HTTP_REFERER=f"http://testserver{page_of(referral)}")
        response = browser.get(sign_in(browser, sam).headers["Location"], follow=True)
        assert response.redirect_chain == [(page_of(referral), 302)]
        assert "Please press again" in response.text
        assert live_on(only_strand(referral)).status == AssignmentStatus.OFFERED

    def test_with_a_second_factor_finds_it_after_the_code(self, browser, sam, referral):
        key = default_key()
        accounts.turn_second_factor_on(sam, key=key, code=f"{totp(bytes.fromhex(key)):06}")
        TOTPDevice.objects.update(last_t=-1)
        browser.post(LOGOUT)
        add_note(browser, referral)
        sign_in(browser, sam)
        response = browser.post(reverse("backoffice:code"), {"code": f"{totp(bytes.fromhex(key)):06}"})
        assert response.headers["Location"] == UNSENT
        assert "Rang twice." in browser.get(UNSENT).text

    def test_is_told_which_files_were_not_kept(self, browser, sam):
        browser.post(LOGOUT)
        files = [SimpleUploadedFile(name, b"Name\nHall\n") for name in ("venues.csv", "more.csv")]
        browser.post(reverse("backoffice:referrals_venue_import"), {"table": files})
        sign_in(browser, sam)
        page = browser.get(UNSENT).text
        assert "Files cannot be kept: venues.csv, more.csv" in page
        assert "Send it now" not in page  # there is nothing to send without them

    def test_a_password_that_was_typed_is_not_kept(self, browser, sam):
        browser.post(LOGOUT)
        browser.post(reverse("backoffice:password_change"), {"password": "my old secret", "new_password1": "my new"})
        assert "secret" not in str([session.get_decoded() for session in Session.objects.all()])
        sign_in(browser, sam)
        assert "secret" not in browser.get(UNSENT, follow=True).text


class TestAnotherUser:
    def test_in_the_same_browser_is_not_shown_it(self, browser, world, referral):
        browser.post(LOGOUT)
        add_note(browser, referral)
        response = sign_in(browser, with_password(world.owners[1]), next=page_of(referral))
        assert response.headers["Location"] == page_of(referral)
        for address in (page_of(referral), UNSENT):
            assert "Rang" not in browser.get(address, follow=True).text
        assert "Rang" not in str([session.get_decoded() for session in Session.objects.all()])

    def test_nothing_is_kept_in_a_browser_in_which_nobody_has_signed_in(self, referral):
        stranger = Client()
        response = add_note(stranger, referral)
        assert "ended=lost" in response.headers["Location"]
        assert not Session.objects.exists()


class TestAPageFromBeforeSomebodySignedInAgain:
    @pytest.fixture
    def tab(self, sam) -> Client:
        client = Client(enforce_csrf_checks=True)
        token = client.get(LOGIN).cookies["csrftoken"].value
        client.post(LOGIN, {"username": sam.email, "password": PASSWORD, "csrfmiddlewaretoken": token})
        return client

    def test_its_words_are_shown_to_be_sent_again(self, tab, referral):
        response = add_note(tab, referral, headers={"origin": "http://testserver"})
        assert response.status_code == 403
        assert "Rang twice." in response.text
        assert "Send it now" in response.text
        assert "Sign out" in response.text
        assert not Note.objects.exists()

    @pytest.mark.parametrize("origin", ["https://evil.example", "null"])
    def test_words_from_another_site_are_not_shown(self, origin, tab, referral):
        response = add_note(tab, referral, headers={"origin": origin})
        assert response.status_code == 403
        assert "Rang" not in response.text

    def test_a_script_is_answered_in_a_sentence(self, tab, referral):
        response = add_note(tab, referral, headers={"origin": "http://testserver", "hx-request": "true"})
        assert response.text == "Somebody signed in again in another tab. Please load this page again."


def test_the_live_preview_asks_to_sign_in_again(browser):
    browser.post(LOGOUT)
    response = browser.post(reverse("backoffice:service_preview"), {}, HTTP_HX_REQUEST="true")
    assert (response.status_code, response.headers["Content-Type"]) == (403, "text/plain; charset=utf-8")
    assert "sign in again in a new tab" in response.text


def test_every_late_request_to_the_back_office_is_kept_and_redirected(ours):
    addresses = [
        one
        for one in addresses_of(ours)
        if one.startswith("/backoffice/") and not is_open_to_signed_out(resolve(one.split("?")[0]).func)
    ]
    assert len(addresses) > 150
    user = with_password(ours.insider)
    browser = Client()
    sign_in(browser, user)
    browser.post(LOGOUT)
    for address in addresses:
        response = browser.post(address, {"text": TEXT}, HTTP_REFERER=f"http://testserver{reverse('backoffice:index')}")
        assert response.headers["Location"].startswith(f"{LOGIN}?next=%2Fbackoffice%2F&ended=unsent"), address
    assert sign_in(browser, user).headers["Location"] == UNSENT
    assert browser.get(UNSENT).text.count("Send it now") == 5
