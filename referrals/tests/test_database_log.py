"""What people write about others never gets into PostgreSQL's log, where nothing would erase it."""

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils import timezone

from referrals import accounts
from referrals.accounts import NewOrganisation, NewUser
from referrals.models import Invitation, Person, PublicMessage, RateLimitCounter, Referral, User
from referrals.rate_limits import Limit, count
from referrals.tests import factories
from referrals.tests.threads import at_once
from referrals.tests.worlds import World
from referrals.visitor_messages.public_messages import ask_network
from referrals.workflow import PersonDetails

LOG = settings.VAR_DIR / "postgres" / "server.log"
SECRET = "maya.ferreira"


@pytest.fixture
def logged(transactional_db) -> Callable[[], str]:
    """What the server has logged since the test began."""
    if os.environ.get("DATABASE_URL"):
        pytest.skip("The log of a database that is not the private one cannot be read.")
    start = LOG.stat().st_size

    def read() -> str:
        with LOG.open(errors="replace") as log:
            log.seek(start)
            return log.read()

    return read


def _double_click_on_the_referral_form() -> None:
    world, key = World(), uuid4()
    person = PersonDetails(name=SECRET, email=f"{SECRET}@example.org")
    sent = at_once(*[lambda: world.submit(key=key, person=person, details=SECRET)] * 4)
    assert len({referral.pk for referral in sent}) == Referral.objects.count() == Person.objects.count() == 1


def _double_click_on_a_question() -> None:
    network, key = World().network, uuid4()
    at_once(*[lambda: ask_network(network, key=key, text=SECRET, contact=SECRET, client=None)] * 4)
    assert PublicMessage.objects.count() == 1


def _double_click_on_an_invitation() -> None:
    world = World()
    invitation = {"actor": world.coordinator, "name": "New", "email": f"{SECRET}@example.org"}
    at_once(*[lambda: accounts.invite_organisation(world.network.pk, **invitation)] * 4)
    assert Invitation.objects.count() == 1


def _joining_twice_with_one_address() -> None:
    world = World()
    email = f"{SECRET}@example.org"
    first = accounts.invite_organisation(world.network.pk, actor=world.coordinator, name="New", email=email)
    second = accounts.invite_colleague(world.organisations[0].pk, actor=world.owners[0], email=email, role="member")
    new = NewUser(SECRET, "a long password")
    at_once(
        lambda: accounts.join(first.pk, user=new, organisation=NewOrganisation("New", email)),
        lambda: accounts.join(second.pk, user=new),
    )
    assert User.objects.filter(email=email).count() == 1


def _first_counts_of_one_account_at_the_same_moment() -> None:
    limit = Limit("wrong-password", 10, timedelta(hours=1))
    at_once(*[lambda: count_alone(limit)] * 4)
    assert RateLimitCounter.objects.get().count == 4


@transaction.atomic
def count_alone(limit: Limit) -> None:
    count([(limit, SECRET)], at=timezone.now())


@pytest.mark.parametrize(
    "race",
    [
        _first_counts_of_one_account_at_the_same_moment,
        _double_click_on_the_referral_form,
        _double_click_on_a_question,
        _double_click_on_an_invitation,
        _joining_twice_with_one_address,
    ],
)
def test_a_race_is_no_error_of_the_database(logged, race):
    race()
    assert "ERROR" not in logged()


def test_a_row_that_the_database_refuses_is_not_quoted(logged):
    user = factories.UserFactory(email=f"{SECRET}@example.org")
    with suppress(DatabaseError), transaction.atomic():
        User.objects.create(email=user.email, name=SECRET)
    assert "user_email" in logged() or "duplicate key" in logged()
    assert SECRET not in logged()
