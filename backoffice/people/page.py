"""A person's page: how to reach them, their referrals, and what one's own organisation keeps of them."""

from collections.abc import Callable
from functools import wraps

from django.db.models import Exists, OuterRef, Prefetch, QuerySet, prefetch_related_objects
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from backoffice.people.forms import CaseNoteForm, TagForm
from backoffice.responses import not_found, perform, render_page
from referrals import workflow
from referrals.access import fully_visible_to, visible_to
from referrals.access.access_log import log_person_access
from referrals.enums import LIVE_ASSIGNMENT, Screen
from referrals.models import (
    Activity,
    Assignment,
    CaseNote,
    Correction,
    Need,
    Organisation,
    Person,
    PersonTag,
    Referral,
    Strand,
)

NOTES_ON_A_PAGE = 20
OLDER = "older"  # than the note whose key it has


def with_person(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Give the view the person in its address, if the user may read all about them."""

    @wraps(view)
    def wrapper(request: HttpRequest, pk: int, **kwargs: int) -> HttpResponse:
        person = visible_to(request.user, Person).filter(pk=pk).first()
        return not_found(request) if person is None else view(request, person, **kwargs)

    return wrapper


@with_person
def person_page(request: HttpRequest, person: Person) -> HttpResponse:
    return _render(request, person)


@with_person
@require_POST
def add_note(request: HttpRequest, person: Person) -> HttpResponse:
    form = CaseNoteForm(request.POST, organisations=workflow.find_supporters(request.user, person.pk))
    if not form.is_valid():
        return _render(request, person, note_form=form)
    organisation, text = form.organisation_id, form.cleaned_data["text"]
    perform(
        request,
        lambda: workflow.add_case_note(person.pk, actor=request.user, organisation_id=organisation, text=text),
        "Your case note was added.",
    )
    return _back_to(person, "notes")


@with_person
def strike_note(request: HttpRequest, person: Person, note: int) -> HttpResponse:
    written = visible_to(request.user, CaseNote).filter(pk=note, person=person, author=request.user)
    shown = written.select_related("author", "organisation").first()
    if shown is None:
        return not_found(request)
    if request.method == "POST":
        perform(
            request,
            lambda: workflow.strike_case_note(person.pk, note, actor=request.user),
            "Your case note was struck through.",
        )
        return _back_to(person, "notes")
    log_person_access(request.user, person.pk, Screen.PERSON)
    title = "Strike through a case note"
    return render_page(request, "backoffice/people/strike.html", title=title, person=person, note=shown)


@with_person
@require_POST
def tag(request: HttpRequest, person: Person) -> HttpResponse:
    supporters = workflow.find_supporters(request.user, person.pk)
    form = TagForm(request.POST, activities=_find_activities(person, supporters))
    if not form.is_valid():
        return _render(request, person, tag_form=form)
    activity = form.cleaned_data["activity"]
    perform(
        request,
        lambda: workflow.tag_person(person.pk, actor=request.user, activity_id=activity.pk),
        f"The tag {activity} was put on.",
    )
    return _back_to(person, "tags")


@with_person
@require_POST
def untag(request: HttpRequest, person: Person, tag: int) -> HttpResponse:
    perform(request, lambda: workflow.untag_person(person.pk, tag, actor=request.user), "The tag was taken off.")
    return _back_to(person, "tags")


def _find_activities(person: Person, supporters: list[Organisation]) -> QuerySet[Activity]:
    """Return the activities of `supporters` that can still be put on the person as a tag."""
    put_on = PersonTag.objects.filter(person=person, activity=OuterRef("pk"))
    return Activity.objects.filter(~Exists(put_on), organisation__in=supporters).order_by("name", "pk")


def _render(request: HttpRequest, person: Person, **forms: object) -> HttpResponse:
    """`forms` replaces those that were refused."""
    log_person_access(request.user, person.pk, Screen.PERSON)
    supporters = workflow.find_supporters(request.user, person.pk)
    prefetch_related_objects([person], Prefetch("corrections", Correction.objects.select_related("actor")))
    notes, older_than = _read_notes(request, person)
    tags = visible_to(request.user, PersonTag).filter(person=person).select_related("activity", "organisation")
    activities = _find_activities(person, supporters)
    context = {
        "title": person.name,
        "person": person,
        "age": person.age_in_words(timezone.localdate()),
        "referrals": _list_referrals(request, person),
        "supporters": supporters,
        "notes": notes,
        "older_than": older_than,
        "tags": list(tags.order_by("activity__name", "pk")),
        "several": len(supporters) > 1,
        "note_form": CaseNoteForm(organisations=supporters) if supporters else None,
        "tag_form": TagForm(activities=activities) if activities.exists() else None,
    }
    return render_page(request, "backoffice/people/person.html", **context | forms)


def _read_notes(request: HttpRequest, person: Person) -> tuple[list[CaseNote], int | None]:
    """Return notes, newest first, from after the one in the address; and the key that the next page begins after."""
    notes = visible_to(request.user, CaseNote).filter(person=person).order_by("-created_at", "-pk")
    key = request.GET.get(OLDER, "")
    if key.isdecimal() and len(key) < 19 and (beside := notes.filter(pk=key).first()):
        notes = notes.filter(created_at__lte=beside.created_at).exclude(created_at=beside.created_at, pk__gte=beside.pk)
    rows = list(notes.select_related("author", "organisation")[: NOTES_ON_A_PAGE + 1])
    shown = rows[:NOTES_ON_A_PAGE]
    return shown, shown[-1].pk if len(rows) > len(shown) else None


def _list_referrals(request: HttpRequest, person: Person) -> list[Referral]:
    """Return the person's referrals that the user knows of, newest first; `is_full` if they read all of it."""
    live = Assignment.objects.filter(status__in=LIVE_ASSIGNMENT).select_related("organisation")
    strands = visible_to(request.user, Strand).prefetch_related(Prefetch("assignments", live, to_attr="live"))
    needs = visible_to(request.user, Need).select_related("category")
    rows = visible_to(request.user, Referral).filter(person=person).order_by("-created_at", "-pk")
    rows = rows.prefetch_related(Prefetch("needs", needs), Prefetch("strands", strands))
    full = set(fully_visible_to(request.user).filter(person=person).values_list("pk", flat=True))
    referrals = list(rows)
    for referral in referrals:
        held = [assignment for strand in referral.strands.all() for assignment in strand.live]
        referral.held_by = [assignment.organisation.name for assignment in held] if referral.pk in full else []
    return referrals


def _back_to(person: Person, part: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{reverse('backoffice:person', args=[person.pk])}#{part}")
