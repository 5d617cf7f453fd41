"""Whatever a service says leaves as a table and comes back as it was."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from backoffice.tests.import_export.drawn_services import SAYABLE, STORED
from backoffice.tests.import_export.words import kept, kept_on_one_line
from backoffice.tests.tables import TEXTS
from referrals import models as m
from referrals.import_export import ServiceResource
from referrals.import_export.reading import read_table
from referrals.tests import factories as f
from referrals.tests.depth import gate_or_all

pytestmark = pytest.mark.django_db


class PointedAt:
    """These services, and what they point at, with names that are hard to tell apart."""

    def __init__(self, drawn: list[dict]) -> None:
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
        for service in drawn:
            self._make(service)

    def _make(self, drawn: dict) -> None:
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
    texts |= {name: kept_on_one_line(texts[name]) for name in TEXTS} | {"description": kept(service.description)}
    categories = {category.pk for category in service.categories.all()}
    return {**texts, **rows, "activity": kept_on_one_line(service.activity.name), "categories": categories}


def all_facts() -> list[dict]:
    return [facts(service) for service in m.Service.objects.order_by("pk")]


def rows_of(user: m.User, file_format: str) -> list:
    resource = ServiceResource(user)
    sheet = resource.export(resource.changeable().order_by("pk"))
    content = sheet.xlsx if file_format == "xlsx" else sheet.csv.encode()
    return read_table(content, resource.column_names)


def tables_of(services: st.SearchStrategy) -> dict[str, st.SearchStrategy]:
    return {"drawn": st.lists(services, min_size=1, max_size=3), "file_format": st.sampled_from(["csv", "xlsx"])}


any_table = settings(
    max_examples=gate_or_all(15, 100), derandomize=True, deadline=None, suppress_health_check=list(HealthCheck)
)


@pytest.mark.slow(reason="each example is a table, exported and imported again")
class ServiceRoundTripTest(TestCase):
    @any_table
    @given(**tables_of(STORED))
    def test_whatever_is_stored_leaves_and_changes_nothing_when_it_comes_back(self, drawn, file_format) -> None:
        """Even if it could not be stored today: hours that meet, a phone number that nobody can dial."""
        world = PointedAt(drawn)
        again = ServiceResource(world.user).apply(rows_of(world.user, file_format), dry_run=False)
        assert {change.kind for change in again} == {"unchanged"}, again

    @any_table
    @given(**tables_of(SAYABLE))
    def test_what_a_table_may_say_comes_back_as_new_services_that_say_the_same(self, drawn, file_format) -> None:
        world = PointedAt(drawn)
        rows = rows_of(world.user, file_format)
        before = all_facts()
        m.Service.objects.all().delete()
        m.Activity.objects.all().delete()
        made = ServiceResource(world.user).apply([(n, ["", *cells[1:]]) for n, cells in rows], dry_run=False)
        assert {change.kind for change in made} == {"new"}, made
        assert all_facts() == before
