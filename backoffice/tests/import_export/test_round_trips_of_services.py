"""Whatever a service says leaves as a table and comes back as it was."""

from datetime import date, time

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from backoffice.tests.import_export.words import TELLING, TEXT, kept
from backoffice.tests.tables import TEXTS
from referrals import models as m
from referrals.enums import Cost, ReferralPathway
from referrals.hours import ExceptionalDays, WeeklyOpening
from referrals.hours.clashes import describe_slip, overlapping_exceptions, overlapping_openings
from referrals.import_export import ServiceResource
from referrals.import_export.reading import read_table
from referrals.tests import factories as f

pytestmark = pytest.mark.django_db
HOURS = st.times().map(lambda at: at.replace(second=0, microsecond=0, fold=0))
DAYS = st.dates(date(2020, 1, 1), date(2039, 12, 31))
NOTE = st.one_of(TEXT, TELLING, st.text("()[]\\;,\n\"'=", max_size=12)).map(kept)


@st.composite
def openings(draw) -> dict:
    first, last = sorted([draw(DAYS), draw(DAYS)])
    season = draw(st.sampled_from([(None, None), (first, None), (None, last), (first, last)]))
    days = {"weekday": draw(st.integers(0, 6)), "opens": draw(HOURS), "closes": draw(HOURS)}
    return days | dict(zip(("valid_from", "valid_to"), season, strict=True))


@st.composite
def exceptions(draw) -> dict:
    first, last = sorted([draw(DAYS), draw(DAYS)])
    opens, closes = draw(st.one_of(st.just((None, None)), st.tuples(HOURS, HOURS)))
    return {"first_day": first, "last_day": last, "opens": opens, "closes": closes, "note": draw(NOTE)[:120].strip()}


@st.composite
def catchments(draw) -> MultiPolygon | None:
    """Squares side by side, some with a hole, within the area of a test's network."""
    x = st.floats(-0.19, -0.18)
    parts = []
    for n in range(draw(st.integers(0, 3))):
        west, south, size = draw(x) + n * 0.03, draw(st.floats(51.51, 51.52)), draw(st.floats(0.001, 0.02))
        ring = [(west, south), (west + size, south), (west + size, south + size), (west, south + size), (west, south)]
        hole = [(west + (a - west) / 2 + size / 4, south + (b - south) / 2 + size / 4) for a, b in ring]
        parts.append(Polygon(ring, hole) if draw(st.booleans()) else Polygon(ring))
    return MultiPolygon(parts, srid=4326) if parts else None


@st.composite
def services(draw) -> dict:
    cost = draw(st.sampled_from(Cost.values))
    ages = draw(st.one_of(st.just((None, None)), st.tuples(st.integers(0, 50), st.integers(50, 32767))))
    return {
        "own": {
            "opening_note": draw(TELLING),
            "summary": draw(TEXT),
            "description": draw(TELLING),
            "phone": draw(
                st.sampled_from(["", "020 7946 0011", "+48 601 234 567", "116 123", "0800 1111 (Sam)", "02079460011"])
            ),
            "email": draw(st.sampled_from(["", "a@b.example", "'=x@b.example"])),
            "website": draw(st.sampled_from(["", "https://example.org/?q=a;b,c"])),
            "pathways": draw(st.lists(st.sampled_from(ReferralPathway.values), unique=True)),
            "cost": cost,
            "cost_note": draw(TELLING) if cost else "",
            "by_appointment": draw(st.booleans()),
            "closed_on_bank_holidays": draw(st.booleans()),
            "is_public": draw(st.booleans()),
            "capacity": draw(st.integers(0, 2**31 - 1)),
            "last_confirmed_on": draw(st.dates(date(2020, 1, 1), date(2026, 1, 1))),
            "paused_at": draw(st.sampled_from([None, timezone.now()])),
            "catchment": draw(catchments()),
        },
        "activity": draw(TELLING.filter(kept)),
        "venue": draw(st.sampled_from(["", "first", "twin", "hidden"])),
        "categories": draw(st.sets(st.integers(0, 2))),
        "options": draw(st.sets(st.integers(0, 5))),
        "ages": ages,
        "hours": draw(
            st.lists(openings(), max_size=6, unique_by=lambda one: (one["weekday"], one["opens"], one["valid_from"]))
        ),
        "exceptions": draw(
            st.lists(
                exceptions(),
                max_size=4,
                unique_by=lambda one: (one["first_day"], one["last_day"], one["opens"] or time()),
            )
        ),
    }


def has_no_clash(service: dict) -> bool:
    """Whether a table may say these hours: no slips, and no two openings at once."""
    openings = [WeeklyOpening(**opening) for opening in service["hours"]]
    days = [ExceptionalDays(**row) for row in service["exceptions"]]
    timed = [row for row in [*openings, *days] if row.opens is not None]
    slips = [row for row in timed if describe_slip(row.opens, row.closes)]
    return not slips and not [*overlapping_openings(openings), *overlapping_exceptions(days)]


class PointedAt:
    """What any service points at, with names that are hard to tell apart."""

    def __init__(self) -> None:
        self.network = f.NetworkFactory(area__boundary=f.square(-0.15, 51.52, 0.1))
        self.organisation = f.OrganisationFactory(network=self.network)
        self.user = f.OrganisationMemberFactory(organisation=self.organisation).user
        venues = {"first": "Hall; the = one", "twin": "Twin", "hidden": "Refuge"}
        self.venues = {key: f.VenueFactory(organisation=self.organisation, name=name) for key, name in venues.items()}
        f.VenueFactory(organisation=self.organisation, name="Twin")
        m.Venue.objects.filter(name="Refuge").update(is_confidential=True)
        self.categories = [f.CategoryFactory(network=self.network) for _ in range(3)]
        names = [("A", "B: C"), ("A: B", "C"), ("Two\nlines", " spaced "), ("=1", "+2"), ("Gender", "Woman"), ("", "")]
        self.options = []
        for name, option in names:
            demographic, _ = m.Demographic.objects.get_or_create(network=self.network, name=name)
            self.options.append(m.DemographicOption.objects.create(demographic=demographic, name=option))

    def make(self, drawn: dict) -> None:
        named = m.Activity.objects.filter(organisation=self.organisation, name__iexact=drawn["activity"]).first()
        activity = named or m.Activity.objects.create(organisation=self.organisation, name=drawn["activity"])
        service = m.Service.objects.create(
            organisation=self.organisation,
            network=self.network,
            activity=activity,
            venue=self.venues.get(drawn["venue"]),
            **drawn["own"],
        )
        service.categories.set([self.categories[n] for n in drawn["categories"]])
        for opening in drawn["hours"]:
            m.OpeningHours.objects.create(service=service, **opening)
        for days in drawn["exceptions"]:
            m.OpeningException.objects.create(service=service, **days)
        for n in drawn["options"]:
            m.Restriction.objects.create(service=service, option=self.options[n])
        if drawn["ages"] != (None, None):
            m.Restriction.objects.create(service=service, age_from=drawn["ages"][0], age_to=drawn["ages"][1])


def facts(service: m.Service) -> dict:
    """Everything that is exported of a service, as the database has it."""
    own = (
        "by_appointment",
        "closed_on_bank_holidays",
        "opening_note",
        "capacity",
        "is_public",
        "summary",
        "description",
    )
    own += (
        "phone",
        "email",
        "website",
        "pathways",
        "cost",
        "cost_note",
        "last_confirmed_on",
        "organisation",
        "network",
        "venue",
        "catchment",
    )
    beside = {
        "opening_hours": ("weekday", "opens", "closes", "valid_from", "valid_to"),
        "opening_exceptions": ("first_day", "last_day", "opens", "closes", "note"),
        "restrictions": ("option", "age_from", "age_to"),
    }
    rows = {relation: set(getattr(service, relation).values_list(*names)) for relation, names in beside.items()}
    texts = {name: getattr(service, name) for name in own}
    texts |= {name: kept(texts[name]) for name in TEXTS}
    categories = {category.pk for category in service.categories.all()}
    return {**texts, **rows, "activity": kept(service.activity.name), "categories": categories}


def all_facts() -> list[dict]:
    return [facts(service) for service in m.Service.objects.order_by("pk")]


@pytest.mark.slow(reason="each example is a table, exported and imported again")
class ServiceRoundTripTest(TestCase):
    """Whatever services say: they leave, come back as new ones that say the same, and change nothing where they are."""

    @settings(max_examples=25, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        drawn=st.lists(services().filter(has_no_clash), min_size=1, max_size=3),
        file_format=st.sampled_from(["csv", "xlsx"]),
    )
    def test_round_trip(self, drawn: list[dict], file_format: str) -> None:
        world = PointedAt()
        for one in drawn:
            world.make(one)
        resource = ServiceResource(world.user)
        sheet = resource.export(resource.changeable().order_by("pk"))
        content = sheet.xlsx if file_format == "xlsx" else sheet.csv.encode()
        rows = read_table(content, resource.column_names)
        again = ServiceResource(world.user).apply(rows, dry_run=False)
        assert {change.kind for change in again} == {"unchanged"}, again
        before = all_facts()
        m.Service.objects.all().delete()
        m.Activity.objects.all().delete()
        made = ServiceResource(world.user).apply([(n, ["", *cells[1:]]) for n, cells in rows], dry_run=False)
        assert {change.kind for change in made} == {"new"}, made
        assert all_facts() == before
