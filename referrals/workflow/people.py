"""Saying that two referrals are, or are not, for the same person; and making one person of two.

All referrals concerned are locked as in every verb, in the order of their keys; only then the people.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from referrals.access import can_merge
from referrals.duplicates import opened_networks
from referrals.enums import ContactSafety, EventKind
from referrals.locks import take_named_lock
from referrals.models import CaseNote, Person, PersonComparison, PersonMerge, PersonTag, Referral, User
from referrals.refusals import AlreadyDone, NotAllowed, Refusal
from referrals.workflow.core import LockedReferral, append_event, lock

# What the kept person takes over: fields that go together, where all are empty.
_TAKEN_OVER = (
    ("phone",),
    ("email",),
    ("contact_note",),
    ("others_may_see",),
    ("date_of_birth",),
    ("age_given", "months_given", "age_given_on"),
    ("postcode", "area_name", "point", "address"),
    ("accommodation",),
)
_SAFETY = ("safe_to_ring", "safe_to_write", "safe_to_leave_message")
_CHANGED_MEANWHILE = "Somebody else has just changed this. Please look again."


@transaction.atomic
def say_same(referral_id: int, other_id: int, *, actor: User, is_same: bool, at: datetime | None = None) -> None:
    """Remember, for each network through which the actor reads both in full, whether they are for the same person."""
    locked = {pk: lock(pk, actor=actor, at=at) for pk in sorted({referral_id, other_id})}
    first, second = (locked[pk].referral for pk in (referral_id, other_id))
    networks = opened_networks(actor, first) & opened_networks(actor, second)
    if not networks:
        raise NotAllowed("Only those who read both referrals in full can say this.")
    people = dict(zip(("first_id", "second_id"), sorted((first.person_id, second.person_id)), strict=True))
    if first.person_id == second.person_id:
        raise AlreadyDone("Both are for the same person already.")
    take_named_lock("people compared", *people.values())
    said = PersonComparison.objects.filter(**people, network__in=networks, is_same=is_same)
    if set(said.values_list("network", flat=True)) == networks:
        raise AlreadyDone("This was said already.")
    now = locked[referral_id].now
    PersonComparison.objects.bulk_create(
        [
            PersonComparison(**people, network_id=network_id, is_same=is_same, said_by=actor, said_at=now)
            for network_id in sorted(networks)
        ],
        update_conflicts=True,
        unique_fields=["network", "first", "second"],
        update_fields=["is_same", "said_by", "said_at"],
    )
    _append_to_each(locked.values(), EventKind.SAID_SAME if is_same else EventKind.SAID_DIFFERENT, networks)


@transaction.atomic
def merge_people(referral_id: int, other_id: int, *, actor: User, at: datetime | None = None) -> PersonMerge:
    """Give all referrals, case notes and tags of the other referral's person to this one's, whose details stay.

    What is not known of the person kept is taken over; so is that it is not safe to get in touch. The actor has to
    coordinate every network that any of the referrals is in, so that none learns from another.
    """
    keys = dict(Referral.objects.filter(pk__in=[referral_id, other_id]).values_list("pk", "person"))
    locked = _lock_referrals_of(set(keys.values()), actor=actor, at=at)
    if locked.keys() < keys.keys() or any(locked[pk].referral.person_id != person for pk, person in keys.items()):
        raise Refusal(_CHANGED_MEANWHILE)
    if keys[referral_id] == keys[other_id]:
        raise AlreadyDone("Both are for the same person already.")
    _check_can_merge(keys.values(), actor)
    people = Person.objects.select_for_update(no_key=True).order_by("pk").in_bulk(keys.values())
    kept, merged = people[keys[referral_id]], people[keys[other_id]]
    merge = PersonMerge.objects.create(
        kept=kept,
        merged=merged,
        merged_by=actor,
        merged_at=locked[referral_id].now,
        changed=_take_over(kept, merged),
        moved={
            "referrals": _move(Referral.objects.filter(person=merged), kept),
            "case_notes": _move(CaseNote.objects.filter(person=merged), kept),
            "tags": _move(
                PersonTag.objects.filter(person=merged).exclude(activity__in=kept.tags.values("activity")), kept
            ),
            "options": _take_over_options(kept, merged),
        },
    )
    _append_to_each(locked.values(), EventKind.MERGED)
    return merge


@transaction.atomic
def undo_merge(merge_id: int, *, actor: User, at: datetime | None = None) -> PersonMerge:
    """Give back what was moved, and take from the person kept what was taken over, unless it was corrected since."""
    merge = PersonMerge.objects.filter(pk=merge_id).first()
    locked = _lock_referrals_of({merge.kept_id}, actor=actor, at=at) if merge else {}
    merge = PersonMerge.objects.select_for_update(of=("self",)).select_related("merged").filter(pk=merge_id).first()
    if merge is None:
        raise AlreadyDone("This was undone already.")
    if not locked:
        raise Refusal("The person has since been merged with another. Undo that first.")
    _check_can_merge([merge.kept_id], actor)
    kept = Person.objects.select_for_update(no_key=True).get(pk=merge.kept_id)
    for rows, name in ((Referral, "referrals"), (CaseNote, "case_notes"), (PersonTag, "tags")):
        rows.objects.filter(person=kept, pk__in=merge.moved[name]).update(person=merge.merged)
    kept.options.remove(*merge.moved["options"])
    for field, before in merge.changed.items():
        if getattr(kept, field) == getattr(merge.merged, field):
            setattr(kept, field, before)
    kept.save(update_fields=merge.changed.keys())
    merge.delete()
    _append_to_each(locked.values(), EventKind.UNMERGED)
    return merge


def _lock_referrals_of(people: set[int], *, actor: User, at: datetime | None) -> dict[int, LockedReferral]:
    """Lock all referrals of these people. Raises Refusal if one has come or gone meanwhile."""
    rows = Referral.objects.filter(person__in=people).order_by("pk").values_list("pk", flat=True)
    locked = {pk: lock(pk, actor=actor, at=at) for pk in rows}
    if any(one.referral.person_id not in people for one in locked.values()) or set(rows.all()) != locked.keys():
        raise Refusal(_CHANGED_MEANWHILE)
    return locked


def _check_can_merge(people: Collection[int], actor: User) -> None:
    # Not which network is missing: whoever does not coordinate it need not know that it has a part in this.
    if not can_merge(actor, people):
        raise NotAllowed("Only somebody who coordinates all that these referrals are about can do this.")


def _append_to_each(locked: Iterable[LockedReferral], kind: EventKind, networks: Collection[int] | None = None) -> None:
    """Append an event to each referral, once for each network: events without a strand are read in all of them."""
    for one in locked:
        first_strands = {strand.network_id: strand for _, strand in sorted(one.strands.items(), reverse=True)}
        for network_id, strand in sorted(first_strands.items()):
            if networks is None or network_id in networks:
                append_event(one, kind, strand=strand)


def _take_over(kept: Person, merged: Person) -> dict[str, object]:
    """Fill what is empty, and be as careful as either was told to be. Return the fields with what was there before."""
    fields = [
        name
        for group in _TAKEN_OVER
        if not any(_is_known(kept, name) for name in group)
        for name in group
        if _is_known(merged, name)
    ]
    for name in _SAFETY:
        other = getattr(merged, name)
        if other == ContactSafety.UNSAFE != getattr(kept, name) or (other and not getattr(kept, name)):
            fields.append(name)
    before = {name: getattr(kept, name) for name in fields}
    for name in fields:
        setattr(kept, name, getattr(merged, name))
    kept.save(update_fields=fields)
    return before


def _is_known(person: Person, name: str) -> bool:
    return getattr(person, name) not in (None, "")


def _move(rows: QuerySet, kept: Person) -> list[int]:
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    rows.model._default_manager.filter(pk__in=keys).update(person=kept)
    return keys


def _take_over_options(kept: Person, merged: Person) -> list[int]:
    """Take over the answers to demographics that the person kept has not answered."""
    new = merged.options.exclude(demographic__in=kept.options.values("demographic"))
    keys = list(new.order_by("pk").values_list("pk", flat=True))
    kept.options.add(*keys)
    return keys
