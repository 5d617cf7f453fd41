from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from referrals.enums import EventKind, ReferralStatus, StrandStatus
from referrals.locks import take_named_lock
from referrals.models import (
    Answer,
    Category,
    Consent,
    ConsentWording,
    Need,
    Network,
    Person,
    Question,
    Referral,
    Strand,
)
from referrals.models.geography import outcode_of
from referrals.places import find_area, find_postcode
from referrals.references import new_reference
from referrals.refusals import Refusal
from referrals.workflow.brake import Sender, hold, must_wait
from referrals.workflow.core import LockedReferral, append_event, offer_next, tell_person
from referrals.workflow.lists import facts_of, store_list
from referrals.workflow.submission import PersonDetails, Submission


@transaction.atomic
def get_or_submit(
    submission: Submission, *, sender: Sender | None = None, is_held: bool = False, at: datetime | None = None
) -> tuple[Referral, bool]:
    """Store the referral, with a strand for each part, and ask the first organisation on each list. Raises Refusal.

    A `sender` counts against the limits, which may refuse it or hold the referral; `is_held` holds it in any case. The
    same key again, even at the same moment, returns the first referral and False, and counts nothing. Services that no
    longer suit the person are left off the lists.
    """
    take_named_lock("submission", submission.key)
    existing = Referral.objects.filter(submission_key=submission.key).first()
    if existing:
        return existing, False
    return _submit(submission, sender, is_held, at or timezone.now()), True


def submit(
    submission: Submission, *, sender: Sender | None = None, is_held: bool = False, at: datetime | None = None
) -> Referral:
    """As `get_or_submit`, where it does not matter whether it was sent before."""
    return get_or_submit(submission, sender=sender, is_held=is_held, at=at)[0]


def _submit(submission: Submission, sender: Sender | None, is_held: bool, now: datetime) -> Referral:
    _check_needs(submission)
    networks = Network.objects.in_bulk({*submission.network_ids, submission.network_id})
    if not submission.network_ids <= set(networks):
        raise Refusal(_("This form refers into a network that is no longer there. Please start again."))
    wordings = _wordings_by_network(submission)
    person = _store_person(submission.person, networks[submission.network_id], now)
    referral = _store_referral(submission, person, now)
    Consent.objects.bulk_create(
        Consent(
            referral=referral,
            network=networks[network_id],
            wording=wordings[network_id],
            language=_language_shown(wordings[network_id], submission.consent_language),
        )
        for network_id in sorted(submission.network_ids)
    )
    locked = LockedReferral(referral, {}, {}, None, now)
    facts = facts_of(person, now)
    for part in sorted(submission.parts, key=lambda part: not part.need_ids & submission.urgent_need_ids):
        strand = Strand.objects.create(
            referral=referral, network=networks[part.network_id], status=StrandStatus.SEEKING, created_at=now
        )
        locked.strands[strand.pk] = strand
        Need.objects.bulk_create(Need(referral=referral, category_id=pk, strand=strand) for pk in sorted(part.need_ids))
        order = {service_id: place for place, service_id in enumerate(part.service_ids)}
        store_list(locked, strand, part.need_ids, order, facts, asked_for_ids=part.asked_for_ids)
    sent = append_event(
        locked, EventKind.SUBMITTED, strands=sorted(locked.strands), assignments=sorted(locked.assignments)
    )
    # Counted last, so that the counters are locked only for a moment; a second copy is waiting for the key's lock.
    if is_held or (sender and must_wait(locked, submission, sender)):
        hold(locked)
        return referral
    tell_person(locked, sent)
    for strand in locked.strands.values():
        offer_next(locked, strand)
    return referral


def _check_needs(submission: Submission) -> None:
    # Every part has needs, each of its own network; no need is on two.
    networks = dict(Category.objects.filter(pk__in=submission.need_ids).values_list("pk", "network"))
    is_whole = submission.parts and all(part.need_ids for part in submission.parts)
    if not is_whole or any(networks.get(pk) != part.network_id for part in submission.parts for pk in part.need_ids):
        raise Refusal(_("Please choose at least one need for each network, from that network's list."))
    if sum(len(part.need_ids) for part in submission.parts) != len(submission.need_ids):
        twice = _("One of the needs is asked for twice. Please go back to the suggestions and look at them again.")
        raise Refusal(twice)


def _wordings_by_network(submission: Submission) -> dict[int, ConsentWording]:
    # Of each network that is asked exactly one wording was shown.
    shown = ConsentWording.objects.filter(pk__in=submission.consent_wording_ids)
    wordings = {wording.network_id: wording for wording in shown}
    if set(wordings) != submission.network_ids or len(wordings) != len(submission.consent_wording_ids):
        raise Refusal(_("What the person agrees to is not what every network asks. Please read it again."))
    return wordings


def _language_shown(wording: ConsentWording, language: str) -> str:
    # Without a translation, the page had the English text.
    return language if wording.translations.get(language, {}).get("text") else ""


def _store_person(details: PersonDetails, network: Network, now: datetime) -> Person:
    found = find_postcode(details.postcode, network=network, approximates=True) if details.postcode else None
    area = find_area(details.area_name, network=network) if details.area_name and not found else None
    point = found.point if found else area and area.point
    age, months = (None, None) if details.date_of_birth else (details.age, details.age_months)
    safe = details.safe_contact
    person = Person.objects.create(
        name=details.name,
        phone=details.phone,
        email=details.email,
        contact_note=details.contact_note,
        language=details.language,
        safe_to_ring=safe.ring,
        safe_to_write=safe.write,
        safe_to_leave_message=safe.leave_message,
        others_may_see=safe.others,
        date_of_birth=details.date_of_birth,
        age_given=age,
        months_given=months,
        age_given_on=None if age is None else timezone.localdate(now),
        postcode=found.name if found else "",
        area_name=area.name if area else "",
        point=point,
        address=details.address,
        accommodation=details.accommodation,
        created_at=now,
    )
    person.options.set(details.option_ids)
    return person


def _store_referral(submission: Submission, person: Person, now: datetime) -> Referral:
    referral = Referral.objects.create(
        reference=_unused_reference(),
        submission_key=submission.key,
        network_id=submission.network_id,
        person=person,
        status=ReferralStatus.SEEKING,
        is_urgent=submission.is_urgent,
        outcode=outcode_of(person.postcode),
        details=submission.details,
        adults=submission.adults,
        children=submission.children,
        source_name=submission.source_name,
        source_organisation=submission.source_organisation,
        source_email=submission.source_email,
        source_phone=submission.source_phone,
        tells_source=submission.tells_source,
        referral_link_id=submission.referral_link_id,
        consented_at=now,
        consent_way=submission.consent_way,
        consent_giver=submission.consent_giver,
        created_at=now,
    )
    _store_answers(referral, submission)
    return referral


def _store_answers(referral: Referral, submission: Submission) -> None:
    Referral.flow_versions.through.objects.bulk_create(
        Referral.flow_versions.through(referral=referral, flowversion_id=key)
        for key in sorted(submission.flow_version_ids)
    )
    # Of the draft, a question of an older version may have been deleted.
    drafted = dict(
        Question.objects.filter(pk__in=[answer.question_id for answer in submission.answers]).values_list(
            "pk", "network"
        )
    )
    Answer.objects.bulk_create(
        Answer(
            referral=referral,
            network_id=answer.network_id or drafted.get(answer.question_id, referral.network_id),
            question_id=answer.question_id if answer.question_id in drafted else None,
            question_text=answer.question_text,
            text=answer.text,
            option_ids=list(answer.option_ids),
            position=position,
        )
        for position, answer in enumerate(submission.answers)
    )


def _unused_reference() -> str:
    # If two submissions draw the same one, the unique constraint decides.
    while True:
        reference = new_reference()
        if not Referral.objects.filter(reference=reference).exists():
            return reference
