from copy import copy
from dataclasses import replace

from referrals.models import Assignment, Person, PersonMerge, Referral
from referrals.workflow.submission import PersonDetails, Submission

_AS_SENT = (
    "details",
    "adults",
    "children",
    "is_urgent",
    "consent_way",
    "consent_giver",
    "source_name",
    "source_organisation",
    "source_email",
    "source_phone",
    "tells_source",
)


def is_what_was_sent(referral: Referral, submission: Submission) -> bool:
    """Whether the form says of person, source, needs and answers what is stored.

    The same form may be sent again after it was changed. Nothing is stored then, so whoever corrected a phone number,
    or said that writing is not safe, has to be told; so has whoever takes an organisation off a list that it is on.
    Otherwise the lists are not compared: who suits changes by itself.
    """
    told = submission.person
    if told.date_of_birth:
        told = replace(told, age=None, age_months=None)  # they are not stored beside it
    answers = referral.answers.order_by("position").values_list("question_text", "text")
    return (
        _details_before_merges(referral) == told
        and all(getattr(referral, name) == getattr(submission, name) for name in _AS_SENT)
        and set(referral.needs.values_list("category", flat=True)) == submission.need_ids
        and list(answers) == [(answer.question_text, answer.text) for answer in submission.answers]
        and not Assignment.objects.filter(strand__referral=referral, service__in=submission.removed_ids).exists()
    )


def _details_of(person: Person) -> PersonDetails:
    # A field that is not read here counts as changed whenever the form has something in it.
    return PersonDetails(
        name=person.name,
        phone=person.phone,
        email=person.email,
        contact_note=person.contact_note,
        language=person.language,
        safe_contact=person.safe_contact,
        date_of_birth=person.date_of_birth,
        age=person.age_given,
        age_months=person.months_given,
        postcode=person.postcode,
        area_name=person.area_name,
        address=person.address,
        accommodation=person.accommodation,
        option_ids=frozenset(person.options.values_list("pk", flat=True)),
    )


def _details_before_merges(referral: Referral) -> PersonDetails:
    """Return the details as if nobody had been merged: the referrer is to learn nothing of other referrals."""
    moved = PersonMerge.objects.filter(moved__contains={"referrals": [referral.pk]}).select_related("merged")
    first = moved.order_by("pk").first()
    person = copy(first.merged if first else referral.person)
    options = _details_of(person).option_ids
    for merge in PersonMerge.objects.filter(kept=person).select_related("merged").order_by("-pk"):
        for name, before in merge.changed.items():
            if getattr(person, name) == getattr(merge.merged, name):
                setattr(person, name, before)
        options -= frozenset(merge.moved["options"])
    return replace(_details_of(person), option_ids=options)
