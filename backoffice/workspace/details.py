"""The chosen referral on the Referrals screen, with as much of it as the user may see."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format

from backoffice.user_context import UserContext, get_user_context
from backoffice.workspace.forms import NoteForm
from backoffice.workspace.history import referral_history
from backoffice.workspace.own_cases import OwnCase, add_members, pick_own_cases
from backoffice.workspace.states import Chip, chip_of
from referrals.access import can_answer, can_coordinate, can_merge, fully_visible_to, visible_options, visible_to
from referrals.access.access_log import find_last_reader, log_access
from referrals.duplicates import find_duplicates
from referrals.enums import LIVE_ASSIGNMENT, AssignmentStatus, Screen, StrandStatus, WhyCoordinator
from referrals.models import (
    Answer,
    Assignment,
    Category,
    Consent,
    Correction,
    Need,
    Network,
    Note,
    Person,
    Referral,
    Service,
    Strand,
    User,
    Venue,
)
from referrals.models.referrals import can_still_be_accepted
from referrals.words import join_in_words
from referrals.workflow import ANSWERED, find_undoable, live_without_membership


@dataclass(frozen=True, slots=True)
class StrandPanel:
    strand: Strand
    needs: list[Need]
    chip: Chip
    live: Assignment | None
    own_case: OwnCase | None  # an accepted case of the user's organisation
    own_late: Assignment | None  # a lapsed offer that the user's organisation can still accept
    own_ended: Assignment | None  # what the user's organisation has answered, where nothing of it is live
    covered: list[Need]  # those that the service which is asked helps with
    listed: list[Assignment]
    can_answer: bool
    answers_on_behalf: bool  # of an organisation that is not the user's own
    can_coordinate: bool

    @property
    def is_offered(self) -> bool:
        return self.live is not None and self.live.status == AssignmentStatus.OFFERED

    @property
    def is_waitlisted(self) -> bool:
        return self.live is not None and self.live.place_from is not None

    @property
    def is_accepted(self) -> bool:
        return self.live is not None and self.live.status == AssignmentStatus.ACCEPTED

    @property
    def is_held(self) -> bool:
        return self.strand.why_coordinator == WhyCoordinator.HELD

    @property
    def is_closed(self) -> bool:
        return self.strand.status == StrandStatus.CLOSED

    @property
    def others_late(self) -> str:
        """Say which organisations besides the user's own did not answer in time, and can still accept."""
        late = [assignment for assignment in self.listed if assignment.can_still_be_accepted]
        names = [assignment.organisation.name for assignment in late if assignment != self.own_late]
        they = "It" if len(names) == 1 else "They"
        can = f"{they} can still accept while nobody else has."
        return f"{join_in_words(names)} did not answer in time. {can}" if names else ""

    @property
    def accept_label(self) -> str:
        return {1: "Accept", 2: "Accept both needs"}.get(len(self.needs), f"Accept all {len(self.needs)} needs")

    @property
    def is_covered_in_part(self) -> bool:
        """Whether the organisation is asked for more than its service offers: then splitting is the usual answer."""
        return 0 < len(self.covered) < len(self.needs)

    @property
    def covered_ids(self) -> list[int]:
        return [need.category_id for need in self.covered]

    @property
    def split_label(self) -> str:
        kept, passed_on = (join_in_words([need.category.name.lower() for need in needs]) for needs in self._divided)
        return f"Accept {kept}, pass on {passed_on}"

    @property
    def _divided(self) -> tuple[list[Need], list[Need]]:
        return self.covered, [need for need in self.needs if need not in self.covered]

    @property
    def own_answer(self) -> str:
        """What the user's organisation said and when, as a sentence; "" if it holds this, or never answered."""
        if self.own_ended is None or self.own_ended.ended_at is None:
            return ""
        ended = self.own_ended
        did = {
            AssignmentStatus.REJECTED: f"rejected this: {ended.get_reject_reason_display().lower()}",
            AssignmentStatus.CLOSED: f"closed your case: {ended.get_outcome_display().lower()}",
            AssignmentStatus.REFERRED_ON: "referred this on",
        }[AssignmentStatus(ended.status)]
        note = f" “{ended.note_for_next}”" if ended.note_for_next else ""
        return f"On {date_format(timezone.localtime(ended.ended_at), 'j F')} you {did}.{note}"

    @property
    def is_overdue(self) -> bool:
        return bool(self.live and self.live.answer_by and self.live.answer_by < timezone.now())

    @property
    def place_on_list(self) -> str:
        places = {assignment.pk: place for place, assignment in enumerate(self.listed, start=1)}
        here = places.get(self.live.pk) if self.live else None
        return f"Number {here} of {len(self.listed)} on the list" if here and len(self.listed) > 1 else ""


def referral_details(request: HttpRequest, referral: Referral) -> dict[str, Any]:
    user_context = get_user_context(request)
    is_full = fully_visible_to(request.user).filter(pk=referral.pk).exists()
    referral = _load(referral.pk, request.user, is_full=is_full)
    parts = _strand_panels(referral, user_context)
    notes = Note.objects.filter(referral=referral).select_related("author", "organisation", "open_to")
    networks = list_networks(part.strand for part in parts)
    details = {
        "referral": referral,
        "networks": networks,
        "is_full": is_full,
        "parts": parts,
        "needs": [need for part in parts for need in part.needs],
        "notes": list(visible_to(request.user, notes)),
        "note_form": NoteForm(organisations=user_context.organisations, networks=networks),
        "undoable": find_undoable(request.user, referral.pk),
    }
    if not is_full:
        return details
    last_reader = find_last_reader(request.user, referral.pk)
    log_access(request.user, [referral.pk], Screen.REFERRAL)
    return details | {
        "last_reader": last_reader,
        "may_correct": any(part.can_coordinate for part in parts),
        "duplicates": _duplicates(request.user, referral),
        "options": visible_options(request.user, [referral.person_id]).get(referral.person_id, []),
        "age": referral.person.age_in_words(timezone.localdate()),
        "map": _map(referral.person, parts, user_context),
        "steps": referral_history(referral, user_context),
    }


def list_networks(strands: Iterable[Strand]) -> list[Network]:
    """Return the networks of these strands, each once."""
    return list(dict.fromkeys(strand.network for strand in strands))


def _load(pk: int, user: User, *, is_full: bool) -> Referral:
    """Load only what may be shown: a template cannot reveal what is not there."""
    rows = Referral.objects.select_related("person", "network__area")
    if is_full:
        return rows.prefetch_related(
            Prefetch("answers", visible_to(user, Answer)),
            Prefetch("person__corrections", Correction.objects.select_related("actor")),
            Prefetch("consents", visible_to(user, Consent).select_related("wording", "network")),
        ).get(pk=pk)
    limited = ["reference", "status", "is_urgent", "outcode", "created_at", "closed_at", "network", "person__name"]
    return Referral.objects.select_related("person").only(*limited).get(pk=pk)


def _strand_panels(referral: Referral, user_context: UserContext) -> list[StrandPanel]:
    listed = Assignment.objects.annotate(can_still_be_accepted=can_still_be_accepted())
    listed = listed.select_related("organisation", "service__activity", "owner__user").order_by("position")
    needs = Need.objects.select_related("category")
    strands = (
        visible_to(user_context.user, Strand)
        .filter(referral=referral)
        .select_related("network")
        .prefetch_related(Prefetch("assignments", listed, to_attr="listed"), Prefetch("needs", needs))
        .annotate(has_no_member=Exists(live_without_membership().filter(strand=OuterRef("pk"))))
        .order_by("pk")
    )
    strands = list(strands)
    own_cases = pick_own_cases((one for strand in strands for one in strand.listed), user_context)
    own_cases = {own.case.strand_id: own for own in add_members(own_cases)}
    return [_strand_panel(strand, own_cases.get(strand.pk), user_context) for strand in strands]


def _strand_panel(strand: Strand, own_case: OwnCase | None, user_context: UserContext) -> StrandPanel:
    live = next((assignment for assignment in strand.listed if assignment.status in LIVE_ASSIGNMENT), None)
    for assignment in strand.listed:
        assignment.strand = strand
    may_answer = live is not None and can_answer(user_context.user, live)
    own_keys = {organisation.pk for organisation in user_context.organisations}
    own_offers = [assignment for assignment in strand.listed if assignment.organisation_id in own_keys]
    own_late = next((assignment for assignment in own_offers if assignment.can_still_be_accepted), None)
    own_ended = [one for one in own_offers if one.status in ANSWERED]
    return StrandPanel(
        strand=strand,
        needs=list(strand.needs.all()),
        chip=chip_of(strand, live, own_late, user_context),
        live=live,
        own_case=own_case if may_answer else None,
        own_late=own_late,
        own_ended=max(own_ended, key=lambda one: one.ended_at, default=None) if live not in own_offers else None,
        covered=_covered_needs(strand, live) if may_answer and live.status == AssignmentStatus.OFFERED else [],
        listed=strand.listed,
        can_answer=may_answer,
        answers_on_behalf=may_answer and live not in own_offers,
        can_coordinate=can_coordinate(user_context.user, strand.network_id),
    )


def _covered_needs(strand: Strand, live: Assignment) -> list[Need]:
    """Return the needs that the service of an offer helps with; of a single need no query."""
    needs = list(strand.needs.all())
    if len(needs) < 2:
        return needs
    listed = set(live.service.categories.values_list("pk", flat=True))
    tree = Category.objects.in_tree_order([strand.network_id])
    paths = {category.pk: set(category.tree_path) for category in tree}
    helping = {key for key, path in paths.items() if path & listed or any(key in paths[other] for other in listed)}
    return [need for need in needs if need.category_id in helping]


def _duplicates(user: User, referral: Referral) -> dict[str, Any]:
    """Return other referrals for what may be the same person, by what was said of them."""
    found = find_duplicates(user, referral)
    may_merge = can_merge(user, [referral.person_id])
    return {
        "likely": [one for one in found if not one.is_merged and one.said_same is None],
        "same": [one for one in found if one.is_merged or one.said_same],
        "different": [one for one in found if not one.is_merged and one.said_same is False],
        "may_merge": may_merge,
        "merges": list(referral.person.merges.select_related("merged_by")) if may_merge else [],
    }


def _map(person: Person, parts: list[StrandPanel], user_context: UserContext) -> dict[str, Any] | None:
    if person.point is None:
        return None
    services = [part.live.service for part in parts if part.live]
    venues = visible_to(user_context.user, Venue).filter(pk__in=[s.venue_id for s in services], point__isnull=False)
    return {
        "boundary": parts[0].strand.network.area.boundary if parts else None,
        "catchments": [service.catchment for service in services if service.catchment],
        "person": person.point,
        "venues": [venue.point for venue in venues],
        "label": _map_label(person, services),
    }


def _map_label(person: Person, services: list[Service]) -> str:
    where = person.place_in_words or "the person's place"
    where = f"{where[0].upper()}{where[1:]}"
    if not services:
        return f"{where} in the network's area"
    service = services[0]
    inside = service.catchment is None or service.catchment.covers(person.point)
    return f"{where}, {'inside' if inside else 'outside'} the area that {service.organisation} serves"
