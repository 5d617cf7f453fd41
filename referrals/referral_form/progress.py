"""What has become of a referral, for the referrer. Shows no details of the person."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.core import signing
from django.db.models import Exists, F, OuterRef, Prefetch
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from referrals.enums import LIVE_ASSIGNMENT, AssignmentStatus, StrandStatus, WhyCoordinator
from referrals.models import Assignment, Category, Need, Network, Referral, Strand, Venue
from referrals.models.referrals import MAX_STATUS_OPENINGS
from referrals.notifications.for_person import tells_secrets
from referrals.referral_form.addresses import page_query
from referrals.referral_form.errors import FormUnavailable
from referrals.translations import translate_field
from referrals.words import join_in_words

_COLOURS = {
    StrandStatus.SEEKING: "wait",
    StrandStatus.PLACED: "good",
    StrandStatus.WITH_COORDINATOR: "wait",
    StrandStatus.CLOSED: "",
}
SALT = "referrals.intake.sent"  # keeps this package's former name: links with it have been given out
KEPT_SALT = "referrals.referral_form.kept"
JUST_SENT = timedelta(minutes=15)


def sent_url(referral: Referral, *, embedded: bool = False, language: str = "") -> str:
    """The address contains the referral's key and the present time, signed.

    Of a referral that was sent before, as by a page that somebody has kept, it is the address to keep.
    """
    if timezone.now() - referral.created_at > JUST_SENT:
        return kept_url(referral, language=language)
    token = signing.dumps(referral.pk, salt=SALT)
    return reverse("referral_sent", args=[token]) + page_query(embedded=embedded, language=language)


def kept_url(referral: Referral, *, language: str = "") -> str:
    """The address to keep, which never counts as just sent."""
    return reverse("referral_sent", args=[signing.dumps(referral.pk, salt=KEPT_SALT)]) + page_query(language=language)


def read_sent_token(token: str) -> tuple[int, bool]:
    """Return the referral's key, and whether its referrer has been led to this address just now, after sending."""
    try:
        return signing.loads(token, salt=SALT, max_age=JUST_SENT), True
    except signing.SignatureExpired:
        return signing.loads(token, salt=SALT), False
    except signing.BadSignature:
        pass
    try:
        return signing.loads(token, salt=KEPT_SALT), False
    except signing.BadSignature:
        raise FormUnavailable("unknown", 404) from None


def find_sent_referral(key: int) -> Referral:
    secret = Venue.objects.filter(organisation=OuterRef("organisation"), is_confidential=True)
    listed = Assignment.objects.select_related("organisation", "service").annotate(is_confidential=Exists(secret))
    lists = Prefetch("assignments", listed.order_by("position"))
    needs = Prefetch("needs", Need.objects.select_related("category"))
    strands = Strand.objects.select_related("network").prefetch_related(lists, needs).order_by("pk")
    found = Referral.objects.select_related("network", "referral_link").filter(pk=key)
    referral = found.prefetch_related(Prefetch("strands", strands)).first()
    if referral is None:
        raise FormUnavailable("unknown", 404)
    return referral


def is_link_open(referral: Referral) -> bool:
    age = timezone.now() - referral.created_at
    return age < timedelta(days=settings.REFERRAL_STATUS_DAYS) and referral.status_openings < _most_openings()


def count_opening(referral: Referral) -> bool:
    """Return whether the link could be opened once more."""
    left = Referral.objects.filter(pk=referral.pk, status_openings__lt=_most_openings())
    return bool(left.update(status_openings=F("status_openings") + 1))


def _most_openings() -> int:
    return min(settings.REFERRAL_STATUS_OPENINGS, MAX_STATUS_OPENINGS)


@dataclass(frozen=True, kw_only=True, slots=True)
class StrandProgress:
    """
    state: the strand's status; chip: its label. organisation: who is asked now, or has accepted.
    place_from: from when it expects to have a place, having put them on its waiting list.
    answer_by: when it is reminded, or else given up; told_after: days from then until the coordinators are told.
    late: those who have not answered in time, and still can. is_late: nobody else was asked for them.
    next_in_line: how many are still to be asked; asks_next: even while that answer is missing.
    is_held: coordinators look at it before anybody is asked.
    was_refused: all on the list have said no. phone: what the organisation's number is, where the referral is urgent.
    """

    network: Network
    state: str
    chip: str
    needs: str
    organisation: str = ""
    phone: str = ""
    place_from: date | None = None
    answer_by: datetime | None = None
    is_reminded: bool = False
    told_after: int | None = None
    late: Sequence[str] = ()
    is_late: bool = False
    next_in_line: int = 0
    asks_next: bool = False
    is_held: bool = False
    was_refused: bool = False

    @property
    def colour(self) -> str:
        return _COLOURS[self.state]

    @property
    def is_overdue(self) -> bool:
        return self.answer_by is not None and self.answer_by < timezone.now()


def list_progress(referral: Referral, *, is_discreet: bool) -> list[StrandProgress]:
    """`is_discreet` names nobody whose name tells of a sensitive need: who has the link may be anybody.

    No query after `find_sent_referral`, two if discreet.
    """
    strands = list(referral.strands.all())
    secret, unnamed = _find_secret(strands) if is_discreet else (set(), set())
    return [
        # The network that is asked for what is sensitive may tell too; whoever wants to know asks that of the form.
        _progress_of(strand, referral.network if strand.pk in secret else strand.network, referral, unnamed)
        for strand in strands
    ]


def _find_secret(strands: Sequence[Strand]) -> tuple[set[int], set[int]]:
    """Return the keys of the strands that are sensitive, and of the assignments whose organisations are not named."""
    sensitive = Category.objects.sensitive_keys([strand.network_id for strand in strands])
    listed = {strand: [assignment.pk for assignment in strand.assignments.all()] for strand in strands}
    secret = [strand for strand in strands if any(need.category_id in sensitive for need in strand.needs.all())]
    telling = tells_secrets(sensitive, [key for keys in listed.values() for key in keys])
    return {strand.pk for strand in secret}, telling.union(*(listed[strand] for strand in secret))


def _progress_of(strand: Strand, network: Network, referral: Referral, unnamed: Collection[int]) -> StrandProgress:
    def name(assignment: Assignment) -> str:
        return _("An organisation") if assignment.pk in unnamed else assignment.organisation.name

    assignments = list(strand.assignments.all())
    current = next((assignment for assignment in assignments if assignment.status in LIVE_ASSIGNMENT), None)
    asked = current if current and current.status == AssignmentStatus.OFFERED else None
    lapsed = [name(one) for one in assignments if one.status == AssignmentStatus.LAPSED]
    reminder, told_after = strand.network.answer_days(urgent=referral.is_urgent)
    return StrandProgress(
        network=network,
        state=strand.status,
        chip=_("On a waiting list") if asked and asked.place_from else StrandStatus(strand.status).label,
        needs=join_in_words([translate_field(need.category, "name") for need in strand.needs.all()]),
        organisation=name(current) if current else "",
        phone=_public_phone(current) if current and referral.is_urgent and current.pk not in unnamed else "",
        place_from=asked.place_from if asked else None,
        answer_by=asked.answer_by if asked else None,
        is_reminded=bool(asked and (asked.reminded_at or not reminder)),
        told_after=told_after,
        late=lapsed if strand.status == StrandStatus.SEEKING else (),
        is_late=bool(current and current.lapsed_at),
        next_in_line=sum(assignment.status == AssignmentStatus.QUEUED for assignment in assignments),
        asks_next=strand.network.lapse_asks_next,
        is_held=strand.why_coordinator == WhyCoordinator.HELD,
        was_refused=strand.why_coordinator == WhyCoordinator.EXHAUSTED,
    )


def _public_phone(assignment: Assignment) -> str:
    """Return the number that the public may ring; "" for what is not listed, or if the organisation hides a venue."""
    if not assignment.service.is_public or assignment.is_confidential:
        return ""
    return assignment.service.phone or assignment.organisation.phone
