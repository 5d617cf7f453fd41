from collections.abc import Iterable
from datetime import date, time
from typing import Self

from dateutil.relativedelta import relativedelta
from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GistIndex
from django.db.models import Exists, F, Q
from django.db.models.functions import Coalesce, Lower
from django.utils import timezone

from referrals.enums import AccessFeature, Cost, ReferralPathway, Weekday
from referrals.mailboxes import PlainEmailField
from referrals.models.categories import Category
from referrals.models.demographics import DemographicOption
from referrals.models.networks import Network
from referrals.models.organisations import NetworkMembership, Organisation
from referrals.models.pictures import Picture
from referrals.user_input.phones import PhoneField

# The public filter "free of charge" reads `cost` only: a service with just a note would never be found.
COST_NOT_SAID = "Say first whether it is free or there is a charge."

# The service's own state only: whether its organisation is an active member is for NetworkMembership to say.
# The SQL versions say the same, for statements that alias the table as `service`.
TAKES_PEOPLE = Q(archived_at=None, paused_at=None, capacity__gt=0)
TAKES_PEOPLE_SQL = "service.archived_at IS NULL AND service.paused_at IS NULL AND service.capacity > 0"
IS_SHOWN = Q(is_public=True, paused_at=None, archived_at=None)
IS_SHOWN_SQL = "service.is_public AND service.paused_at IS NULL AND service.archived_at IS NULL"


class Activity(models.Model):
    """The organisation's own name for what it runs; also a tag on the people it supports."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="activities")
    name = models.CharField(max_length=120)

    class Meta:
        verbose_name_plural = "activities"
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                "organisation",
                Lower("name"),
                name="activity_name_once",
                violation_error_message="The organisation has an activity of this name already.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Venue(models.Model):
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="venues")
    name = models.CharField(max_length=200)
    address = models.TextField(blank=True)
    postcode = models.CharField(max_length=8, blank=True)
    point = models.PointField(null=True, blank=True)
    map_link = models.URLField(blank=True)
    access_features = ArrayField(
        models.CharField(max_length=20, choices=AccessFeature),
        default=list,
        blank=True,
        verbose_name="access",
        help_text="Tick what there is. The rest counts as not known.",
    )
    access = models.CharField(
        "about access", max_length=300, blank=True, help_text="Steps, doors, whom to ask for a ramp ..."
    )
    facilities = models.CharField(max_length=300, blank=True, help_text="Parking, toilets, a quiet room ...")
    is_confidential = models.BooleanField(
        "address is confidential", default=False, help_text="Such as a refuge: shown on no map, page, feed or e-mail."
    )

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class ServiceQuerySet(models.QuerySet):
    def not_archived(self) -> Self:
        return self.filter(archived_at=None)

    def taking_people(self) -> Self:
        """Ignores whether the organisation is an active member: see `by_active_members`."""
        return self.filter(TAKES_PEOPLE)

    def by_active_members(self) -> Self:
        return self.filter(Exists(NetworkMembership.objects.active().of_outer_row()))

    def listed(self) -> Self:
        return self.filter(IS_SHOWN).by_active_members()


class Service(models.Model):
    """An activity of an organisation in a network: where, when, for whom and for how many."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="services")
    network = models.ForeignKey(Network, on_delete=models.PROTECT, related_name="services")
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="services")
    categories = models.ManyToManyField(Category, related_name="services", blank=True)
    venue = models.ForeignKey(Venue, on_delete=models.PROTECT, null=True, blank=True, related_name="services")
    catchment = models.MultiPolygonField(
        null=True, blank=True, spatial_index=False, help_text="Empty: the whole area of the network."
    )

    by_appointment = models.BooleanField(default=False)
    opening_note = models.CharField(
        max_length=300, blank=True, help_text="Seasons, and anything else that the hours cannot say."
    )
    closed_on_bank_holidays = models.BooleanField(default=False)

    capacity = models.PositiveIntegerField(default=0, help_text="People at a time. 0 = never suggested.")
    capacity_set_on = models.DateField(
        null=True, blank=True, editable=False, help_text="Empty: nobody has said it yet."
    )
    paused_at = models.DateTimeField(null=True, blank=True, editable=False)

    is_public = models.BooleanField("listed publicly", default=False)
    listed_on = models.DateField(null=True, editable=False, help_text="When it was listed. The database sets it.")
    summary = models.CharField(max_length=200, blank=True)
    description = models.TextField(blank=True)
    phone = PhoneField()
    email = PlainEmailField("e-mail", blank=True)
    website = models.URLField(blank=True)
    pathways = ArrayField(
        models.CharField(max_length=15, choices=ReferralPathway),
        default=list,
        blank=True,
        verbose_name="how to be referred",
    )
    cost = models.CharField(max_length=10, choices=Cost, blank=True, default=Cost.NOT_SAID)
    cost_note = models.CharField(max_length=200, blank=True, help_text="Such as: £3 a bag, the first one is free.")

    picture = models.ForeignKey(
        Picture,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="services",
        help_text="One of the organisation's own.",
    )
    stock_picture = models.ForeignKey(
        "wagtailimages.Image",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="One from the stock gallery, which content editors look after.",
    )
    picture_alt = models.CharField(
        "what the picture shows", max_length=200, blank=True, help_text="For those who cannot see it."
    )

    added_on = models.DateField(default=timezone.localdate, editable=False)
    last_confirmed_on = models.DateField(null=True, blank=True, help_text="Empty: nobody has confirmed it yet.")
    confirmation_asked_on = models.DateField(null=True, blank=True, editable=False)
    confirmations_asked = models.PositiveSmallIntegerField(
        default=0, editable=False, help_text="How often, since it was last confirmed."
    )
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ServiceQuerySet.as_manager()

    class Meta:
        ordering = ["organisation__name", "activity__name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(capacity__gte=0),
                name="service_capacity_not_negative",
                violation_error_message="Capacity must be 0 or more.",
            ),
            models.CheckConstraint(
                condition=Q(picture=None) | Q(stock_picture=None),
                name="service_one_picture",
                violation_error_message="Choose one picture: your own or one from the gallery.",
            ),
            models.CheckConstraint(
                condition=Q(archived_at=None) | Q(is_public=False),
                name="service_archived_is_not_listed",
                violation_error_message="An archived service is not listed. Bring it back first.",
            ),
            models.CheckConstraint(
                condition=Q(cost_note="") | ~Q(cost=Cost.NOT_SAID),
                name="service_cost_note_needs_cost",
                violation_error_message=COST_NOT_SAID,
            ),
        ]
        indexes = [
            GistIndex(
                "network", "catchment", name="service_catchment", condition=TAKES_PEOPLE & Q(catchment__isnull=False)
            ),
            models.Index(
                fields=["network"], name="service_without_catchment", condition=TAKES_PEOPLE & Q(catchment=None)
            ),
            GistIndex(fields=["catchment"], name="service_public_catchment", condition=IS_SHOWN),
            models.Index(fields=["-listed_on", "-id"], name="service_newest", condition=IS_SHOWN),
        ]

    def __str__(self) -> str:
        return f"{self.activity} ({self.organisation})"

    @property
    def takes_people(self) -> bool:
        return self.capacity > 0 and self.paused_at is None and self.archived_at is None

    def is_stale(self, today: date) -> bool:
        """The rule of `freshness.stale` for one service in memory, with its network loaded."""
        months = self.network.confirm_after_months
        if months is None or self.archived_at:
            return False
        return (self.last_confirmed_on or self.added_on) + relativedelta(months=months) <= today


class OpeningHours(models.Model):
    """One weekly opening, in local time. It ends the next day when `closes` is not after `opens`."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="opening_hours")
    weekday = models.PositiveSmallIntegerField(choices=Weekday)
    opens = models.TimeField()
    closes = models.TimeField(help_text="If earlier than it opens: the next day.")
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "opening hours"
        ordering = ["weekday", "opens", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(weekday__lte=6), name="opening_weekday", violation_error_message="Choose a day of the week."
            ),
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="opening_season_in_order",
                violation_error_message="The season ends before it begins.",
            ),
            models.UniqueConstraint(
                fields=["service", "weekday", "opens", "valid_from"],
                name="opening_spell_once",
                violation_error_message="These hours are there already.",
            ),
            models.UniqueConstraint(
                fields=["service", "weekday", "opens"],
                condition=Q(valid_from=None),
                name="opening_spell_always_once",
                violation_error_message="These hours are there already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens:%H:%M} to {self.closes:%H:%M}"


class OpeningException(models.Model):
    """Days on which the weekly hours do not count: closed, or open at other times.

    Several rows of the same days are several openings on those days.
    """

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="opening_exceptions")
    first_day = models.DateField()
    last_day = models.DateField(help_text="For a single day, the same as the first.")
    opens = models.TimeField(null=True, blank=True, help_text="Empty: closed.")
    closes = models.TimeField(null=True, blank=True, help_text="If earlier than it opens: the next day.")
    note = models.CharField(max_length=120, blank=True, help_text="Why, in a word or two: Christmas, stocktaking ...")

    class Meta:
        ordering = ["first_day", "last_day", "opens", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")),
                name="opening_exception_days_in_order",
                violation_error_message="The last day is before the first.",
            ),
            models.CheckConstraint(
                condition=Q(opens=None, closes=None) | Q(opens__isnull=False, closes__isnull=False),
                name="opening_exception_both_times",
                violation_error_message="Give both times, or none for closed.",
            ),
            models.UniqueConstraint(
                "service",
                "first_day",
                "last_day",
                Coalesce("opens", time()),
                name="opening_exception_once",
                violation_error_message="These days are there already.",
            ),
        ]

    def __str__(self) -> str:
        days = f"{self.first_day:%d %B %Y}"
        if self.last_day != self.first_day:
            days = f"{days} to {self.last_day:%d %B %Y}"
        return f"{days}: {self.opens:%H:%M} to {self.closes:%H:%M}" if self.opens else f"{days}: closed"


class Restriction(models.Model):
    """One supported answer, or the supported ages, of a service.

    Answers to one demographic are alternatives; different demographics, and the ages, must all be met.
    """

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="restrictions")
    option = models.ForeignKey(
        DemographicOption, on_delete=models.PROTECT, null=True, blank=True, related_name="restrictions"
    )
    age_from = models.PositiveSmallIntegerField(null=True, blank=True, help_text="In years; this age included.")
    age_to = models.PositiveSmallIntegerField(null=True, blank=True, help_text="In years; this age included.")

    class Meta:
        ordering = ["service", "option", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(option__isnull=False, age_from=None, age_to=None)
                | (Q(option=None) & (Q(age_from__isnull=False) | Q(age_to__isnull=False))),
                name="restriction_option_or_ages",
                violation_error_message="Choose either a supported answer or an age range.",
            ),
            models.CheckConstraint(
                condition=Q(age_from=None) | Q(age_to=None) | Q(age_to__gte=F("age_from")),
                name="restriction_ages_in_order",
                violation_error_message="The upper age is below the lower.",
            ),
            models.UniqueConstraint(
                fields=["service", "option"],
                name="restriction_option_once",
                violation_error_message="The service has this restriction already.",
            ),
            models.UniqueConstraint(
                fields=["service"],
                condition=Q(option=None),
                name="restriction_ages_once",
                violation_error_message="The service has an age range already.",
            ),
        ]

    def __str__(self) -> str:
        if self.option:
            return f"{self.option.demographic}: {self.option}"
        return f"Ages {self.age_from or 0} to {self.age_to if self.age_to is not None else 'any'}"

    @classmethod
    def ages_among(cls, rows: Iterable[Self]) -> Self | None:
        """Return the supported ages, of which a service has one row at most; the others are supported answers."""
        return next((row for row in rows if row.option_id is None), None)
