"""The table of services: one row each, with its hours, exceptions and restrictions."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from django.contrib.gis.geos import MultiPolygon
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils import timezone
from import_export.fields import Field

from referrals.catchments import read_catchment
from referrals.enums import Cost, ReferralPathway, Weekday
from referrals.hours import ExceptionalDays, WeeklyOpening, notation
from referrals.hours.clashes import describe_overlap, describe_slip, overlapping_exceptions, overlapping_openings
from referrals.import_export.fields import RelatedRowsField
from referrals.import_export.relation_widgets import ScopedNamesWidget
from referrals.import_export.resource import ScopedResource
from referrals.import_export.widgets import ShapeWidget, TextWidget, WholeNumberWidget
from referrals.models import (
    Area,
    DemographicOption,
    NetworkMembership,
    OpeningException,
    OpeningHours,
    Restriction,
    Service,
)
from referrals.models.services import COST_NOT_SAID
from referrals.services.fields import MEMBERSHIP_FIELDS, TABLE_FIELDS
from referrals.user_input.text import on_one_line

WEEK = tuple(day.name.lower() for day in Weekday)
HOURS = (*WEEK, "seasonal_hours")  # together, all weekly hours
# Fields of the service that are other columns, or several, in the table.
COLUMNS = {
    "opening_hours": HOURS,
    "opening_exceptions": ("exceptions",),
    "restrictions": ("supported_answers", "age_from", "age_to"),
}


class NotationWidget(TextWidget):
    """Several rows of a service in one cell, written as `referrals.hours.notation` says."""

    def __init__(self, parse: Callable[[str], list[tuple]], write: Callable[[Iterable[tuple]], str]) -> None:
        super().__init__()
        self.parse, self.write = parse, write

    def clean(self, value: str, row: dict | None = None, **kwargs: object) -> set[tuple]:
        return set(self.parse(value))


class AnswersWidget(ScopedNamesWidget):
    """Supported answers of the service's network, one a line: "Gender: Woman"."""

    separator = "\n"
    not_found = "This network has no answer “{text}”. Write one a line, as in Gender: Woman."

    def __init__(self) -> None:
        super().__init__(Restriction._meta.get_field("option"))
        self.kind = "answer"

    def get_queryset(self, *args: Any, **kwargs: Any) -> Any:
        return super().get_queryset(*args, **kwargs).select_related("demographic")

    def name_of(self, row: DemographicOption) -> str:
        """Return a name that fits on one line; empty, so that the ID is written instead, if it would not read back."""
        name = f"{row.demographic.name}: {row.name}"
        return name if name == name.strip() and name.splitlines() == [name] else ""

    def group_of(self, row: DemographicOption) -> int:
        return row.demographic.network_id

    def group_for(self, instance: Service) -> int | None:
        return instance.network_id

    def render(self, value: set[DemographicOption], obj: Model | None = None, **kwargs: Any) -> str:
        in_order = sorted(value, key=lambda row: (row.demographic.position, row.demographic_id, row.position, row.pk))
        return self.separator.join(self.label(row, **kwargs) for row in in_order)


class CatchmentCellWidget(ShapeWidget):
    def __init__(self) -> None:
        super().__init__()
        self._areas: dict[int, Area | None] = {}

    def clean(
        self, value: str, row: dict | None = None, *, instance: Service, notes: list[str], **kwargs: object
    ) -> MultiPolygon | None:
        if not value.strip():
            return None
        network = instance.network_id
        if network not in self._areas:
            self._areas[network] = Area.objects.filter(networks=network).first() if network else None
        if self._areas[network] is None:
            raise ValueError("A catchment needs its network to be known.")
        found = read_catchment(value, self._areas[network])
        notes += found.changes
        return found.shape


class AgeColumn(Field):
    """One end of the supported ages. Both ends are one restriction, which `ServiceResource.check_row` replaces."""

    def __init__(self, name: str, column_name: str) -> None:
        super().__init__(name, column_name, WholeNumberWidget())

    def get_value(self, instance: Service) -> int | None:
        ages = find_ages(instance)
        return getattr(ages, self.attribute, None)


def find_ages(service: Service) -> Restriction | None:
    return Restriction.ages_among(getattr(service, "seen_restrictions", ()))


def to_opening(row: OpeningHours) -> WeeklyOpening:
    return WeeklyOpening(row.weekday, row.opens, row.closes, row.valid_from, row.valid_to)


def to_exception(row: OpeningException) -> ExceptionalDays:
    return ExceptionalDays(row.first_day, row.last_day, row.opens, row.closes, row.note)


def _find_clash_of_openings(openings: list[WeeklyOpening]) -> str:
    try:
        notation.refuse_clashes(openings)
    except ValueError as error:
        return str(error)
    return _describe_clash(openings, overlapping_openings(openings))


def _describe_clash(rows: list, overlapping: Iterator[tuple]) -> str:
    """Return what is probably a mistake: times that look like a slip, or two openings at once."""
    timed = [row for row in rows if row.opens is not None]
    slips = (
        f"{row.opens:%H:%M}-{row.closes:%H:%M}: {words}"
        for row in timed
        if (words := describe_slip(row.opens, row.closes))
    )
    return next(slips, "") or next((describe_overlap(*pair) for pair in overlapping), "")


def has_season(opening: WeeklyOpening) -> bool:
    return opening.valid_from is not None or opening.valid_to is not None


def read_seasons(text: str) -> list[WeeklyOpening]:
    openings = notation.read_hours(text)
    if not all(map(has_season, openings)):
        hint = f"Write seasons like this: {notation.EXAMPLE_OF_SEASONS}"
        raise ValueError(f"Hours without dates go into the columns of their days. {hint}")
    return openings


def read_exceptions(text: str) -> list[ExceptionalDays]:
    return [row._replace(note=on_one_line(row.note)) for row in notation.read_exceptions(text)]


def hours_field(
    name: str, parse: Callable, write: Callable = notation.write_hours, *, holds: Callable[[WeeklyOpening], bool]
) -> RelatedRowsField:
    return RelatedRowsField(
        name,
        name.replace("_", " ").capitalize(),
        NotationWidget(parse, write),
        relation="opening_hours",
        model=OpeningHours,
        to_value=lambda row: opening if holds(opening := to_opening(row)) else None,
        to_row=lambda opening: OpeningHours(**opening._asdict()),
    )


def day_field(day: int) -> RelatedRowsField:
    parse = partial(notation.read_day, weekday=day)
    holds = lambda opening: opening.weekday == day and not has_season(opening)  # noqa: E731
    return hours_field(WEEK[day], parse, notation.write_day, holds=holds)


class ServiceResource(ScopedResource):
    fixed = MEMBERSHIP_FIELDS
    within = {"activity": "organisation", "venue": "organisation", "categories": "network"}
    creates_related = ("activity",)
    older_columns = {"Opening hours": tuple(column.replace("_", " ").capitalize() for column in HOURS)}
    name_column = "activity"
    likeness = ("organisation", "network", "activity", "venue")
    examples = (
        ("Activity", "Your own name for it. A new name is added."),
        ("Categories", "Debt advice; community-meals: names or short names, separated by semicolons"),
        ("Venue", "The name of one of your venues. Add new ones first."),
        ("Catchment", "GeoJSON text. Empty: the whole area. It is easier drawn in the form."),
        (
            "Monday to Sunday",
            f"{notation.EXAMPLE_OF_DAY}; 22:00-02:00 goes on after midnight; empty or closed: not open",
        ),
        ("Seasonal hours", f"{notation.EXAMPLE_OF_SEASONS}: only hours that hold between certain dates"),
        ("Exceptions", notation.EXAMPLE_OF_EXCEPTIONS),
        ("How to be referred", "; ".join(map(str, ReferralPathway.labels))),
        ("Cost", f"{Cost.FREE.label} or {Cost.CHARGED.label}; empty: not said"),
        ("Cost note", "£3 a bag, the first one is free"),
        ("Supported answers", "Gender: Woman (one a line; empty: everyone)"),
    )

    catchment = Field("catchment", "Catchment", CatchmentCellWidget())
    monday, tuesday, wednesday, thursday, friday, saturday, sunday = map(day_field, Weekday)
    seasonal_hours = hours_field("seasonal_hours", read_seasons, holds=has_season)
    opening_hours = hours_field("opening_hours", notation.read_hours, holds=lambda opening: True)
    exceptions = RelatedRowsField(
        "exceptions",
        "Exceptions",
        NotationWidget(read_exceptions, notation.write_exceptions),
        relation="opening_exceptions",
        model=OpeningException,
        to_value=to_exception,
        to_row=lambda days: OpeningException(**days._asdict()),
    )
    supported_answers = RelatedRowsField(
        "supported_answers",
        "Supported answers",
        AnswersWidget(),
        relation="restrictions",
        model=Restriction,
        to_value=lambda row: row.option,
        to_row=lambda option: Restriction(option=option),
    )
    age_from = AgeColumn("age_from", "Age from")
    age_to = AgeColumn("age_to", "Age to")

    class Meta:
        model = Service
        fields = ("id", *(column for name in TABLE_FIELDS for column in COLUMNS.get(name, (name,))), "opening_hours")

    def before_import(self, dataset: object, **kwargs: object) -> None:
        active = NetworkMembership.objects.active()
        self._memberships = set(active.values_list("organisation", "network"))

    def check_row(self, instance: Service, changed: set[str]) -> dict[str, str]:
        problems = self._check_hours(instance, changed) or self._replace_ages(instance, changed)
        if problems:
            return problems
        membership = instance.organisation_id, instance.network_id
        if instance.pk is None and all(membership) and membership not in self._memberships:
            return {"organisation": "This organisation is not an active member of this network."}
        if instance.last_confirmed_on and instance.last_confirmed_on > timezone.localdate():
            return {"last_confirmed_on": "This day has not come yet."}
        if instance.cost_note and not instance.cost:
            return {"cost": COST_NOT_SAID}
        if "capacity" in changed:
            instance.capacity_set_on = timezone.localdate()
        if "last_confirmed_on" in changed:
            instance.confirmation_asked_on, instance.confirmations_asked = None, 0
        return {}

    def _check_hours(self, instance: Service, changed: set[str]) -> dict[str, str]:
        # Two valid cells can clash, and the database would not say which.
        problems = {}
        if columns := [name for name in (*HOURS, "opening_hours") if name in changed]:
            openings = [to_opening(row) for row in instance.seen_opening_hours]
            problems[columns[-1]] = _find_clash_of_openings(openings)
        if "exceptions" in changed:
            days = [to_exception(row) for row in instance.seen_opening_exceptions]
            problems["exceptions"] = _describe_clash(days, overlapping_exceptions(days))
        return {column: problem for column, problem in problems.items() if problem}

    def _replace_ages(self, instance: Service, changed: set[str]) -> dict[str, str]:
        columns = [name for name in ("age_from", "age_to") if name in changed]
        if not columns:
            return {}
        before = find_ages(instance)
        values = {name: getattr(instance, name, getattr(before, name, None)) for name in ("age_from", "age_to")}
        after = Restriction(service=instance, **values)
        try:
            after.clean_fields(exclude=["service", "option"])
        except ValidationError as error:
            return {columns[-1]: error.messages[0]}
        if None not in values.values() and after.age_to < after.age_from:
            return {columns[-1]: "The upper age is below the lower."}
        self._pending.old[Restriction] += [before.pk] if before else []
        self._pending.new[Restriction] += [after] if set(values.values()) != {None} else []
        return {}
