"""The core: a referral, its strands, and each strand's list of assignments."""

from datetime import datetime

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Cast, Floor, Random, Upper
from django.urls import reverse
from django.utils import timezone

from referrals.enums import (
    ENDED_REFERRAL,
    LIVE_ASSIGNMENT,
    AssignmentStatus,
    ConsentWay,
    Outcome,
    ReferralStatus,
    RejectReason,
    StrandStatus,
    WhyCoordinator,
)
from referrals.mailboxes import PlainEmailField
from referrals.models.categories import Category
from referrals.models.networks import Network, ReferralLink
from referrals.models.organisations import NetworkMembership, Organisation, OrganisationMember
from referrals.models.people import Person
from referrals.models.questions import FlowVersion
from referrals.models.services import Service
from referrals.references import new_reference
from referrals.user_input.phones import PhoneField

MAX_STATUS_OPENINGS = 1000  # whatever settings.REFERRAL_STATUS_OPENINGS says


class Referral(models.Model):
    """One request for support for one person."""

    reference = models.CharField(max_length=9, unique=True, default=new_reference, editable=False)
    submission_key = models.UUIDField(unique=True, editable=False, help_text="A form sent twice carries the same key.")
    network = models.ForeignKey(Network, on_delete=models.PROTECT, related_name="referrals")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="referrals")
    status = models.CharField(max_length=20, choices=ReferralStatus, editable=False)
    is_urgent = models.BooleanField("urgent", default=False)
    outcode = models.CharField(
        "postcode district", max_length=4, blank=True, help_text="The part of the address that the whole network sees."
    )
    details = models.TextField(blank=True)
    adults = models.PositiveSmallIntegerField("adults in the household", null=True, blank=True)
    children = models.PositiveSmallIntegerField("children in the household", null=True, blank=True)
    source_name = models.CharField(max_length=200, blank=True)
    source_organisation = models.CharField(max_length=200, blank=True)
    source_email = PlainEmailField("source e-mail", blank=True)
    source_phone = PhoneField()
    tells_source = models.BooleanField(
        "the referrer hears by e-mail", default=False, db_default=False, help_text="When it is accepted, and closed."
    )
    referral_link = models.ForeignKey(
        ReferralLink, on_delete=models.SET_NULL, null=True, blank=True, related_name="referrals"
    )
    flow_versions = models.ManyToManyField(
        FlowVersion,
        related_name="referrals",
        blank=True,
        editable=False,
        help_text="What was asked, one version of each network.",
    )
    consented_at = models.DateTimeField()
    consent_way = models.CharField("consent was given", max_length=10, choices=ConsentWay, blank=True)
    consent_giver = models.CharField(
        "who consented for the person", max_length=200, blank=True, help_text="Where somebody decides for the person."
    )
    created_at = models.DateTimeField("sent", default=timezone.now, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    status_openings = models.PositiveSmallIntegerField(
        default=0,
        db_default=0,
        editable=False,
        help_text="How often the referrer's link has shown how it stands.",
    )
    noise_key = models.BigIntegerField(
        db_default=Cast(Floor(Random() * 2**32), models.BigIntegerField()),
        editable=False,
        help_text="Random, and never changed. The sum over a cell decides the noise in commissioners' figures.",
    )

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["network", "-created_at", "-id"], name="referral_newest"),
            models.Index(fields=["-created_at", "-id"], name="referral_by_time"),
            models.Index(fields=["status", "-created_at"], name="referral_by_status"),
            models.Index(
                fields=["-created_at", "-id"],
                name="referral_open_and_urgent",
                condition=Q(is_urgent=True) & ~Q(status__in=ENDED_REFERRAL),
            ),
            GinIndex(OpClass(Upper("source_organisation"), name="gin_trgm_ops"), name="referral_source_like"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=ENDED_REFERRAL, closed_at__isnull=False)
                | (~Q(status__in=ENDED_REFERRAL) & Q(closed_at=None)),
                name="referral_closed_has_its_time",
                violation_error_message="A closed referral has the time when it was closed, an open one has none.",
            ),
            models.CheckConstraint(
                condition=Q(tells_source=False) | ~Q(source_email=""),
                name="referral_referrer_can_be_told",
                violation_error_message="To hear of it, the referrer needs an e-mail address.",
            ),
            models.CheckConstraint(
                condition=Q(status_openings__lte=MAX_STATUS_OPENINGS),
                name="referral_status_opened_at_most",
                violation_error_message="The referrer's link has been opened as often as it may be.",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return reverse("referral", args=[self.reference])


class Strand(models.Model):
    """Some of a referral's needs, in one network, looking for one organisation."""

    referral = models.ForeignKey(Referral, on_delete=models.CASCADE, related_name="strands")
    network = models.ForeignKey(Network, on_delete=models.PROTECT, related_name="strands")
    split_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="splits")
    status = models.CharField(max_length=20, choices=StrandStatus, editable=False)
    why_coordinator = models.CharField(max_length=15, choices=WhyCoordinator, blank=True, editable=False)
    coordinator_told_at = models.DateTimeField(null=True, blank=True, editable=False)
    outcome = models.CharField(max_length=20, choices=Outcome, blank=True, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = "part of a referral"
        verbose_name_plural = "parts of referrals"
        ordering = ["referral", "pk"]
        indexes = [
            models.Index(fields=["network", "status"], name="strand_by_status"),
            models.Index(fields=["network"], name="strand_held", condition=Q(why_coordinator=WhyCoordinator.HELD)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status=StrandStatus.CLOSED, closed_at__isnull=False) & ~Q(outcome="")
                | (~Q(status=StrandStatus.CLOSED) & Q(closed_at=None, outcome="")),
                name="strand_closed_has_outcome",
                violation_error_message="A closed part has a time and an outcome, an open one has neither.",
            ),
            models.CheckConstraint(
                condition=(
                    Q(status=StrandStatus.WITH_COORDINATOR, coordinator_told_at__isnull=False) & ~Q(why_coordinator="")
                )
                | (~Q(status=StrandStatus.WITH_COORDINATOR) & Q(coordinator_told_at=None, why_coordinator="")),
                name="strand_coordinator_was_told",
                violation_error_message="A part is with the coordinator exactly when the coordinator was told.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.referral}, {self.get_status_display().lower()}"


class Need(models.Model):
    """One category on a referral, on exactly one strand. Splitting moves it."""

    referral = models.ForeignKey(Referral, on_delete=models.CASCADE, related_name="needs")
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="referral_needs")
    strand = models.ForeignKey(Strand, on_delete=models.CASCADE, related_name="needs")

    class Meta:
        ordering = ["category__position", "category__name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["referral", "category"],
                name="need_in_one_strand",
                violation_error_message="A need is in one part only.",
            )
        ]

    def __str__(self) -> str:
        return str(self.category)


_LIVE = ", ".join(f"'{status}'" for status in LIVE_ASSIGNMENT)
# A person on a waiting list takes no place yet. The SQL expects the alias `assignment`.
TAKES_A_PLACE = Q(status__in=LIVE_ASSIGNMENT, place_from=None)
TAKE_PLACES = Q(assignments__status__in=LIVE_ASSIGNMENT, assignments__place_from=None)  # of a service
TAKES_A_PLACE_SQL = f"assignment.status IN ({_LIVE}) AND assignment.place_from IS NULL"


def _has_times(statuses: list[str], *, offered: bool | None, accepted: bool | None, ended: bool) -> Q:
    """Return the condition that rows in `statuses` have these times set (True), empty (False) or either (None)."""
    condition = Q(status__in=statuses, ended_at__isnull=not ended)
    if offered is not None:
        condition &= Q(offered_at__isnull=not offered)
    if accepted is not None:
        condition &= Q(accepted_at__isnull=not accepted)
    return condition


class Assignment(models.Model):
    """One organisation's place on a strand's list, through one of its services."""

    strand = models.ForeignKey(Strand, on_delete=models.CASCADE, related_name="assignments")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="assignments")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="assignments")
    position = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=12, choices=AssignmentStatus, default=AssignmentStatus.QUEUED, editable=False)
    score = models.FloatField(null=True, blank=True, editable=False)
    reasons = models.JSONField(default=list, blank=True, editable=False, help_text="Sentences, as they were shown.")
    offered_at = models.DateTimeField(null=True, blank=True, editable=False)
    remind_at = models.DateTimeField(null=True, blank=True, editable=False)
    lapse_at = models.DateTimeField(null=True, blank=True, editable=False)
    reminded_at = models.DateTimeField(null=True, blank=True, editable=False)
    lapsed_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When the coordinator was told of the missing answer."
    )
    waitlisted_at = models.DateTimeField(null=True, blank=True, editable=False)
    place_from = models.DateField(
        "expects a place from",
        null=True,
        blank=True,
        editable=False,
        help_text="Of an offer that was answered with the waiting list, until that day has come.",
    )
    accepted_at = models.DateTimeField(null=True, blank=True, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)
    reject_reason = models.CharField(max_length=20, choices=RejectReason, blank=True, editable=False)
    note_for_next = models.TextField(
        blank=True, editable=False, help_text="What who rejects, refers on or closes says to whoever comes next."
    )
    outcome = models.CharField(max_length=20, choices=Outcome, blank=True, editable=False)
    # Of these, only the organisation itself reads. See docs/decisions/0063-an-organisations-own-cases.md.
    owner = models.ForeignKey(
        OrganisationMember,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        db_index=False,
        related_name="cases",
        help_text="The colleague who looks after the case. The database lets it be one of the organisation only.",
    )
    next_action = models.CharField(
        "what is to be done next", max_length=200, blank=True, default="", db_default="", editable=False
    )
    next_action_on = models.DateField("when", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "offer or case"
        verbose_name_plural = "offers and cases"
        ordering = ["strand", "position"]
        indexes = [
            models.Index(fields=["service"], name="assignment_load", condition=TAKES_A_PLACE),
            models.Index(fields=["organisation"], name="assignment_live", condition=Q(status__in=LIVE_ASSIGNMENT)),
            models.Index(
                fields=["strand"],
                name="assignment_not_answered",
                condition=Q(status=AssignmentStatus.OFFERED, lapsed_at__isnull=False),
            ),
            models.Index(
                fields=["organisation", "-offered_at"],
                name="assignment_last_offer",
                condition=Q(offered_at__isnull=False),
            ),
            models.Index(
                fields=["remind_at"],
                name="assignment_to_remind",
                condition=Q(status=AssignmentStatus.OFFERED, reminded_at=None),
            ),
            models.Index(
                fields=["lapse_at"],
                name="assignment_to_lapse",
                condition=Q(status=AssignmentStatus.OFFERED, lapsed_at=None),
            ),
            models.Index(fields=["owner"], name="assignment_of_owner", condition=Q(owner__isnull=False)),
            models.Index(
                fields=["organisation", "next_action_on"],
                name="assignment_next_action",
                condition=Q(next_action_on__isnull=False),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["strand"],
                condition=Q(status__in=LIVE_ASSIGNMENT),
                name="assignment_one_live",
                violation_error_message="Another organisation has been asked, or has accepted, already.",
            ),
            models.UniqueConstraint(
                fields=["strand", "position"],
                name="assignment_position_once",
                violation_error_message="Two organisations have the same place on the list.",
            ),
            models.CheckConstraint(
                condition=_has_times([AssignmentStatus.QUEUED], offered=False, accepted=False, ended=False)
                | _has_times([AssignmentStatus.OFFERED], offered=True, accepted=False, ended=False)
                | _has_times([AssignmentStatus.ACCEPTED], offered=True, accepted=True, ended=False)
                | _has_times(
                    [AssignmentStatus.REJECTED, AssignmentStatus.LAPSED, AssignmentStatus.RELEASED],
                    offered=True,
                    accepted=False,
                    ended=True,
                )
                | _has_times([AssignmentStatus.SKIPPED], offered=False, accepted=False, ended=True)
                | _has_times([AssignmentStatus.WITHDRAWN], offered=None, accepted=None, ended=True)
                | _has_times(
                    [AssignmentStatus.CLOSED, AssignmentStatus.REFERRED_ON], offered=True, accepted=True, ended=True
                ),
                name="assignment_status_and_times_agree",
                violation_error_message="The status and the times of this offer or case contradict each other.",
            ),
            models.CheckConstraint(
                condition=Q(place_from=None)
                | Q(status=AssignmentStatus.OFFERED, waitlisted_at__isnull=False, remind_at__isnull=False),
                name="assignment_waitlisted_is_asked",
                violation_error_message="Only an offer that is to be taken up again can be on a waiting list.",
            ),
            models.CheckConstraint(
                condition=(Q(status=AssignmentStatus.REJECTED) & ~Q(reject_reason=""))
                | (~Q(status=AssignmentStatus.REJECTED) & Q(reject_reason="")),
                name="assignment_rejected_has_reason",
                violation_error_message="A rejection needs a reason.",
            ),
            models.CheckConstraint(
                condition=(Q(status=AssignmentStatus.CLOSED) & ~Q(outcome=""))
                | (~Q(status=AssignmentStatus.CLOSED) & Q(outcome="")),
                name="assignment_closed_has_outcome",
                violation_error_message="A closed case needs an outcome.",
            ),
            models.CheckConstraint(
                condition=Q(owner=None) | Q(accepted_at__isnull=False),
                name="assignment_owned_is_accepted",
                violation_error_message="Somebody looks after a case once it is accepted.",
            ),
            models.CheckConstraint(
                condition=Q(next_action="", next_action_on=None)
                | Q(status=AssignmentStatus.ACCEPTED, next_action_on__isnull=False) & ~Q(next_action=""),
                name="assignment_next_action_has_its_day",
                violation_error_message="What is to be done next in an open case has its day.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation}, {self.get_status_display().lower()}"

    @property
    def plan(self) -> str:
        """What is to be done next and when, as forms send it back to say what they were filled in on; "" for none."""
        return f"{self.next_action_on:%Y-%m-%d} {self.next_action}" if self.next_action_on else ""

    @property
    def answer_by(self) -> datetime | None:
        """When the organisation is next reminded or passed over; None if the network sets no limit."""
        return self.lapse_at if self.reminded_at or not self.remind_at else self.remind_at


def can_still_be_accepted() -> Q:
    """Return the condition on offers that lapsed, and that their organisation may accept all the same.

    Nobody has accepted since, the organisation has not been asked again, and it still offers this in the network.
    """
    since = Assignment.objects.filter(
        Q(accepted_at__gte=OuterRef("ended_at"))
        | Q(organisation=OuterRef("organisation"), offered_at__gte=OuterRef("ended_at")),
        strand=OuterRef("strand"),
    ).exclude(pk=OuterRef("pk"))
    is_open = Q(
        status=AssignmentStatus.LAPSED, strand__status__in=(StrandStatus.SEEKING, StrandStatus.WITH_COORDINATOR)
    )
    is_offered = Service.objects.filter(pk=OuterRef("service"), archived_at=None)
    is_member = NetworkMembership.objects.active().of_outer_row(network="strand__network")
    # In this order: within an OR, PostgreSQL looks at the sub-queries only where what stands before them is true.
    return is_open & ~Exists(since) & Exists(is_offered) & Exists(is_member)
