"""Other referrals that may be for the same person: what is said of them, and merging."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_POST

from backoffice.responses import not_found, perform, render_page
from backoffice.workspace.screen import back_to, back_url, find_referral, with_referral
from referrals import workflow
from referrals.access import can_merge, fully_visible_to, visible_options
from referrals.access.access_log import log_access
from referrals.enums import Screen
from referrals.models import Person, PersonMerge, Referral, User


@dataclass(frozen=True, slots=True)
class MergeLine:
    """One thing that is known of two people, and what is known of it once they are one."""

    name: str
    kept: str
    merged: str

    @property
    def differs(self) -> bool:
        return bool(self.kept and self.merged) and self.kept != self.merged


@with_referral
@require_POST
def say_same(request: HttpRequest, referral: Referral, other: str) -> HttpResponse:
    compared = find_referral(request, other)
    is_same = {"same": True, "different": False}.get(request.POST.get("answer", ""))
    if compared is None or is_same is None:
        return not_found(request)
    perform(
        request,
        lambda: workflow.say_same(referral.pk, compared.pk, actor=request.user, is_same=is_same),
        f"{compared} is for the same person." if is_same else f"{compared} is for somebody else.",
    )
    return back_to(request, referral)


@with_referral
def merge(request: HttpRequest, referral: Referral, other: str) -> HttpResponse:
    compared = find_referral(request, other)
    if compared is None:
        return not_found(request)
    if not can_merge(request.user, [referral.person_id, compared.person_id]):
        messages.error(request, "Only somebody who coordinates all that these referrals are about can merge them.")
        return back_to(request, referral)
    if referral.person_id == compared.person_id:
        messages.info(request, "Both are for the same person already.")
        return back_to(request, referral)
    if request.method == "POST":
        perform(
            request,
            lambda: workflow.merge_people(referral.pk, compared.pk, actor=request.user),
            "They are one person now. You can undo this below.",
        )
        return back_to(request, referral)
    referrals = fully_visible_to(request.user).filter(person__in=[referral.person_id, compared.person_id])
    log_access(request.user, referrals.values_list("pk", flat=True), Screen.PERSON)
    people = Person.objects.in_bulk([referral.person_id, compared.person_id])
    kept, merged = people[referral.person_id], people[compared.person_id]
    return render_page(
        request,
        "backoffice/workspace/merge.html",
        title="Merge two people",
        referral=referral,
        other=compared,
        kept=kept,
        merged=merged,
        lines=_lines(kept, merged, request.user),
        referrals=referrals.order_by("-created_at", "-pk"),
        back=back_url(request, referral),
    )


@with_referral
@require_POST
def undo_merge(request: HttpRequest, referral: Referral, pk: int) -> HttpResponse:
    merge = PersonMerge.objects.filter(pk=pk).first()  # none: it was undone already, which the verb says
    if (merge and merge.kept_id != referral.person_id) or not can_merge(request.user, [referral.person_id]):
        return not_found(request)
    perform(
        request,
        lambda: workflow.undo_merge(pk, actor=request.user),
        "They are two people again, as they were before the merge.",
    )
    return back_to(request, referral)


def _lines(kept: Person, merged: Person, user: User) -> list[MergeLine]:
    options = visible_options(user, [kept.pk, merged.pk])
    lines = [MergeLine(name, value(kept), value(merged)) for name, value in _VALUES]
    lines.append(MergeLine("Other answers", *(", ".join(map(str, options.get(one.pk, ()))) for one in (kept, merged))))
    return [line for line in lines if line.kept or line.merged]


def _age(person: Person) -> str:
    age = person.age_in_words(timezone.localdate())
    return f"{age}, born {date_format(person.date_of_birth, 'j F Y')}" if person.date_of_birth else age


_VALUES = (
    ("Name", lambda person: person.name),
    ("Safe to get in touch?", lambda person: person.safe_contact.in_words),
    ("Who else may see or hear it", lambda person: person.others_may_see),
    ("Phone", lambda person: person.phone),
    ("E-mail", lambda person: person.email),
    ("Getting in touch", lambda person: person.contact_note),
    ("Age", _age),
    ("Lives in", lambda person: ", ".join(filter(None, [person.postcode or person.area_name, person.address]))),
    ("Without a home", lambda person: person.get_accommodation_display() if person.accommodation else ""),
)
