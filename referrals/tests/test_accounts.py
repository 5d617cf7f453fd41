"""Passwords, second factors and sessions as verbs: what each changes, writes down and tells."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice, default_key

from referrals import accounts, notifications, tasks
from referrals.accounts import second_factor
from referrals.accounts.passwords import RESETS_BY_ONE_ADDRESS
from referrals.accounts.wrong_passwords import ON_ONE_ACCOUNT
from referrals.enums import MembershipStatus, Role
from referrals.models import (
    AccountEvent,
    NetworkMembership,
    Notification,
    PasswordResetRequest,
    RateLimitCounter,
    User,
)
from referrals.refusals import AlreadyDone, NotAllowed, Refusal
from referrals.tests import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture
def sam() -> User:
    return f.UserFactory(email="sam@example.org", name="Sam Okoro", password="a long enough password")


@pytest.fixture
def operator() -> User:
    return User.objects.create_superuser("operator@example.org", "a long enough password", name="Olu Operator")


def asked(email: str) -> PasswordResetRequest:
    accounts.ask_for_password_reset(email, client=None)
    return PasswordResetRequest.objects.first()


def owed() -> list[tuple[str, str]]:
    return list(Notification.objects.order_by("pk").values_list("kind", "recipient"))


def happened(user: User) -> list[str]:
    return list(AccountEvent.objects.filter(user=user).order_by("pk").values_list("kind", flat=True))


def with_app(user: User) -> tuple[str, list[str]]:
    """Turn the second factor on; return the key and the recovery codes."""
    key = default_key()
    _, codes = accounts.turn_second_factor_on(user, key=key, code=code_of(key))
    return key, codes


def code_of(key: str) -> str:
    """Return what an app with `key` shows now."""
    return f"{totp(bytes.fromhex(key)):06}"


class TestForgottenPasswords:
    def test_the_e_mail_goes_to_the_stored_address_not_the_typed_one(self, sam):
        assert accounts.answer_reset_request(asked("SAM@Example.org").pk)
        assert owed() == [("password_reset", "sam@example.org")]
        assert happened(sam) == ["password_reset_asked"]

    @pytest.mark.parametrize("fields", [{"is_active": False}, {"is_staff": False}])
    def test_users_who_cannot_sign_in_get_no_e_mail(self, sam, fields):
        User.objects.filter(pk=sam.pk).update(**fields)
        assert not accounts.answer_reset_request(asked(sam.email).pk)
        assert owed() == []

    def test_an_unknown_address_leaves_the_request_and_nothing_else(self):
        assert not accounts.answer_reset_request(asked("nobody@example.org").pk)
        assert owed() == []

    def test_answering_twice_sends_one_e_mail(self, sam):
        request = asked(sam.email)
        assert [accounts.answer_reset_request(request.pk) for _ in range(2)] == [True, False]
        assert len(owed()) == 1

    def test_at_most_one_e_mail_in_five_minutes(self, sam):
        assert accounts.answer_reset_request(asked(sam.email).pk)
        assert not accounts.answer_reset_request(asked(sam.email).pk)
        with time_machine.travel(timezone.now() + timedelta(minutes=6)):
            assert accounts.answer_reset_request(asked(sam.email).pk)
        assert len(owed()) == 2

    def test_clients_without_an_address_do_not_hold_each_other_back(self, sam):
        for number in range(RESETS_BY_ONE_ADDRESS.most + 1):
            accounts.ask_for_password_reset(f"{number}@example.org", client=None)
            accounts.count_page_password("1", client=None)
        assert set(RateLimitCounter.objects.values_list("what", "whom")) == {("page-password", "1")}

    def test_the_sweep_answers_requests_whose_task_was_lost(self, sam):
        accounts.ask_for_password_reset(sam.email, client=None)
        assert tasks.answer_reset_requests() == 1
        assert tasks.answer_reset_requests() == 0
        assert PasswordResetRequest.objects.get().handled_at is not None

    def test_requests_are_deleted_after_a_day(self, sam):
        with time_machine.travel(timezone.now() - timedelta(hours=25)):
            accounts.ask_for_password_reset("old@example.org", client=None)
        accounts.ask_for_password_reset(sam.email, client=None)
        tasks.delete_expired()
        assert PasswordResetRequest.objects.get().email == sam.email

    def test_expired_counters_are_deleted(self):
        for limit, minutes in ((ON_ONE_ACCOUNT, 16), (RESETS_BY_ONE_ADDRESS, 61)):
            for whom, passed in (("old", minutes), ("new", 0)):
                since = timezone.now() - timedelta(minutes=passed)
                RateLimitCounter.objects.create(what=limit.what, whom=whom, since=since, count=3)
        tasks.delete_expired()
        assert list(RateLimitCounter.objects.values_list("whom", flat=True)) == ["new", "new"]

    def test_the_outbox_shows_no_link(self, sam):
        accounts.answer_reset_request(asked(sam.email).pk)
        notification = Notification.objects.get()
        shown, sent = notifications.render(notification), notifications.render(notification, to_send=True)
        assert "/backoffice/password-reset/" in sent.text
        assert "/backoffice/password-reset/" not in shown.text + shown.html


@pytest.mark.django_db(transaction=True)
def test_two_workers_that_answer_at_once_send_one_message():
    sam = f.UserFactory(email="sam@example.org")
    requests = [asked(sam.email).pk for _ in range(4)]

    def answer(pk: int) -> bool:
        try:
            return accounts.answer_reset_request(pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(answer, requests * 2)) == [False] * 7 + [True]
    assert len(owed()) == 1


class TestChanges:
    def test_a_new_password_ends_sessions_and_notifies_the_user(self, sam):
        before = sam.get_session_auth_hash()
        accounts.change_password(sam, "another long password", actor=sam)
        fresh = User.objects.get(pk=sam.pk)
        assert fresh.check_password("another long password")
        assert fresh.get_session_auth_hash() != before
        assert (happened(sam), owed()) == (["password_changed"], [("account_changed", "sam@example.org")])

    def test_signing_out_everywhere_ends_sessions_and_notifies_the_user(self, sam):
        before = sam.get_session_auth_hash()
        accounts.sign_out_everywhere(sam, actor=sam)
        assert User.objects.get(pk=sam.pk).get_session_auth_hash() != before
        assert (happened(sam), owed()) == (["signed_out_everywhere"], [("account_changed", "sam@example.org")])

    def test_the_owner_is_warned_of_guessing_once_an_hour(self, sam):
        assert [accounts.warn_of_guessing(sam) for _ in range(3)] == [True, False, False]
        with time_machine.travel(timezone.now() + timedelta(minutes=61)):
            assert accounts.warn_of_guessing(sam)
        assert owed() == [("sign_in_locked", "sam@example.org")] * 2

    def test_a_warning_about_codes_is_sent_within_the_same_hour(self, sam):
        assert accounts.warn_of_guessing(sam)
        assert accounts.warn_of_guessing(sam, by="code")
        assert "somebody knows your password" in notifications.render(Notification.objects.first()).text

    def test_every_message_is_complete_for_a_user_without_a_network(self, sam, operator):
        with_app(sam)
        accounts.turn_second_factor_off(sam, actor=operator)
        accounts.warn_of_guessing(sam, by="code")
        accounts.change_password(sam, "another long password", actor=sam)
        assert {kind for kind, _ in owed()} == {"account_changed", "sign_in_locked"}
        for notification in Notification.objects.all():
            message = notifications.render(notification, to_send=True)
            assert "Referral Networks" in message.text
            assert "None" not in message.text + message.html
            assert sam.email not in message.subject
            assert sam.name not in message.subject


class TestSecondFactor:
    def test_it_is_turned_on_by_a_first_valid_code(self, sam):
        key = default_key()
        with pytest.raises(Refusal, match="This code is wrong"):
            accounts.turn_second_factor_on(sam, key=key, code="000000")
        assert not accounts.second_factor_of(sam).is_on
        _, codes = accounts.turn_second_factor_on(sam, key=key, code=code_of(key))
        assert accounts.second_factor_of(sam).is_on
        assert (len(set(codes)), accounts.codes_left(sam)) == (10, 10)
        assert (happened(sam), owed()) == (["second_factor_on"], [("account_changed", "sam@example.org")])

    def test_a_user_has_one_second_factor(self, sam):
        with_app(sam)
        with pytest.raises(AlreadyDone):
            with_app(sam)
        assert TOTPDevice.objects.filter(user=sam).count() == 1

    def test_a_code_works_once(self, sam):
        key, _ = with_app(sam)
        assert accounts.check_code(sam, code_of(key)) is None  # it turned the second factor on
        with time_machine.travel(time.time() + 90):
            assert accounts.check_code(sam, code_of(key))
            assert accounts.check_code(sam, code_of(key)) is None

    def test_a_recovery_code_works_once_however_it_is_typed(self, sam):
        _, codes = with_app(sam)
        assert accounts.use_recovery_code(sam, f" {codes[0].upper().replace('-', ' ')}")
        assert accounts.use_recovery_code(sam, codes[0]) is None
        assert accounts.codes_left(sam) == 9
        assert happened(sam) == ["second_factor_on", "recovery_code_used"]

    def test_recovery_codes_are_not_stored_readably(self, sam):
        _, codes = with_app(sam)
        stored = set(StaticToken.objects.values_list("token", flat=True))
        plain = {code.replace("-", "") for code in codes}
        assert not stored & {*codes, *plain}
        assert len(stored) == 10

    def test_codes_of_another_user_are_refused(self, sam):
        other = f.UserFactory()
        key, codes = with_app(other)
        with_app(sam)
        assert accounts.use_recovery_code(sam, codes[0]) is None
        with time_machine.travel(time.time() + 90):
            assert accounts.check_code(sam, code_of(key)) is None

    def test_new_recovery_codes_replace_the_old_ones(self, sam):
        _, old = with_app(sam)
        new = accounts.make_recovery_codes(sam)
        assert accounts.use_recovery_code(sam, new[0])
        assert accounts.use_recovery_code(sam, old[0]) is None

    def test_codes_without_a_second_factor_are_refused(self, sam):
        with pytest.raises(NotAllowed):
            accounts.make_recovery_codes(sam)

    def test_guessing_waits_longer_each_time_and_warns_the_user(self, sam):
        key, _ = with_app(sam)
        moment = time.time() + 90
        for tries in range(second_factor.WARN_AFTER_WRONG_CODES):
            moment += 2**tries + 1
            with time_machine.travel(moment):
                assert accounts.check_code(sam, "000000") is None
        assert "locked" in happened(sam)
        with time_machine.travel(moment + 10), pytest.raises(accounts.TooManyTries) as refusal:
            accounts.check_code(sam, code_of(key))
        assert refusal.value.until.timestamp() == pytest.approx(moment + 16, abs=1)
        with time_machine.travel(moment + 17):
            assert accounts.check_code(sam, code_of(key))

    def test_a_new_password_clears_wrong_codes(self, sam):
        key, _ = with_app(sam)
        TOTPDevice.objects.update(throttling_failure_count=12, throttling_failure_timestamp=timezone.now())
        accounts.change_password(sam, "another long password", actor=sam)
        with time_machine.travel(time.time() + 90):
            assert accounts.check_code(sam, code_of(key))

    def test_users_can_turn_off_their_own(self, sam):
        _, codes = with_app(sam)
        accounts.turn_second_factor_off(sam, actor=sam)
        assert not accounts.second_factor_of(sam).is_on
        assert accounts.use_recovery_code(sam, codes[0]) is None

    def test_it_stays_on_while_a_network_requires_it(self, sam):
        f.NetworkRoleFactory(user=sam, network__requires_second_factor=True)
        with_app(sam)
        with pytest.raises(NotAllowed, match="asks everybody"):
            accounts.turn_second_factor_off(sam, actor=sam)

    def test_an_operator_turns_off_a_lost_phones_and_ends_every_session(self, sam, operator):
        f.NetworkRoleFactory(user=sam, network__requires_second_factor=True)
        with_app(sam)
        before = sam.get_session_auth_hash()
        accounts.turn_second_factor_off(sam, actor=operator)
        assert User.objects.get(pk=sam.pk).get_session_auth_hash() != before
        assert not accounts.second_factor_of(sam).is_on

    def test_a_coordinator_cannot_turn_it_off(self, sam):
        coordinator = f.NetworkRoleFactory(role=Role.COORDINATOR).user
        with_app(sam)
        with pytest.raises(NotAllowed):
            accounts.turn_second_factor_off(sam, actor=coordinator)


class TestWhoIsAskedForOne:
    def asked_for(self, user: User) -> bool:
        return accounts.second_factor_of(user).is_required

    @pytest.mark.parametrize("role", Role)
    def test_it_is_required_of_everyone_with_a_role_in_the_network(self, sam, role):
        f.NetworkRoleFactory(user=sam, role=role, network__requires_second_factor=True)
        assert self.asked_for(sam)

    @pytest.mark.parametrize(
        ("status", "is_asked"),
        [(MembershipStatus.ACTIVE, True), (MembershipStatus.SUSPENDED, False), (MembershipStatus.LEFT, False)],
    )
    def test_it_is_required_of_members_of_active_organisations(self, sam, status, is_asked):
        network = f.NetworkFactory(requires_second_factor=True)
        member = f.OrganisationMemberFactory(user=sam, organisation__network=network)
        NetworkMembership.objects.filter(organisation=member.organisation).update(status=status)
        assert self.asked_for(sam) is is_asked

    def test_it_is_required_of_operators_once_any_network_does(self, operator):
        assert not self.asked_for(operator)
        f.NetworkFactory(requires_second_factor=True)
        assert self.asked_for(operator)

    def test_it_is_not_required_in_other_networks(self, sam):
        f.NetworkFactory(requires_second_factor=True)
        f.NetworkRoleFactory(user=sam)
        assert not self.asked_for(sam)
