"""Who is told of which other referral."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.utils import timezone

from referrals.access import opens_details, visible_to
from referrals.duplicates.lookup import find_alike
from referrals.duplicates.rule import Likeness
from referrals.enums import ENDED_REFERRAL, ReferralStatus
from referrals.models import Person, PersonComparison, PersonMerge, Referral, Strand, User


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Another referral for what may be the same person.

    likeness: None where nothing but what somebody said, or a merge, makes them the same.
    said_same: what was said of the two; None = nothing yet.
    is_full: whether the user reads the other referral in full, through a network that both are in.
    """

    referral: Referral
    likeness: Likeness | None
    said_same: bool | None
    is_merged: bool
    is_full: bool

    @property
    def may_be_told(self) -> bool:
        if self.is_full:
            return True
        is_clear = self.is_merged or self.said_same or (self.likeness and self.likeness.is_enough_without_place)
        return bool(is_clear) and self.said_same is not False and self.referral.status not in ENDED_REFERRAL

    @property
    def in_words(self) -> str:
        """Say why, without anything that the user may not read of the other referral."""
        if self.is_merged:
            return "The same person."
        if self.likeness and self.is_full:
            return f"{self.likeness.in_words}."
        if self.said_same:
            return "Somebody who reads both says that it is the same person."
        names = self.likeness.names_in_words
        return f"{names[0].upper()}{names[1:]}. What else agrees can be read by whoever deals with it."


def opened_networks(user: User, referral: Referral) -> set[int]:
    """Return the networks through which `user` reads this referral in full."""
    strands = visible_to(user, Strand).filter(referral=referral)
    if not user.is_superuser:
        strands = strands.filter(opens_details(user))
    return set(strands.values_list("network", flat=True))


def find_duplicates(user: User, referral: Referral) -> list[Duplicate]:
    """Return other referrals for what may be the same person, newest first, for a user who reads this one in full.

    All are in a network through which the user does so, or of this very person, whose page lists them too. Of those
    that the user does not read in full only what is open is told, and nothing that rests on a place: with a made-up
    referral nobody can find out where somebody lives.
    """
    networks = opened_networks(user, referral)
    if not networks:
        return []
    person = referral.person
    said = _what_was_said(person, networks)
    alike = dict(find_alike(person, timezone.localdate()))
    people = {person.pk, *alike, *said}
    found = [
        Duplicate(
            referral=row,
            likeness=alike.get(row.person_id),
            said_same=said.get(row.person_id),
            is_merged=row.person_id == person.pk,
            is_full=row.is_full,
        )
        for row in _referrals_in(networks, person, user).filter(person__in=people).exclude(pk=referral.pk)
    ]
    return [duplicate for duplicate in found if duplicate.may_be_told]


def _what_was_said(person: Person, networks: set[int]) -> dict[int, bool]:
    """Return what was said, by the key of the other person; also of those who were merged into this one."""
    merged = PersonMerge.objects.filter(kept=person).values_list("merged", flat=True)
    group = {person.pk, *merged}
    rows = PersonComparison.objects.filter(network__in=networks).filter(Q(first__in=group) | Q(second__in=group))
    pairs = rows.order_by("said_at", "pk").values_list("first", "second", "is_same")
    return {second if first in group else first: is_same for first, second, is_same in pairs}


def _referrals_in(networks: set[int], person: Person, user: User) -> QuerySet[Referral]:
    strands = Strand.objects.filter(referral=OuterRef("pk"), network__in=networks)
    is_full = Value(True) if user.is_superuser else Exists(strands.filter(opens_details(user)))
    return (
        visible_to(user, Referral)
        .filter(Exists(strands) | Q(person=person))
        .exclude(status=ReferralStatus.SPAM)
        .annotate(is_full=is_full)
        .select_related("person")
        .only("reference", "status", "outcode", "created_at", "person__name")
        .order_by("-created_at", "-pk")
    )
