"""Passwords at the door: who gets in, what is told, how many wrong ones are looked at."""

import logging
import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ

from referrals import accounts, tasks
from referrals.accounts.wrong_passwords import BY_ONE_ADDRESS, FROM_ONE_ADDRESS, ON_ONE_ACCOUNT
from referrals.client_address import client_address
from referrals.models import AccountEvent, Notification, RateLimitCounter, User
from referrals.tests import factories as f

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough password"
MASKED = re.compile(r'(name="csrfmiddlewaretoken" value=|nonce=)"[^"]+"')
VALUES = re.compile(r"'[^']*'|\b\d+\b|_x\d+")  # in a statement; the last, the numbers of savepoints


@pytest.fixture
def sam() -> User:
    return f.UserFactory(email="sam@example.org", name="Sam Okoro", password=PASSWORD)


@pytest.fixture
def hashed(monkeypatch) -> list[str]:
    """Collect every password that the hasher works on."""
    from django.contrib.auth.hashers import MD5PasswordHasher

    done, encode = [], MD5PasswordHasher.encode

    def counted(self, password, salt):
        done.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    return done


def sign_in(email: str, typed: str = "wrong", *, address: str = "192.0.2.1", client: Client | None = None, **data):
    return (client or Client()).post(
        reverse("backoffice:login"), {"username": email, "password": typed, **data}, REMOTE_ADDR=address
    )


def masked(response, email: str) -> bytes:
    """Return the page without what is random in it, and without the address that was typed."""
    return MASKED.sub("", response.text).replace(email, "").encode()


class TestTheWayIn:
    def test_the_page_asked_for_follows(self, sam):
        assert sign_in(sam.email, PASSWORD, next="/r/AAAA-AAAA/").headers["Location"] == "/r/AAAA-AAAA/"

    @pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
    def test_but_no_page_of_others(self, sam, target):
        assert sign_in(sam.email, PASSWORD, next=target).headers["Location"] == reverse("backoffice:index")

    def test_the_key_of_the_session_is_a_new_one(self, sam):
        client = Client()
        client.get(reverse("backoffice:login"))
        session = client.session
        session["before"] = True
        session.save()
        client.cookies["sessionid"] = before = session.session_key
        sign_in(sam.email, PASSWORD, client=client)
        assert client.cookies["sessionid"].value != before

    def test_signing_out_leads_back_to_the_sign_in_page(self, sam, signed_in):
        client = signed_in(sam)
        assert client.post(reverse("backoffice:logout")).headers["Location"] == reverse("backoffice:login")
        assert client.get(reverse("backoffice:index")).status_code == 302

    def test_who_is_signed_in_is_sent_on_but_never_in_a_circle(self, sam, signed_in):
        response = signed_in(sam).get(reverse("backoffice:login"), {"next": "/cms/"})
        assert response.headers["Location"] == reverse("backoffice:index")

    def test_the_cms_has_no_sign_in_page_of_its_own(self, client):
        response = client.get("/cms/", follow=True)
        assert response.redirect_chain[-1][0].startswith(reverse("backoffice:login"))


KINDS_OF_ACCOUNT = {
    "existing": {},
    "inactive": {"is_active": False},
    "not_staff": {"is_staff": False},
    "without_password": {"password": None},
}


@pytest.fixture(params=KINDS_OF_ACCOUNT)
def somebody(request) -> User:
    return f.UserFactory(email="somebody@example.org", **{"password": PASSWORD, **KINDS_OF_ACCOUNT[request.param]})


class TestNoHintWhetherThereIsAnAccount:
    def test_the_same_page(self, somebody):
        for _ in range(FROM_ONE_ADDRESS.most + 2):
            known, unknown = sign_in(somebody.email), sign_in("nobody@example.org")
            assert known.status_code == unknown.status_code
            assert masked(known, somebody.email) == masked(unknown, "nobody@example.org")
        assert known.status_code == 429

    def test_the_right_password_of_somebody_who_may_not_come_in(self):
        f.UserFactory(email="not.staff@example.org", password=PASSWORD, is_staff=False)
        f.UserFactory(email="inactive@example.org", password=PASSWORD, is_active=False)
        unknown = masked(sign_in("nobody@example.org"), "nobody@example.org")
        for email in ("not.staff@example.org", "inactive@example.org"):
            assert masked(sign_in(email, PASSWORD), email) == unknown
        tried = RateLimitCounter.objects.filter(what=ON_ONE_ACCOUNT.what)
        assert set(tried.values_list("count", flat=True)) == {1}

    def test_the_same_work(self, somebody, hashed):
        """One password is hashed and the same statements are run: time is measured elsewhere."""
        sign_in("somebody.before@example.org")  # whose address is counted from then on
        shapes, hashes = [], []
        for email in (somebody.email, "nobody@example.org"):
            hashed.clear()
            with CaptureQueriesContext(connection) as queries:
                sign_in(email)
            shapes.append([VALUES.sub("?", query["sql"]) for query in queries])
            hashes.append(len(hashed))
        assert shapes[0] == shapes[1]
        assert hashes == [1, 1]


class TestManyWrongPasswords:
    def test_two_hundred_at_one_account(self, sam, hashed):
        hashed.clear()
        answers = [sign_in(sam.email, f"wrong {number}").status_code for number in range(200)]
        assert (answers.count(200), answers.count(429)) == (9, 191)
        assert len(hashed) == FROM_ONE_ADDRESS.most

    def test_the_page_says_how_long_to_wait_and_offers_a_new_password(self, sam):
        for _ in range(FROM_ONE_ADDRESS.most):
            response = sign_in(sam.email)
        assert "cannot sign in with a password for 15 minutes" in response.text
        assert reverse("password_reset") in response.text
        with time_machine.travel(timezone.now() + timedelta(minutes=9, seconds=30)):
            assert "cannot sign in with a password for 6 minutes" in sign_in(sam.email).text

    def test_the_right_one_is_not_looked_at_either_until_the_wait_is_over(self, sam):
        for _ in range(FROM_ONE_ADDRESS.most):
            sign_in(sam.email)
        assert sign_in(sam.email, PASSWORD).status_code == 429
        with time_machine.travel(timezone.now() + timedelta(minutes=15, seconds=1)):
            assert sign_in(sam.email, PASSWORD).status_code == 302

    def test_capitals_and_blanks_make_no_second_account(self, sam):
        typed = ["sam@example.org", "SAM@example.org", " Sam@Example.ORG "]
        answers = [sign_in(typed[number % 3]).status_code for number in range(12)]
        assert answers.count(429) == 3

    def test_the_owner_gets_in_from_elsewhere_while_one_address_guesses(self, sam):
        for _ in range(50):
            sign_in(sam.email, address="203.0.113.66")
        assert sign_in(sam.email, PASSWORD, address="192.0.2.1").status_code == 302

    def test_a_guesser_with_many_addresses_comes_to_thirty(self, sam, hashed):
        hashed.clear()
        answers = [sign_in(sam.email, address=f"203.0.113.{number}").status_code for number in range(200)]
        assert answers.count(429) == 200 - ON_ONE_ACCOUNT.most + 1
        assert len(hashed) == ON_ONE_ACCOUNT.most

    def test_two_hundred_from_one_address_at_many_accounts(self, hashed):
        users = [f.UserFactory(email=f"user{number}@spread.example") for number in range(50)]
        hashed.clear()
        answers = [sign_in(users[number % 50].email, address="203.0.113.66").status_code for number in range(200)]
        assert answers.count(429) == 200 - BY_ONE_ADDRESS.most + 1
        assert len(hashed) == BY_ONE_ADDRESS.most
        assert sign_in(users[0].email, address="192.0.2.1").status_code == 200
        assert not AccountEvent.objects.exists()  # two tries an account are no news to its owner

    def test_an_office_is_not_shut_out_by_a_colleague(self, sam):
        for _ in range(40):
            sign_in("colleague@example.org")
        assert sign_in(sam.email, PASSWORD).status_code == 302

    def test_success_forgives_ones_own_mistakes_and_nobody_elses(self, sam):
        for _ in range(9):
            sign_in(sam.email)
            sign_in(sam.email, address="203.0.113.66")
            sign_in("other@example.org")
        sign_in(sam.email, PASSWORD)
        assert dict(RateLimitCounter.objects.values_list("whom", "count")) == {
            "sam@example.org from 203.0.113.66": 9,
            "other@example.org from 192.0.2.1": 9,
            "sam@example.org": 9,
            "other@example.org": 9,
            "203.0.113.66": 9,
            "192.0.2.1": 9,
        }

    def test_its_owner_is_told_once(self, sam):
        for _ in range(60):
            sign_in(sam.email)
        for number in range(60):
            sign_in(sam.email, address=f"203.0.113.{number}")
        queued = [row.task for row in OrmQ.objects.all() if "warn_account_owner" in row.task["func"]]
        assert len(queued) == 2  # when one address had tried ten times, and when all had tried thirty times
        for task in queued:
            tasks.warn_account_owner(*task["args"])
        assert list(AccountEvent.objects.values_list("user", "kind")) == [(sam.pk, "locked")]
        assert list(Notification.objects.values_list("kind", "recipient")) == [("sign_in_locked", sam.email)]

    def test_an_unknown_account_queues_the_same_task(self):
        for _ in range(11):
            sign_in("nobody@example.org")
        (task,) = OrmQ.objects.all()
        tasks.warn_account_owner(*task.task["args"])
        assert not AccountEvent.objects.exists()

    def test_no_line_of_the_log_names_anybody(self, sam, caplog):
        with caplog.at_level(logging.DEBUG):
            for _ in range(12):
                sign_in(sam.email, address="203.0.113.66")
            sign_in(sam.email, PASSWORD)
        lines = [record.getMessage() for record in caplog.records if record.name != "django.db.backends"]
        assert not [line for line in lines if "sam@example.org" in line or "203.0.113.66" in line]

    def test_what_was_typed_is_kept_nowhere_but_the_address(self, sam):
        sign_in(sam.email, "my secret guess")
        kept = RateLimitCounter.objects.values_list("whom", flat=True)
        assert set(kept) == {"sam@example.org from 192.0.2.1", "sam@example.org", "192.0.2.1"}

    def test_each_wrong_one_opens_the_window_anew(self, sam):
        """Nine tries every ten minutes come to ten in the second round; a pause of the whole window starts again."""
        for minutes in (0, 10):
            with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
                answers = [sign_in(sam.email).status_code for _ in range(9)]
        assert answers == [429] * 9
        with time_machine.travel(timezone.now() + timedelta(minutes=20)):
            assert sign_in(sam.email).status_code == 429
        with time_machine.travel(timezone.now() + timedelta(minutes=26)):
            assert [sign_in(sam.email).status_code for _ in range(9)] == [200] * 9


class TestWhatOperatorsSee:
    @pytest.fixture
    def operator(self) -> User:
        return User.objects.create_superuser("operator@example.org", PASSWORD)

    def test_what_is_refused_now(self, operator, sam, signed_in):
        for _ in range(FROM_ONE_ADDRESS.most):
            sign_in(sam.email)
        client = signed_in(operator)
        assert "1 account is refused just now" in client.get(reverse("backoffice:system")).text
        text = client.get(reverse("backoffice:referrals_ratelimitcounter_changelist")).text
        assert "sam@example.org" in text
        assert "Limit reached until" in text

    def test_nobody_else_sees_it(self, world, sam, signed_in):
        for _ in range(FROM_ONE_ADDRESS.most):
            sign_in(sam.email)
        for user in (world.coordinator, world.owners[0], sam):
            client = signed_in(user)
            assert client.get(reverse("backoffice:referrals_ratelimitcounter_changelist")).status_code == 403
            assert client.get(reverse("backoffice:system")).status_code == 403


class TestFromWhere:
    @pytest.mark.parametrize(
        ("proxies", "remote", "forwarded", "counted"),
        [
            (0, "192.0.2.1", "198.51.100.9", "192.0.2.1"),
            (1, "10.0.0.1", "203.0.113.5, 198.51.100.9", "198.51.100.9"),
            (2, "10.0.0.1", "6.6.6.6, 198.51.100.9, 10.0.0.2", "198.51.100.9"),
            (2, "10.0.0.1", "198.51.100.9", "10.0.0.1"),
            (1, "10.0.0.1", "nonsense", "10.0.0.1"),
            (1, "", "198.51.100.9:4711", "198.51.100.9"),
            (1, "", "[2001:db8:1:2:3::9]:443", "2001:db8:1:2::"),
            (0, "2001:db8:1:2:ffff::1", "", "2001:db8:1:2::"),
            (0, "::ffff:192.0.2.1", "", "192.0.2.1"),
            (0, "", "198.51.100.9", None),
        ],
    )
    def test_the_address_a_proxy_of_ours_was_asked_from(self, settings, proxies, remote, forwarded, counted):
        settings.TRUSTED_PROXIES = proxies
        request = RequestFactory().get("/", REMOTE_ADDR=remote, HTTP_X_FORWARDED_FOR=forwarded)
        assert client_address(request) == counted

    def test_a_made_up_header_buys_no_further_tries(self, sam):
        answers = [
            Client(HTTP_X_FORWARDED_FOR=f"203.0.113.{number}")
            .post(reverse("backoffice:login"), {"username": sam.email, "password": "wrong"})
            .status_code
            for number in range(20)
        ]
        assert answers.count(429) == 11


def test_the_real_hasher_is_django_s_own():
    from backoffice import settings as real

    assert not hasattr(real, "PASSWORD_HASHERS")
    assert PBKDF2PasswordHasher.iterations >= 1_000_000


def test_who_was_told_of_an_attack_can_get_in_by_a_new_password(sam):
    accounts.warn_of_guessing(sam)
    for number in range(200):
        sign_in(sam.email, address=f"203.0.113.{number % 20}")
    assert sign_in(sam.email, PASSWORD).status_code == 429
    accounts.forgive_all(sam.email)
    assert sign_in(sam.email, PASSWORD).status_code == 302
