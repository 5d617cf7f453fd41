"""A right that is withdrawn while somebody waits for a lock counts no more, although the request had read it before.

Real threads, real connections, real commits.
"""

import threading
import uuid
from collections.abc import Callable

import pytest
from django.db import transaction

from referrals import accounts, freshness, workflow
from referrals import models as m
from referrals.access.reach import keep_reach, reach_of
from referrals.enums import OrganisationRole, WhatIsWrong
from referrals.locks import take_named_lock
from referrals.refusals import NotAllowed
from referrals.tests import factories as f
from referrals.tests.threads import at_once, wait_for_lock
from referrals.tests.worlds import World
from referrals.visitor_messages import public_messages

pytestmark = pytest.mark.django_db(transaction=True)


def a_role(world: World, actor: m.User) -> tuple:
    member = f.OrganisationMemberFactory(organisation=world.organisations[0])
    return member.organisation, lambda: accounts.change_role(member.pk, actor=actor, role=OrganisationRole.OWNER)


def leaving(world: World, actor: m.User) -> tuple:
    membership = world.organisations[0].memberships.get()
    return membership, lambda: workflow.leave(membership.pk, actor=actor)


def a_service(world: World, actor: m.User) -> tuple:
    return world.services[0], lambda: workflow.pause(world.services[0].pk, actor=actor)


def confirming(world: World, actor: m.User) -> tuple:
    return world.services[0], lambda: freshness.confirm([world.services[0].pk], actor=actor)


def a_note(world: World, actor: m.User) -> tuple:
    referral = world.submit()
    return referral, lambda: workflow.add_note(referral.pk, actor=actor, text="Rang.")


def a_message(world: World, actor: m.User) -> tuple:
    message = public_messages.suggest_correction(
        world.services[0], key=uuid.uuid4(), wrong=WhatIsWrong.CLOSED, client=None
    )
    return message, lambda: public_messages.mark_done(message.pk, actor=actor)


def a_category(world: World, actor: m.User) -> tuple:
    return world.network, lambda: workflow.retire_category(world.needs[0].pk, actor=actor)


def an_invitation(world: World, actor: m.User) -> tuple:
    def invite() -> object:
        role = OrganisationRole.MEMBER
        return accounts.invite_colleague(world.organisations[0].pk, actor=actor, email="new@example.org", role=role)

    return ("invitation", "new@example.org"), invite


def joining(world: World, actor: m.User) -> tuple:
    invitation = f.InvitationFactory(
        network=f.NetworkFactory(),
        email=actor.email,
        role=OrganisationRole.OWNER,
        invited_by=f.UserFactory(is_superuser=True),
    )
    organisation = world.organisations[0]
    return organisation, lambda: accounts.join(invitation.pk, user=actor, organisation=organisation.pk)


@pytest.mark.parametrize("verb", [a_role, leaving, a_service, confirming, a_note, a_message, an_invitation, joining])
def test_whoever_is_put_out_of_the_organisation_while_waiting_is_refused(verb):
    world = World(organisations=1)
    f.OrganisationMemberFactory(organisation=world.organisations[0], role=OrganisationRole.OWNER)
    refuses(verb, world, world.owners[0], lambda: m.OrganisationMember.objects.filter(user=world.owners[0]).delete())


def test_whoever_loses_the_network_while_waiting_is_refused():
    world = World(organisations=1)
    refuses(a_category, world, world.coordinator, m.NetworkRole.objects.all().delete)


def refuses(verb: Callable, world: World, actor: m.User, withdraw: Callable) -> None:
    locked, call = verb(world, actor)
    is_locked = threading.Event()

    def withdraw_while_the_other_waits() -> None:
        with transaction.atomic():
            if isinstance(locked, tuple):
                take_named_lock(*locked)
            else:
                type(locked).objects.select_for_update(no_key=True).get(pk=locked.pk)
            withdraw()
            is_locked.set()
            wait_for_lock()

    def ask() -> object:
        assert is_locked.wait(timeout=30)
        with keep_reach():
            assert reach_of(actor).organisations or reach_of(actor).roles
            try:
                return call()
            except NotAllowed:
                return []

    assert at_once(withdraw_while_the_other_waits, ask)[1] == []
