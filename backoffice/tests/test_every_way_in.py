"""Everybody who has no part in a tenant, or only a small one, tries every way into it.

In the gate, those who come closest and a visitor who is signed out try everything; the others try a random quarter.
"""

import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterable

import pytest
from django.apps import apps
from django.test import Client
from wagtail.models import Site

from backoffice.tests.addresses import OF_REFERRALS, addresses_of, arguments, is_open_to
from backoffice.tests.tenants import SECRETS, SECRETS_OF_PEOPLE, Tenant
from backoffice.tests.ways_in import (
    REFUSED,
    Attack,
    addresses_of_cms,
    admin_url,
    everything_of,
    signed_in_in_full,
)
from referrals import models as m
from referrals.tests.depth import draw_cases, gate_or_all
from referrals.tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quiet():
    """Without this, thousands of refusals would be logged with their tracebacks."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


# What another organisation of the network, and a commissioner, may look at, but only the tenant's own people change.
KNOWN_IN_THE_NETWORK = {
    m.Activity,
    m.Area,
    m.Category,
    m.ConsentWording,
    m.Demographic,
    m.DemographicOption,
    m.Network,
    m.NetworkMembership,
    m.OpeningException,
    m.OpeningHours,
    m.Organisation,
    m.Picture,
    m.Restriction,
    m.Service,
}
KNOWN = {
    "outsider": KNOWN_IN_THE_NETWORK,
    "commissioner": KNOWN_IN_THE_NETWORK,
    "editor": set(),
    "former member": set(),
}
OF_KNOWN_ORGANISATIONS = {"backoffice:network_organisation"}


def client_of(who: str, tenant: Tenant) -> Client:
    """Return a client signed in as `who`; a former member's organisation is suspended in the network."""
    if who == "signed out":
        return Client()
    if who == "former member":
        tenant.bystander.memberships.update(status="suspended")
    users = {"nobody": UserFactory, "former member": lambda: tenant.outsider}
    return signed_in_in_full(users.get(who, lambda: getattr(tenant, who))())


def show_to_the_public(tenant: Tenant) -> None:
    """Let the public site show this network's services, of which the last is in a refuge, and those of no other."""
    site = apps.get_model("directory_site", "PublicSite").for_site(Site.objects.get())
    site.shows_all_networks = False
    site.save()
    site.networks.set([tenant.network])
    m.Service.objects.filter(network=tenant.network).update(is_public=True)


# For each way in, the fewest attempts that a whole attack makes, and the names under which it counts them.
WAYS = {
    "lists": (300, {"list", "search", "look-up"}),
    "rows": (300, {"change", "delete", "history", "action", "pop-up"}),
    "relations": (10, set()),  # only those who have forms of their own try these
    "tables": (20, {"import"}),
    "fields": (150, set()),
    "addresses": (300, {"address"}),
}


def run(
    attack: Attack, own: Tenant, may_open: set, is_open: Callable[[str], bool], ways: Collection[str] = tuple(WAYS)
) -> None:
    before = everything_of(attack.victim)
    if "lists" in ways:
        attack.every_list()
    if "rows" in ways:
        attack.every_row(lambda model: model in may_open)
    if "relations" in ways and attack.is_stranger:
        attack.every_relation(own)
    if "tables" in ways:
        attack.every_table()
    if "fields" in ways:
        attack.every_field()
    if "addresses" in ways:
        attack.every_address(arguments, is_open)
    assert everything_of(attack.victim) == before
    assert set().union(*(WAYS[way][1] for way in ways)) <= set(attack.attempts)


QUARTER = gate_or_all(gate=0.25, everything=1)
an_attack = pytest.mark.slow(reason="each part makes both tenants again, and compares all their rows")


def cut_up(who: str, ways: Iterable[str] = WAYS) -> list:
    """Split a whole attack into a case for each way in, so that several processes can share it."""
    return [pytest.param(who, 1, (way,), id=f"{who}-{way}") for way in ways]


def in_quarters(*roles: str) -> list:
    """Return the attacks of smaller roles: in the gate half of them, each with a quarter of its attempts."""
    return [pytest.param(who, QUARTER, tuple(WAYS), id=who, marks=pytest.mark.sampled) for who in roles]


@an_attack
@pytest.mark.parametrize(
    ("who", "share", "ways"),
    [
        *cut_up("coordinator"),
        *cut_up("insider"),
        *in_quarters("commissioner", "editor", "nobody"),
        ("signed out", 1, tuple(WAYS)),
    ],
)
def test_another_network_is_out_of_reach(who, share, ways, ours, theirs):
    client = client_of(who, ours)
    show_to_the_public(ours)
    attack = Attack(client, theirs, forbidden=("theirs",), attempts=Counter(), who=who, share=share)
    run(attack, ours, may_open=set(), is_open=is_open_to(who), ways=ways)
    assert sum(attack.attempts.values()) > (WAYS[ways[0]][0] if len(ways) == 1 else 500 * share)


@an_attack
@pytest.mark.parametrize(
    ("who", "share", "ways"),
    [
        *cut_up("outsider", ways=[way for way in WAYS if way != "relations"]),  # only strangers try these
        *in_quarters("commissioner", "editor", "former member"),
    ],
)
def test_what_is_private_in_a_network_is_out_of_reach_of_its_other_members(who, share, ways, ours):
    client = client_of(who, ours)
    show_to_the_public(ours)
    attack = Attack(client, ours, forbidden=SECRETS, attempts=Counter(), who=f"{who} in it", share=share)
    also = {"outsider": OF_REFERRALS | OF_KNOWN_ORGANISATIONS, "commissioner": OF_KNOWN_ORGANISATIONS}
    is_open = is_open_to(who, also.get(who, ()))
    run(attack, ours, may_open=KNOWN[who], is_open=is_open, ways=ways)
    assert sum(attack.attempts.values()) > (WAYS[ways[0]][0] if len(ways) == 1 else 500 * share)


def test_the_attacks_would_notice_what_they_look_for(theirs):
    """By the same ways, the tenant's own people do find the words that the attackers must not find."""
    for who in ("coordinator", "insider"):
        attack = Attack(client_of(who, theirs), theirs, forbidden=("theirs",), attempts=Counter())
        for look in (attack.every_list, attack.every_field):
            with pytest.raises(AssertionError, match="theirs"):
                look()
    attack = Attack(client_of("insider", theirs), theirs, forbidden=SECRETS, attempts=Counter())
    with pytest.raises(AssertionError, match="secret"):
        attack.get("change", admin_url(m.Person, "change", theirs.referral.person_id))


@pytest.mark.slow(reason="two people open every address of the back office, a third every row")
def test_every_page_that_shows_full_details_records_who_opened_it(ours):
    """Whoever opens a page, it shows no secret of the person unless the same request recorded who it was."""
    seen, stored = Counter(), [admin_url(model, "change", row.pk) for model, row in ours.rows().items()]
    ours.operator = m.User.objects.create_superuser("operator@ours.example")
    addresses = {"coordinator": addresses_of(ours), "insider": addresses_of(ours), "operator": stored}
    for who in addresses:
        client = client_of(who, ours)
        for address in addresses[who]:
            before = m.AccessRecord.objects.count()
            said = client.get(address).getvalue().decode(errors="replace")
            for kept in ("SECRET PLAN", "SECRET CASE NOTE"):  # the organisation's own: no coordinator reads it
                assert kept not in said or who != "coordinator", address
            if any(secret in said for secret in SECRETS_OF_PEOPLE):
                seen[who] += 1
                assert m.AccessRecord.objects.count() > before, address
                opening = m.AccessRecord.objects.first()
                assert (opening.user.email, opening.person) == (f"{who}@ours.example", ours.referral.person), address
    assert seen >= Counter(coordinator=5, insider=4, operator=3)


# Wagtail gives these to everybody. They hold nothing but its own texts and icons.
OF_WAGTAIL_ITSELF = ("cms/sprite", "cms/jsi18n", "cms/login", "cms/password_reset")


@pytest.mark.parametrize(
    ("who", "share"),
    [("coordinator", 1), ("insider", QUARTER), ("commissioner", QUARTER), ("nobody", QUARTER), ("signed out", 1)],
)
def test_the_cms_is_closed_to_all_but_its_editors(who, share, ours):
    client, tried = client_of(who, ours), 0
    for address in draw_cases(f"addresses of the CMS for {who}", list(addresses_of_cms()), share=share):
        for response in (client.get(address), client.post(address)):
            is_its_own = address.startswith(tuple(f"/{start}" for start in OF_WAGTAIL_ITSELF))
            assert response.status_code in REFUSED or is_its_own, address
            tried += 1
    assert tried > 300 * share
