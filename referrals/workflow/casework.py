"""What an organisation keeps of the people it supports: case notes and tags. No other organisation ever sees them."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from referrals.access import own_organisations, visible_to
from referrals.enums import AssignmentStatus
from referrals.models import Activity, Assignment, CaseNote, Organisation, Person, PersonTag, User
from referrals.refusals import AlreadyDone, NotAllowed, Refusal

PRESSED_TWICE_WITHIN = timedelta(minutes=1)


def find_supporters(user: User, person_id: int) -> list[Organisation]:
    """Return the user's organisations that support the person or have done so, while they may read all about them."""
    if not visible_to(user, Person).filter(pk=person_id).exists():
        return []
    accepted = Assignment.objects.filter(strand__referral__person=person_id, accepted_at__isnull=False)
    accepted = accepted.exclude(status=AssignmentStatus.WITHDRAWN)
    return list(own_organisations(user).filter(pk__in=accepted.values("organisation")).order_by("name", "pk"))


def _lock_supported(user: User, person_id: int, organisation_id: int) -> None:
    """Lock the person, who may just be merged with another, then check. Of two presses the second waits."""
    list(Person.objects.select_for_update(no_key=True).filter(pk=person_id).values_list("pk"))
    if organisation_id not in {organisation.pk for organisation in find_supporters(user, person_id)}:
        raise NotAllowed("Only an organisation that supports this person, or has done so, can do this.")


@transaction.atomic
def add_case_note(
    person_id: int, *, actor: User, organisation_id: int, text: str, at: datetime | None = None
) -> CaseNote:
    _lock_supported(actor, person_id, organisation_id)
    if not text.strip():
        raise Refusal("Please write something first.")
    now = at or timezone.now()
    written = {"person_id": person_id, "organisation_id": organisation_id, "author": actor, "text": text.strip()}
    if CaseNote.objects.filter(**written, created_at__gt=now - PRESSED_TWICE_WITHIN).exists():
        raise AlreadyDone("Your note was added. It is there once, however often you pressed.")
    return CaseNote.objects.create(**written, created_at=now)


@transaction.atomic
def strike_case_note(person_id: int, note_id: int, *, actor: User, at: datetime | None = None) -> None:
    """Take away what a note says, as its author. That there was one, by whom and when, stays."""
    note = visible_to(actor, CaseNote).filter(pk=note_id, person=person_id, author=actor).first()
    if note is None:
        raise NotAllowed("Only the person who wrote a case note can strike it through.")
    _lock_supported(actor, person_id, note.organisation_id)
    rows = CaseNote.objects.filter(pk=note_id, person=person_id, struck_at=None)
    if not rows.update(text="", struck_at=at or timezone.now()):
        raise AlreadyDone("This case note has been struck through already.")


@transaction.atomic
def tag_person(person_id: int, *, actor: User, activity_id: int, at: datetime | None = None) -> PersonTag:
    """Put a tag on the person: one of the activities of an organisation that supports them."""
    activity = Activity.objects.filter(pk=activity_id).first()
    if activity is None:
        raise Refusal("This activity is not there any more.")
    _lock_supported(actor, person_id, activity.organisation_id)
    tag, is_new = PersonTag.objects.get_or_create(
        person_id=person_id,
        activity=activity,
        defaults={"organisation_id": activity.organisation_id, "created_at": at or timezone.now()},
    )
    if not is_new:
        raise AlreadyDone(f"The tag {activity} is there already.")
    return tag


@transaction.atomic
def untag_person(person_id: int, tag_id: int, *, actor: User) -> None:
    # A tag of others is answered like one that is not there.
    tag = visible_to(actor, PersonTag).filter(pk=tag_id, person=person_id).first()
    if tag is None:
        raise AlreadyDone("This tag has been taken off already.")
    _lock_supported(actor, person_id, tag.organisation_id)
    tag.delete()
