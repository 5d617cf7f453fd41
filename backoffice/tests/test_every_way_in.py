"""Everybody who has no part in a tenant, or only a small one, tries every way into it.

In the gate, those who come closest and a visitor who is signed out try everything; the others try a random quarter.
"""

import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterable

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from wagtail.models import Site

from backoffice.tests.tenants import SECRETS, SECRETS_OF_PEOPLE, Tenant
from backoffice.tests.ways_in import (
    NOT_ATTACKED,
    REFUSED,
    Attack,
    addresses_of_cms,
    admin_url,
    everything_of,
    named_patterns,
    signed_in_in_full,
)
from referrals import models as m
from referrals.tests.depth import draw_cases, gate_or_all
from referrals.tests.factories import UserFactory
from referrals.view_access import is_open_to_signed_out

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quiet():
    """Without this, thousands of refusals would be logged with their tracebacks."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


# Pages for everybody. They show only what is public anyway, which the forbidden words still check.
PUBLIC = {name for name, pattern in named_patterns() if is_open_to_signed_out(pattern.callback)} - {
    "backoffice:logout",
    "healthz",
}
# Pages of the back office that open for whoever is signed in, with what is theirs on them.
FOR_ANYBODY_SIGNED_IN = {
    "backoffice:account",
    "backoffice:autocomplete",
    "backoffice:coverage",
    "backoffice:coverage_table",
    "backoffice:figures",
    "backoffice:figures_report",
    "backoffice:figures_table",
    "backoffice:index",
    "backoffice:invite_organisation",
    "backoffice:jsi18n",
    "backoffice:map_labels",
    "backoffice:network_calendar",
    "backoffice:network_capacity",
    "backoffice:network_list",
    "backoffice:network_list_download",
    "backoffice:network_map",
    "backoffice:network_map_data",
    "backoffice:password_change",
    "backoffice:recovery_codes",
    "backoffice:referral_link_check",
    "backoffice:referrals",
    "backoffice:second_factor",
    "backoffice:second_factor_off",
    "backoffice:settings",
    "backoffice:unsent",
    "backoffice:workspace_export",
    "backoffice:workspace_let_many_through",
    "backoffice:workspace_reassign",
    "backoffice:workspace_spam",
}
FORMATS = [["csv"], ["xlsx"]]


def case(victim: Tenant) -> list:
    return [victim.referral.reference, victim.assignment.pk]


def strand(victim: Tenant) -> list:
    return [victim.referral.reference, victim.assignment.strand_id]


def person(victim: Tenant) -> list:
    return [victim.referral.person_id]


def row(model):
    return lambda victim: [victim.rows()[model].pk]


def team(victim: Tenant) -> list:
    return [["organisation", victim.asked.pk], ["network", victim.network.pk]]


def team_member(victim: Tenant) -> list:
    member = m.OrganisationMember.objects.get(organisation=victim.asked).pk
    return [["organisation", victim.asked.pk, member], ["network", victim.network.pk, victim.role.pk]]


def service_page(victim: Tenant) -> list:
    return [victim.service.pk, "x"]


# The arguments of URLs, by the name of their pattern. Every new pattern that takes arguments must be added.
ARGUMENTS = {
    "branding": lambda victim: ["made-up"],
    "join": lambda victim: ["1.made-up"],
    "leave_form": lambda victim: ["no-such-network"],
    "media": lambda victim: [victim.picture.file.name],
    "password_reset_confirm": lambda victim: [urlsafe_base64_encode(force_bytes(victim.insider.pk)), "made-up"],
    **{f"public_{page}": service_page for page in ("correction", "qr", "send", "service")},
    **{f"public_{page}_thanks": service_page for page in ("correction", "send")},
    "public_catchment": row(m.Service),
    "public_organisation": lambda victim: [victim.asked.pk, "x"],
    "referral": lambda victim: [[victim.referral.reference], [victim.referral.reference.lower()], ["AAAA-AAAA"]],
    "referral_form": lambda victim: ["no-such-network"],
    "referral_form_link": lambda victim: ["made-up"],
    "referral_form_try": lambda victim: ["made-up"],
    "referral_sent": lambda victim: ["made-up"],
    "sitemap_section": lambda victim: [["pages"], ["services"], ["organisations"]],
    "wagtail_serve": lambda victim: ["no-such-page/"],
    "wagtailcore_authenticate_with_password": lambda victim: [1, 1],
    "wagtaildocs_authenticate_with_password": lambda victim: [1],
    "wagtaildocs_serve": lambda victim: [1, "x.pdf"],
    "backoffice:app_list": lambda victim: ["django_q"],
    **{f"backoffice:category_{page}": row(m.Category) for page in ("merge", "retire", "take_back")},
    "backoffice:figures_table": lambda victim: [["months"], ["organisations"], ["sources"], ["no-such-table"]],
    "backoffice:first_steps": lambda victim: [victim.asked.pk],
    "backoffice:invitation_again": row(m.Invitation),
    "backoffice:invitation_decide": row(m.Invitation),
    "backoffice:invitation_force": row(m.Invitation),
    "backoffice:invitation_withdraw": row(m.Invitation),
    "backoffice:membership_leave": row(m.NetworkMembership),
    "backoffice:membership_reinstate": row(m.NetworkMembership),
    "backoffice:membership_suspend": row(m.NetworkMembership),
    "backoffice:network_list_download": lambda victim: FORMATS,
    **{f"backoffice:referral_link_{page}": row(m.ReferralLink) for page in ("open", "revoke")},
    "backoffice:network_organisation": lambda victim: [victim.asked.pk],
    "backoffice:notification_again": row(m.Notification),
    "backoffice:notification_body": row(m.Notification),
    "backoffice:team": team,
    "backoffice:team_remove": team_member,
    "backoffice:team_role": team_member,
    "backoffice:public_message_done": row(m.PublicMessage),
    "backoffice:public_message_reopen": row(m.PublicMessage),
    **{
        f"backoffice:questions{page}": lambda victim: [victim.network.pk]
        for page in ("", "_add", "_adopt", "_bring_in", "_download", "_examples", "_history", "_publish", "_replay")
    },
    **{
        f"backoffice:questions_{page}": lambda victim: [victim.network.pk, victim.question.pk]
        for page in ("delete", "move", "save")
    },
    "backoffice:questions_example_delete": lambda victim: [victim.network.pk, victim.example.pk],
    "backoffice:questions_version": lambda victim: [victim.network.pk, 1],
    "backoffice:service_archive": row(m.Service),
    "backoffice:service_confirm": row(m.Service),
    "backoffice:service_pause": row(m.Service),
    "backoffice:service_preview": row(m.Service),
    "backoffice:service_restore": row(m.Service),
    "backoffice:service_resume": row(m.Service),
    "backoffice:services_confirm": row(m.NetworkMembership),
    **{
        f"backoffice:settings_{page}": lambda victim: [victim.network.pk]
        for page in ("area", "categories", "consent", "demographics", "network")
    },
    "backoffice:suggestion_weights": lambda victim: [victim.network.pk],
    "backoffice:workspace_accept": case,
    "backoffice:workspace_assign": strand,
    "backoffice:workspace_close": strand,
    "backoffice:workspace_download": lambda victim: [victim.referral.reference],
    "backoffice:user_second_factor_off": row(m.User),
    "backoffice:workspace_export": lambda victim: FORMATS,
    "backoffice:workspace_let_through": strand,
    **{
        f"backoffice:workspace_{page}": lambda victim: [victim.referral.reference, victim.referral.reference]
        for page in ("merge", "say_same")
    },
    "backoffice:workspace_undo": lambda victim: [victim.referral.reference, victim.acceptance.pk],
    "backoffice:workspace_undo_merge": lambda victim: [victim.referral.reference, 1],
    "backoffice:workspace_note": lambda victim: [victim.referral.reference],
    "backoffice:workspace_refer_on": case,
    "backoffice:person": person,
    "backoffice:person_note": person,
    "backoffice:person_tag": person,
    "backoffice:person_untag": lambda victim: [victim.referral.person_id, victim.rows()[m.PersonTag].pk],
    "backoffice:workspace_reject": case,
    "backoffice:workspace_remind": case,
    "backoffice:workspace_reopen": strand,
    "backoffice:workspace_waiting_list": case,
    "backoffice:workspace_split": case,
    "backoffice:workspace_withdraw": case,
}


# Exports and imports: open to everybody who may open the list, with their own rows in it.
TABLES = {"download": [["csv"], ["xlsx"]], "template": [["csv"], ["xlsx"]], "confirm": [1], "import": None}
TABLES["progress"] = [1]
OF_TABLES = {
    f"backoffice:{model._meta.app_label}_{model._meta.model_name}_{page}": args
    for model in admin.site._registry
    for page, args in TABLES.items()
}
FOR_ANYBODY_SIGNED_IN |= set(OF_TABLES)


def arguments(name: str, victim: Tenant) -> list | None:
    return ARGUMENTS[name](victim) if name in ARGUMENTS else OF_TABLES.get(name)


def is_open_to(who: str, also: Collection[str] = ()) -> Callable[[str], bool]:
    opened = PUBLIC if who == "signed out" else PUBLIC | FOR_ANYBODY_SIGNED_IN | set(also)
    return lambda name: name in opened


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
OF_REFERRALS = {name for name in ARGUMENTS if name.startswith("backoffice:workspace_")} | {"referral"}


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
    "relations": (15, set()),  # only those who have forms of their own try these
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
            if any(secret in said for secret in SECRETS_OF_PEOPLE):
                seen[who] += 1
                assert m.AccessRecord.objects.count() > before, address
                opening = m.AccessRecord.objects.first()
                assert (opening.user.email, opening.person) == (f"{who}@ours.example", ours.referral.person), address
    assert seen >= Counter(coordinator=5, insider=4, operator=3)


def addresses_of(tenant: Tenant) -> list[str]:
    """Return every address with the tenant's own keys in it."""
    found = [f"{reverse('backoffice:referrals')}?view={tenant.referral.reference}"]
    for name, _ in named_patterns():
        if name in NOT_ATTACKED or name in PUBLIC:
            continue
        args = arguments(name, tenant) or []
        found += [reverse(name, args=one) for one in (args if args and isinstance(args[0], list) else [args])]
    for model, one in tenant.rows().items():
        found += [admin_url(model, "changelist"), *(admin_url(model, page, one.pk) for page in ("change", "history"))]
    messages = m.Notification.objects.values_list("pk", flat=True)
    found += [admin_url(m.Notification, "change", pk) for pk in messages]
    return found + [reverse("backoffice:notification_body", args=[pk]) for pk in messages]


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
