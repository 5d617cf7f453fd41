"""A service is one row of a table, whole: what it says goes out, comes in, and stays within its user's walls."""

import csv
import io
import json
import tracemalloc
import zipfile
from datetime import date, time

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from tablib import Dataset

from backoffice.tests.test_import_export import TELLING, TEXT, _kept, changes, imported, preview, problems, url
from referrals import models as m
from referrals.catchments import write_catchment
from referrals.enums import Cost, MembershipStatus, ReferralPathway
from referrals.hours import ExceptionalDays, WeeklyOpening
from referrals.hours.clashes import describe_slip, overlapping_exceptions, overlapping_openings
from referrals.import_export import ServiceResource
from referrals.import_export.reading import Unreadable, read_table
from referrals.import_export.services import WEEK
from referrals.tests import factories as f

pytestmark = pytest.mark.django_db

HEADS = ServiceResource(None).column_names
WEEKDAYS = [head.capitalize() for head in WEEK]
TEXTS = ("opening_note", "summary", "description", "phone", "cost_note")


def table(*lines: dict[str, str]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, HEADS, restval="")
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue().encode()


def line_of(ours, **cells: str) -> dict[str, str]:
    named = {"Organisation": "Ours pantry", "Network": "Ours network", "Activity": "Parcels"}
    return named | {head.replace("_", " ").capitalize(): cell for head, cell in cells.items()}


def exported(user: m.User) -> list[dict[str, str]]:
    resource = ServiceResource(user)
    return resource.export(resource.changeable()).dict


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
    texts |= {name: _kept(texts[name]) for name in TEXTS}
    categories = {category.pk for category in service.categories.all()}
    return {**texts, **rows, "activity": _kept(service.activity.name), "categories": categories}


# In


def test_a_row_is_a_whole_service(ours, signed_in):
    cells = line_of(
        ours,
        categories=ours.category.slug,
        venue=ours.venue.name,
        catchment=write_catchment(ours.service.catchment),
        monday="10:00-13:00, 14:00-17:00",
        tuesday="10-13; 2pm-5pm",
        wednesday="closed",
        seasonal_hours="Sat 22:00-02:00 [2026-11-01 to 2027-03-31]",
        exceptions="2026-12-25 closed (Christmas); 2026-12-31 10:00-12:00",
        by_appointment="yes",
        capacity="12",
        how_to_be_referred="Just turn up; gp",
        cost="there is a charge",
        cost_note="£3 a bag",
        supported_answers="ours 0 demographic: Ours 0 option",
        age_from="16",
    )
    client = signed_in(ours.insider)
    page = preview(client, m.Service, table(cells))
    assert changes(page) == [(2, "new", "Parcels (Ours pantry)")]
    assert page.context["page"][0]["notes"] == [["Activity", "There is no “Parcels” yet: it is added."]]
    assert "There is no “Parcels” yet: it is added." in page.text
    assert not m.Activity.objects.filter(name="Parcels").exists()
    client.post(page.request["PATH_INFO"])
    service = m.Service.objects.get(activity__name="Parcels")
    assert (service.organisation, service.network, service.venue) == (ours.asked, ours.network, ours.venue)
    assert list(service.categories.all()) == [ours.category]
    assert service.catchment.equals(ours.service.catchment)
    openings = service.opening_hours.values_list("weekday", "opens", "closes", "valid_from")
    assert set(openings) == {
        (0, time(10), time(13), None),
        (0, time(14), time(17), None),
        (1, time(10), time(13), None),
        (1, time(14), time(17), None),
        (5, time(22), time(2), date(2026, 11, 1)),
    }
    days = service.opening_exceptions.values_list("first_day", "opens", "note")
    assert set(days) == {(date(2026, 12, 25), None, "Christmas"), (date(2026, 12, 31), time(10), "")}
    restrictions = service.restrictions.values_list("option", "age_from", "age_to")
    assert set(restrictions) == {(ours.option.pk, None, None), (None, 16, None)}
    assert (service.by_appointment, service.capacity, service.pathways) == (True, 12, ["drop_in", "gp"])
    assert (service.cost, service.cost_note) == (Cost.CHARGED, "£3 a bag")
    assert (service.last_confirmed_on, service.capacity_set_on) == (None, timezone.localdate())


def test_what_a_table_says_otherwise_replaces_what_was_there_and_keeps_the_rest(ours, signed_in):
    (row,) = exported(ours.insider)
    kept = m.OpeningHours.objects.create(service=ours.service, weekday=3, opens=time(9), closes=time(12))
    m.Service.objects.update(confirmations_asked=2, confirmation_asked_on=date(2026, 1, 1))
    row |= {"Monday": "", "Thursday": "9:00-12:00", "Friday": "09:00-12:00"}
    row |= {
        "Exceptions": "",
        "Supported answers": "",
        "Age to": "17",
        "Capacity": "3",
        "Last confirmed on": "2026-10-01",
    }
    imported(signed_in(ours.insider), m.Service, table(row))
    service = m.Service.objects.get()
    assert set(service.opening_hours.values_list("weekday", flat=True)) == {3, 4}
    assert service.opening_hours.filter(pk=kept.pk).exists()
    assert not service.opening_exceptions.exists()
    assert list(service.restrictions.values_list("option", "age_from", "age_to")) == [(None, None, 17)]
    assert (service.capacity, service.capacity_set_on) == (3, timezone.localdate())
    assert (service.confirmations_asked, service.confirmation_asked_on) == (0, None)
    assert service.venue == ours.refuge


def test_hours_written_in_another_way_change_nothing(ours, signed_in):
    (row,) = exported(ours.insider)
    assert row["Monday"] == "09:00-17:00"
    page = preview(signed_in(ours.insider), m.Service, table(row | {"Monday": "9am-5pm", "Tuesday": "closed"}))
    assert "Nothing would change" in page.text


def test_every_refusal_names_its_column(ours, signed_in):
    lines = [
        line_of(ours, monday="9-5", seasonal_hours="Someday", exceptions="Christmas", age_from="old", capacity="-1"),
        line_of(ours, supported_answers="Nothing: like this", categories="nowhere", how_to_be_referred="by owl"),
        line_of(ours, age_from="60", age_to="20"),
        line_of(ours, exceptions=f"2026-12-25 closed ({'x' * 121})"),
        line_of(ours, catchment="{}"),
        line_of(ours, activity="x" * 121),
        line_of(ours, cost_note="£3 a bag"),
        line_of(ours, cost="a little"),
        line_of(ours, monday="10:00-12:00", seasonal_hours="Mon 10:00-14:00 [until 2027-03-31]"),
        line_of(ours, sunday="by appointment", seasonal_hours="Sat 10-12"),
        line_of(ours, sunday="22:00-02:00", monday="01:00-03:00", exceptions="2026-12-24 9-12; 2026-12-24 11-13"),
        line_of(ours, monday="09:00-09:00", exceptions="2026-12-24 13:00-12:00"),
    ]
    page = preview(signed_in(ours.insider), m.Service, table(*lines))
    told = {change["number"]: change["problems"] for change in page.context["page"]}
    assert [column for column, _ in told[2]] == ["Monday", "Seasonal hours", "Exceptions", "Capacity", "Age from"]
    assert [column for column, _ in told[3]] == ["Categories", "How to be referred", "Supported answers"]
    assert told[4] == [["Age to", "The upper age is below the lower."]]
    assert told[5] == [["Exceptions", "Ensure this value has at most 120 characters (it has 121)."]]
    assert [column for column, _ in told[6]] == ["Catchment"]
    assert told[7] == [["Activity", "Ensure this value has at most 120 characters (it has 121)."]]
    assert told[8] == [["Cost", "Say first whether it is free or there is a charge."]]
    assert told[9] == [["Cost", "“a little” is not one of the answers here: Not said, Free, There is a charge."]]
    assert told[10] == [["Seasonal hours", "Monday has two openings at 10:00. Write each opening once."]]
    assert [column for column, _ in told[11]] == ["Sunday", "Seasonal hours"]
    assert sorted(told[12]) == [
        ["Exceptions", "24 December 2026 09:00 to 12:00 and 11:00 to 13:00 overlap. Make them one, or correct one."],
        ["Sunday", "Monday 01:00 to 03:00 and Sunday 22:00 to 02:00 overlap. Make them one, or correct one."],
    ]
    assert [problem.split(",")[0] for _, problem in sorted(told[13])] == [
        "13:00-12:00: That would be 23 hours",
        "09:00-09:00: That would be 24 hours",
    ]


def test_what_nobody_has_said_of_the_cost_is_an_empty_cell(ours, signed_in):
    (row,) = exported(ours.insider)
    assert (row["Cost"], row["Cost note"]) == ("", "")
    client = signed_in(ours.insider)
    imported(client, m.Service, table(row | {"Cost": "Free", "Cost note": "tea included"}))
    (row,) = exported(ours.insider)
    assert (row["Cost"], row["Cost note"]) == ("Free", "tea included")
    imported(client, m.Service, table(row | {"Cost": "not said", "Cost note": ""}))
    assert m.Service.objects.values_list("cost", "cost_note").get() == ("", "")


def test_the_page_says_how_cost_and_access_are_written(ours, signed_in):
    client = signed_in(ours.insider)
    assert "Free or There is a charge" in client.get(url(m.Service, "import")).text
    assert "Step-free access; Lift; Accessible toilet" in client.get(url(m.Venue, "import")).text


def test_a_catchment_that_had_to_be_mended_is_told(ours, signed_in):
    shape = {"type": "Polygon", "coordinates": [[[-0.2, 51.5], [-0.1, 51.6], [-0.1, 51.5], [-0.2, 51.6], [-0.2, 51.5]]]}
    page = preview(signed_in(ours.insider), m.Service, table(line_of(ours, catchment=json.dumps(shape))))
    assert [column for column, _ in page.context["page"][0]["notes"]] == ["Activity", "Catchment"]
    assert "crossed itself" in page.context["page"][0]["notes"][1][1]


def test_a_cell_that_a_workbook_has_cut_off_is_refused(ours, signed_in):
    page = preview(signed_in(ours.insider), m.Service, table(line_of(ours, description="x" * 32_767)))
    assert problems(page) == [
        ["Description", "This is as long as a workbook's cell can be: its end may be missing. Send the table as CSV."]
    ]


# ScopedMixin


def test_no_answer_venue_or_organisation_of_others_is_taken(ours, theirs, signed_in):
    theirs_said = f"{theirs.demographic.name}: {theirs.option.name}"
    lines = [
        line_of(ours, supported_answers=theirs_said),
        line_of(ours, supported_answers=str(theirs.option.pk)),
        line_of(ours, venue=theirs.venue.name),
        line_of(ours, categories=theirs.category.slug),
        line_of(ours, organisation="Theirs pantry"),
        line_of(ours, network="Theirs network"),
    ]
    page = preview(signed_in(ours.insider), m.Service, table(*lines))
    assert [change["kind"] for change in page.context["page"]] == ["refused"] * 6
    told = [change["problems"][0][0] for change in page.context["page"]]
    assert told == ["Supported answers", "Supported answers", "Venue", "Categories", "Organisation", "Network"]


def test_venues_of_one_name_are_told_apart_by_their_ids(ours, signed_in):
    m.Service.objects.filter(pk=ours.service.pk).update(venue=ours.venue)
    (before,) = exported(ours.insider)
    twin = m.Venue.objects.create(organisation=ours.asked, name=ours.venue.name)
    (row,) = exported(ours.insider)
    assert (before["Venue"], row["Venue"]) == (ours.venue.name, str(ours.venue.pk))
    client = signed_in(ours.insider)
    imported(client, m.Service, table(before | {"Summary": "New"}))
    assert m.Service.objects.get(pk=ours.service.pk).venue == ours.venue
    page = preview(client, m.Service, table(line_of(ours, venue=ours.venue.name, summary="Another")))
    assert problems(page) == [["Venue", f"There is more than one venue “{ours.venue.name}”. Write its ID instead."]]
    imported(client, m.Service, table(line_of(ours, venue=str(twin.pk), summary="Another")))
    assert m.Service.objects.get(summary="Another").venue == twin


def test_answers_are_those_of_the_services_own_network(ours, theirs, signed_in):
    f.OrganisationMemberFactory(user=ours.insider, organisation=theirs.asked)
    said = f"{theirs.demographic.name}: {theirs.option.name}"
    page = preview(signed_in(ours.insider), m.Service, table(line_of(ours, supported_answers=said)))
    assert [column for column, _ in problems(page)] == ["Supported answers"]


def test_no_activity_is_made_for_an_organisation_that_is_anothers_too(ours, theirs, signed_in):
    m.NetworkMembership.objects.create(organisation=ours.asked, network=theirs.network, status=MembershipStatus.ACTIVE)
    page = preview(signed_in(ours.coordinator), m.Service, table(line_of(ours)))
    assert problems(page) == [["Activity", "There is no activity “Parcels” to choose here."]]


def test_hours_of_a_service_of_others_are_not_written(ours, signed_in):
    before = list(m.OpeningHours.objects.values())
    (row,) = exported(ours.insider)
    page = preview(signed_in(ours.outsider), m.Service, table(row | {"Sunday": "1:00-2:00"}))
    assert problems(page)[0][0] == "ID"
    assert list(m.OpeningHours.objects.values()) == before


def test_a_venue_that_the_user_may_not_see_stays(ours, theirs, signed_in):
    """A coordinator of one network keeps services of an organisation in two, but knows not its other refuges."""
    m.NetworkMembership.objects.create(organisation=ours.asked, network=theirs.network, status=MembershipStatus.ACTIVE)
    m.Service.objects.filter(pk=ours.service.pk).update(venue=ours.refuge)
    hidden = ServiceResource(ours.coordinator)
    (row,) = hidden.export(hidden.changeable()).dict
    if row["Venue"]:  # seen because one of the coordinator's services is there
        assert row["Venue"] == ours.refuge.name
    imported(signed_in(ours.coordinator), m.Service, table(row | {"Summary": "New words"}))
    service = m.Service.objects.get(pk=ours.service.pk)
    assert (service.venue, service.summary) == (ours.refuge, "New words")


def test_an_organisation_that_has_left_the_network_gets_no_new_service(ours, signed_in):
    m.NetworkMembership.objects.filter(organisation=ours.asked).update(status=MembershipStatus.SUSPENDED)
    page = preview(signed_in(ours.coordinator), m.Service, table(line_of(ours)))
    assert problems(page) == [["Organisation", "This organisation is not an active member of this network."]]


# Opening hours


def old_table(*lines: dict[str, str]) -> bytes:
    """A file with all weekly hours in one column, as tables once were."""
    heads = [head for head in HEADS if head not in (*WEEKDAYS, "Seasonal hours")]
    text = io.StringIO()
    writer = csv.DictWriter(text, [*heads, "Opening hours"], restval="", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue().encode()


def test_hours_are_in_a_column_for_each_day_and_the_seasons_in_one(ours):
    add = ours.service.opening_hours.create
    add(weekday=0, opens=time(18), closes=time(2))
    add(weekday=6, opens=time(0), closes=time(0))
    add(weekday=6, opens=time(11), closes=time(15), valid_from=date(2026, 11, 1))
    (row,) = exported(ours.insider)
    assert [row[day] for day in WEEKDAYS] == ["09:00-17:00, 18:00-02:00", "", "", "", "", "", "00:00-00:00"]
    assert row["Seasonal hours"] == "Sun 11:00-15:00 [from 2026-11-01]"


def test_one_day_changes_and_the_others_stay(ours, signed_in):
    winter = ours.service.opening_hours.create(
        weekday=0, opens=time(18), closes=time(20), valid_from=date(2026, 11, 1), valid_to=date(2027, 3, 31)
    )
    (row,) = exported(ours.insider)
    imported(signed_in(ours.insider), m.Service, table(row | {"Sunday": "all day"}))
    openings = ours.service.opening_hours.values_list("weekday", "opens", "closes")
    assert set(openings) == {(0, time(9), time(17)), (0, time(18), time(20)), (6, time(0), time(0))}
    assert ours.service.opening_hours.filter(pk__in=[winter.pk, ours.hours.pk]).count() == 2


def test_a_file_with_all_hours_in_one_column_is_still_read(ours, signed_in):
    (row,) = exported(ours.insider)
    client = signed_in(ours.insider)
    page = preview(client, m.Service, old_table(row | {"Opening hours": "monday 9am-5pm"}))
    assert "Nothing would change" in page.text
    hours = "Tue-Wed 10:00-13:00, 14:00-17:00; Sat 22:00-02:00 [2026-11-01 to 2027-03-31]"
    page = preview(client, m.Service, old_table(row | {"Opening hours": hours}))
    assert page.context["page"][0]["cells"] == [["Opening hours", "Mon 09:00-17:00", hours]]
    client.post(page.request["PATH_INFO"])
    (row,) = exported(ours.insider)
    assert [row[day] for day in WEEKDAYS] == ["", *["10:00-13:00, 14:00-17:00"] * 2, "", "", "", ""]
    assert row["Seasonal hours"] == "Sat 22:00-02:00 [2026-11-01 to 2027-03-31]"
    page = preview(client, m.Service, old_table(row | {"Opening hours": "Someday 9-5"}))
    assert problems(page)[0][0] == "Opening hours"


@pytest.mark.parametrize("extra", ["Sunday", "Seasonal hours"])
def test_a_file_gives_the_hours_in_one_way_only(extra):
    (header, *_) = old_table().decode().splitlines()
    assert read_table(header.encode(), HEADS, ServiceResource.older_columns) == []
    with pytest.raises(Unreadable, match="“Opening hours” is not known here"):
        read_table(f"{header},{extra}\n".encode(), HEADS, ServiceResource.older_columns)


# Cost


def test_a_row_more_costs_a_few_queries_and_what_stands_beside_it_none(ours):
    def cost(rows: int, hours: str) -> int:
        line = line_of(ours, categories=ours.category.slug, supported_answers=str(ours.option.pk))
        line |= dict.fromkeys(WEEKDAYS, hours)
        lines = [(n, [line.get(head, "") for head in HEADS]) for n in range(2, rows + 2)]
        with CaptureQueriesContext(connection) as queries:
            ServiceResource(ours.insider).apply(lines, dry_run=True)
        return len(queries)

    assert cost(3, "") == cost(3, "9:00-10:00, 11:00-12:00") - 1
    each = (cost(13, "9:00-10:00") - cost(3, "9:00-10:00")) / 10
    assert each == 3  # a savepoint, the row, the release


def test_rows_that_stay_as_they_are_cost_no_query_of_their_own(ours):
    ours.grow()
    resource = ServiceResource(ours.insider)
    lines = [(n, row) for n, row in enumerate(map(list, resource.export(resource.changeable())), start=2)]

    def cost(rows: list) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert {change.kind for change in ServiceResource(ours.insider).apply(rows, dry_run=True)} == {"unchanged"}
        return len(queries)

    assert cost(lines) - cost(lines[:1]) == 2  # a savepoint and its release


# Safety


@pytest.mark.parametrize("sign", ["=1+1", "+44", "-1", "@SUM(1)", "\t=1", "'=1", "＝1"])  # noqa: RUF001
def test_no_text_of_a_service_is_run_by_a_spreadsheet(sign, ours, signed_in):
    m.Activity.objects.update(name=sign)
    m.Venue.objects.update(name=sign)
    m.Service.objects.update(venue=ours.venue, cost=Cost.FREE, **dict.fromkeys(TEXTS, sign))
    m.OpeningException.objects.update(note=sign)
    content = signed_in(ours.insider).get(url(m.Service, "download", "csv")).content.decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(content))
    for cell in row.values():
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝"))  # noqa: RUF001
    for head in ("Activity", "Opening note", "Summary", "Description", "Phone", "Cost note"):
        assert row[head] == f"'{sign}"


def bomb(part: str, size: int) -> bytes:
    content = io.BytesIO(Dataset([""] * len(HEADS), headers=HEADS).xlsx)
    with zipfile.ZipFile(content, "a", zipfile.ZIP_DEFLATED) as archive, archive.open(part, "w") as file:
        for _ in range(size // 1_000_000):
            file.write(b"<row/>".ljust(1_000_000))
    return content.getvalue()


@pytest.mark.parametrize("part", ["xl/worksheets/sheet2.xml", "xl/sharedStrings2.xml", "xl/media/picture.png"])
def test_a_workbook_that_unpacks_to_a_gigabyte_is_refused_in_little_memory(part):
    content = bomb(part, 1_000_000_000)
    assert len(content) < 5 * 1024**2
    tracemalloc.start()
    try:
        with pytest.raises(Unreadable, match="far more than a table of its size"):
            read_table(content, HEADS)
        assert tracemalloc.get_traced_memory()[1] < 20 * 1024**2
    finally:
        tracemalloc.stop()


# There and back


HOURS = st.times().map(lambda at: at.replace(second=0, microsecond=0, fold=0))
DAYS = st.dates(date(2020, 1, 1), date(2039, 12, 31))
NOTE = st.one_of(TEXT, TELLING, st.text("()[]\\;,\n\"'=", max_size=12)).map(_kept)


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
        "activity": draw(TELLING.filter(_kept)),
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


class World:
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


def all_facts() -> list[dict]:
    return [facts(service) for service in m.Service.objects.order_by("pk")]


@pytest.mark.slow(reason="each example is a table, exported and imported again")
class RoundTripTest(TestCase):
    """Whatever services say: they leave, come back as new ones that say the same, and change nothing where they are."""

    @settings(max_examples=25, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        drawn=st.lists(services().filter(has_no_clash), min_size=1, max_size=3),
        file_format=st.sampled_from(["csv", "xlsx"]),
    )
    def test_round_trip(self, drawn: list[dict], file_format: str) -> None:
        world = World()
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
