"""When sessions end, what is said then, and what does not keep them alive."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from referrals.models import User
from referrals.tests import factories as f

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough password"
INDEX, SESSION = reverse("backoffice:index"), reverse("backoffice:session")


@pytest.fixture
def sam() -> User:
    return f.UserFactory(email="sam@example.org", name="Sam Okoro", password=PASSWORD)


@pytest.fixture
def client(sam, signed_in):
    return signed_in(sam)


@pytest.fixture
def clock():
    """Move on by minutes; the clock stands still between."""
    start = timezone.now()
    with time_machine.travel(start, tick=False) as traveller:
        yield lambda minutes: traveller.shift(timedelta(minutes=minutes))


def written(client, url: str = INDEX) -> bool:
    with CaptureQueriesContext(connection) as queries:
        client.get(url)
    return any('UPDATE "django_session"' in query["sql"] for query in queries)


def test_an_hour_without_a_click_ends_it_and_says_so_kindly(clock, client):
    clock(61)
    response = client.get("/backoffice/referrals/?tab=all", follow=True)
    (address, _), *_ = response.redirect_chain
    assert address == f"{reverse('backoffice:login')}?next=%2Fbackoffice%2Freferrals%2F%3Ftab%3Dall&ended=idle"
    assert "You were signed out after an hour without a click" in response.text


def test_clicks_keep_it_alive_for_twelve_hours_in_all(clock, client):
    for _ in range(14):
        assert client.get(INDEX).status_code == 200
        clock(50)
    assert client.get(INDEX).status_code == 200
    clock(50)
    assert "12 hours after you signed in" in client.get(INDEX, follow=True).text


def test_a_click_is_written_down_once_a_minute_at_most(clock, client):
    assert not written(client)
    clock(1.1)
    assert written(client)
    assert not written(client)


def test_the_row_is_gone_with_the_session(clock, client):
    clock(61)
    client.get(INDEX)
    assert not Session.objects.exists()


def test_what_a_form_sent_too_late_wanted_is_its_own_page(clock, client):
    clock(61)
    response = client.post("/backoffice/switch/", HTTP_REFERER="http://testserver/backoffice/referrals/?view=1")
    assert "next=%2Fbackoffice%2Freferrals%2F%3Fview%3D1" in response.headers["Location"]
    clock(0)


def test_a_page_for_everybody_just_goes_on(clock, client, world):
    clock(61)
    assert client.get(reverse("referral_form", args=[world.network.slug])).status_code == 200


def test_the_editor_s_own_pings_are_no_clicks(clock, client, sam):
    User.objects.filter(pk=sam.pk).update(is_superuser=True)
    ping = reverse("wagtailadmin_editing_sessions:ping", args=["wagtailcore", "page", "1", 1])
    for _ in range(12):
        clock(5.1)
        client.post(ping)
    assert client.get(INDEX).status_code == 302


def test_asking_how_long_it_lasts_does_not_prolong_it(clock, client):
    clock(50)
    assert client.get(SESSION).json() == {"seconds": 600}
    clock(5)
    assert client.get(SESSION).json() == {"seconds": 300}
    assert client.post(SESSION).json() == {"seconds": 3600}
    clock(61)
    assert client.get(SESSION).json() == {"seconds": 0}


def test_staying_needs_the_token_of_the_page(sam):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(sam)
    assert client.post(SESSION).status_code == 403


def test_whoever_has_no_session_gets_none(client):
    client.cookies.clear()
    response = client.get(SESSION)
    assert response.json() == {"seconds": 0}
    assert not response.cookies.get("sessionid")


def test_a_session_that_does_not_know_when_it_began_is_over(client):
    session = client.session
    del session["signed_in_at"]
    session.save()
    assert client.get(INDEX).status_code == 302


def test_the_warning_is_on_every_page_of_those_signed_in(client):
    assert "backoffice/session.js" in client.get(INDEX).text
    client.post(reverse("backoffice:logout"))
    assert "backoffice/session.js" not in client.get(reverse("backoffice:login")).text


class TestEndingThemByHand:
    def test_everywhere(self, sam, signed_in):
        here, elsewhere = signed_in(sam), signed_in(sam)
        url = reverse("backoffice:sign_out_everywhere")
        assert "this one too" in here.get(url).text
        assert "signed out everywhere" in here.post(url, follow=True).text
        assert [browser.get(INDEX).status_code for browser in (here, elsewhere)] == [302, 302]

    def test_a_changed_password_ends_all_others(self, sam, signed_in):
        here, elsewhere = signed_in(sam), signed_in(sam)
        data = {"password": PASSWORD, "new_password1": "three odd words", "new_password2": "three odd words"}
        here.post(reverse("backoffice:password_change"), data)
        assert [browser.get(INDEX).status_code for browser in (here, elsewhere)] == [200, 302]

    def test_the_old_password_is_always_asked_for(self, sam, client):
        data = {"password": "guess", "new_password1": "three odd words", "new_password2": "three odd words"}
        assert "This is not your password" in client.post(reverse("backoffice:password_change"), data).text
        assert User.objects.get(pk=sam.pk).check_password(PASSWORD)

    def test_guessing_it_from_a_screen_left_open_is_throttled(self, client):
        data = {"password": "guess", "new_password1": "three odd words", "new_password2": "three odd words"}
        for _ in range(10):
            response = client.post(reverse("backoffice:password_change"), data)
        assert "wait 15 minutes" in response.text

    def test_what_happened_stands_on_the_page(self, sam, client):
        data = {"password": PASSWORD, "new_password1": "three odd words", "new_password2": "three odd words"}
        text = client.post(reverse("backoffice:password_change"), data, follow=True).text
        assert "Has a new password" in text
