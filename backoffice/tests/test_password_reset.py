"""A new password by mail: the same for everybody until the link is opened, and then a way in."""

import re

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice, default_key

from backoffice.tests.test_sign_in import VALUES, masked, sign_in
from referrals import accounts, notifications, tasks
from referrals.accounts.passwords import RESETS_BY_ONE_ADDRESS
from referrals.models import AccountEvent, Notification, PasswordResetRequest, User
from referrals.tests import factories as f

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough password"
NEW = {"new_password1": "three odd words", "new_password2": "three odd words"}
ASK = reverse("password_reset")


@pytest.fixture
def sam() -> User:
    return f.UserFactory(email="sam@example.org", name="Sam Okoro", password=PASSWORD)


def ask(email: str, *, address: str = "192.0.2.1"):
    return Client().post(ASK, {"email": email}, REMOTE_ADDR=address)


def mailed_link() -> str:
    """Let the worker answer, and return the path in the message it would send."""
    tasks.answer_reset_requests()
    text = notifications.render(Notification.objects.get(kind="password_reset"), to_send=True).text
    return re.search(r"https?://[^/]+(/backoffice/password-reset/\S+)", text)[1]


def open_link(client: Client, path: str) -> str:
    """Follow the link to the page without its token; return that page's address."""
    return client.get(path).headers["Location"]


class TestAsking:
    def test_the_same_page_whoever_asks(self, sam):
        f.UserFactory(email="inactive@example.org", password=PASSWORD, is_active=False)
        f.UserFactory(email="without@example.org", password=None)
        f.UserFactory(email="not.staff@example.org", password=PASSWORD, is_staff=False)
        typed = ["nobody@example.org", "sam@example.org", "inactive@example.org", "without@example.org"]
        pages = {masked(ask(email), email) for email in [*typed, "not.staff@example.org"]}
        assert len(pages) == 1
        assert b"If there is an account" in pages.pop()

    def test_the_same_work_whoever_asks(self, sam, monkeypatch):
        ask("somebody.before@example.org")  # whose address is counted from then on
        hashed = []
        monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *args: hashed.append(args))
        shapes = []
        for email in ("sam@example.org", "nobody@example.org"):
            with CaptureQueriesContext(connection) as queries:
                ask(email)
            shapes.append([VALUES.sub("?", query["sql"]) for query in queries])
        assert shapes[0] == shapes[1]
        assert not any("referrals_user" in statement for statement in shapes[0])
        assert hashed == []

    def test_twenty_an_hour_from_one_address_with_the_same_words_for_all(self, sam):
        answers = [ask(f"user{number}@example.org").status_code for number in range(RESETS_BY_ONE_ADDRESS.most)]
        assert set(answers) == {200}
        known, unknown = ask("sam@example.org"), ask("nobody@example.org")
        assert (known.status_code, unknown.status_code) == (429, 429)
        assert masked(known, "sam@example.org") == masked(unknown, "nobody@example.org")
        assert PasswordResetRequest.objects.count() == RESETS_BY_ONE_ADDRESS.most
        assert ask("sam@example.org", address="192.0.2.2").status_code == 200

    def test_no_address_is_no_request(self, client):
        assert "Error: " in client.post(ASK, {"email": "nonsense"}).text
        assert not PasswordResetRequest.objects.exists()


class TestTheLink:
    def test_it_sets_a_password_and_signs_in(self, sam, client):
        ask("Sam@Example.org")
        page = open_link(client, mailed_link())
        assert "token" not in page
        response = client.post(page, NEW)
        assert response.headers["Location"] == reverse("backoffice:index")
        assert client.get(reverse("backoffice:index")).status_code == 200
        assert User.objects.get(pk=sam.pk).check_password("three odd words")
        kinds = list(AccountEvent.objects.filter(user=sam).values_list("kind", flat=True))
        assert kinds == ["password_changed", "password_reset_asked"]

    def test_it_is_good_once(self, sam, client):
        ask(sam.email)
        path = mailed_link()
        client.post(open_link(client, path), NEW)
        assert "no longer works" in Client().get(path).text

    def test_it_ends_every_other_session(self, sam, client, signed_in):
        elsewhere = signed_in(sam)
        ask(sam.email)
        client.post(open_link(client, mailed_link()), NEW)
        assert elsewhere.get(reverse("backoffice:index")).status_code == 302

    def test_a_weak_password_is_refused(self, sam, client):
        ask(sam.email)
        page = open_link(client, mailed_link())
        response = client.post(page, {"new_password1": "password", "new_password2": "password"})
        assert "too common" in response.text
        assert User.objects.get(pk=sam.pk).check_password(PASSWORD)

    @pytest.mark.parametrize("change", [{"is_active": False}, {"is_staff": False}])
    def test_not_for_those_who_may_not_sign_in_any_more(self, sam, client, change):
        ask(sam.email)
        path = mailed_link()
        User.objects.filter(pk=sam.pk).update(**change)
        assert "no longer works" in client.get(path).text

    def test_a_made_up_one_tells_nothing(self, sam, client):
        pages = {client.get(reverse("password_reset_confirm", args=[key, "a-b"])).text for key in ("MQ", "x", "OTk5")}
        assert len({re.sub(r'value="\w+"', "", page) for page in pages}) == 1

    def test_with_a_second_factor_the_code_is_asked_for_as_well(self, sam, client):
        key = default_key()
        accounts.turn_second_factor_on(sam, key=key, code=f"{totp(bytes.fromhex(key)):06}")
        TOTPDevice.objects.update(last_t=-1)
        ask(sam.email)
        response = client.post(open_link(client, mailed_link()), NEW)
        assert response.headers["Location"] == reverse("backoffice:code")
        assert client.get(reverse("backoffice:index")).status_code == 302
        client.post(reverse("backoffice:code"), {"code": f"{totp(bytes.fromhex(key)):06}"})
        assert client.get(reverse("backoffice:index")).status_code == 200


def test_the_honest_user_gets_in_while_the_attack_goes_on(sam, client):
    for number in range(200):
        sign_in(sam.email, address=f"203.0.113.{number % 50}")
    assert sign_in(sam.email, PASSWORD).status_code == 429
    ask(sam.email)
    client.post(open_link(client, mailed_link()), NEW)
    for number in range(200):
        sign_in(sam.email, address=f"203.0.113.{number % 50}")
    assert client.get(reverse("backoffice:index")).status_code == 200
