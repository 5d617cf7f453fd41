"""What messages to the person, and to the referrer, say of who is asked.

Others may read their e-mail, so what is sensitive is not named.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from referrals.enums import AssignmentStatus, Outcome, WhyCoordinator
from referrals.models import Assignment, Category, Event, Need, NetworkMembership, Referral, Service, Strand
from referrals.translations import translate_field


@dataclass(frozen=True, slots=True)
class ListForPerson:
    """A strand's list as the person reads it.

    is_held: a coordinator looks at it before anybody is asked.
    names: "" for an organisation that is not named. needs: empty if one of them is sensitive. network: of several, if
    nothing sensitive is asked of it.
    """

    is_held: bool
    names: list[str]
    network: str = ""
    needs: tuple[str, ...] = ()


def person_context(event: Event) -> dict[str, object]:
    """Return what a message to the person is given, in the language that is active: nothing that was typed on the form.

    network: whom they can write to; is_discreet: without saying its name, since one of the needs is sensitive.
    """
    referral, assignment = event.referral, event.assignment
    sensitive = Category.objects.sensitive_keys(_networks_of(referral))
    needs: dict[int, tuple[str, ...]] = {}
    secret = set()
    for need in Need.objects.filter(referral=referral).select_related("category"):
        needs[need.strand_id] = (*needs.get(need.strand_id, ()), translate_field(need.category, "name"))
        if need.category_id in sensitive:
            secret.add(need.strand_id)
    # A network that is asked only for what is sensitive has an address that may tell.
    is_of_form = event.strand is None or event.strand_id in secret
    context: dict[str, object] = {
        "reference": referral.reference,
        "network": referral.network if is_of_form else event.strand.network,
        "is_discreet": bool(secret),
        "unnamed": _("An organisation that we do not name in an e-mail: please ask us"),
    }
    if assignment is None:
        return context | {"lists": _make_lists(event, needs, secret, sensitive)}
    is_secret = assignment.strand_id in secret or tells_secrets(sensitive, [assignment.pk])
    return context | {
        "organisation": "" if is_secret else assignment.organisation.name,
        "needs": () if assignment.strand_id in secret else needs.get(assignment.strand_id, ()),
        "place_from": date.fromisoformat(event.data["place_from"]) if "place_from" in event.data else None,
    }


def referrer_context(event: Event) -> dict[str, object]:
    """Return what a message to the referrer is given: no more than the person reads, without words of what is needed.

    The referrer may have written from an address that others read.
    """
    context = person_context(event)
    return {key: context[key] for key in ("reference", "network", "is_discreet", "organisation") if key in context}


def _networks_of(referral: Referral) -> list[int]:
    """Return the keys of the networks of its strands, and of those that the listed organisations are in."""
    strands = Strand.objects.filter(referral=referral)
    listed = Assignment.objects.filter(strand__in=strands)
    memberships = NetworkMembership.objects.filter(organisation__in=listed.values("organisation"))
    asked = strands.order_by().values_list("network", flat=True)
    return list(asked.union(memberships.order_by().values_list("network", flat=True)))


def tells_secrets(sensitive: Collection[int], assignments: Collection[int]) -> set[int]:
    """Return those assignments of which the organisation's name would tell of a sensitive need or a secret address.

    Any of its services counts: a refuge that is asked for food is still a refuge.
    """
    services = Service.objects.filter(organisation=OuterRef("organisation"))
    telling = services.filter(Q(categories__in=sensitive) | Q(venue__is_confidential=True))
    return set(Assignment.objects.filter(Exists(telling), pk__in=assignments).values_list("pk", flat=True))


def _make_lists(
    event: Event, needs: dict[int, tuple[str, ...]], secret: set[int], sensitive: Collection[int]
) -> list[ListForPerson]:
    """Return each strand's list, without those that were taken off it before they were asked."""
    never_asked = Q(status__in=[AssignmentStatus.SKIPPED, AssignmentStatus.WITHDRAWN], offered_at=None)
    listed = Assignment.objects.filter(~never_asked, pk__in=event.data.get("assignments", []))
    listed = list(listed.select_related("organisation").order_by("position"))
    unnamed = tells_secrets(sensitive, [row.pk for row in listed])
    strands = Strand.objects.filter(referral=event.referral, pk__in=event.data.get("strands", []))
    strands = list(strands.exclude(outcome=Outcome.SPAM).select_related("network").order_by("pk"))
    networks = {strand.network_id for strand in strands}
    named = networks - {strand.network_id for strand in strands if strand.pk in secret} if len(networks) > 1 else ()
    lists = []
    for strand in strands:
        is_secret = strand.pk in secret
        names = [
            "" if is_secret or row.pk in unnamed else row.organisation.name
            for row in listed
            if row.strand_id == strand.pk
        ]
        lists.append(
            ListForPerson(
                is_held=strand.why_coordinator == WhyCoordinator.HELD,
                names=names,
                network=strand.network.name if strand.network_id in named else "",
                needs=() if is_secret else needs.get(strand.pk, ()),
            )
        )
    return lists
