"""A service is one row of a table, whole."""

import json
from datetime import date, time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.tests.tables import HEADS, WEEKDAYS, changes, exported, imported, line_of, preview, problems, table, url
from referrals import models as m
from referrals.catchments import write_catchment
from referrals.enums import Cost
from referrals.import_export import ServiceResource

pytestmark = pytest.mark.django_db


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
    assert told[5] == [["Exceptions", "Please write at most 120 characters: these are 121."]]
    assert [column for column, _ in told[6]] == ["Catchment"]
    assert told[7] == [["Activity", "Please write at most 120 characters: these are 121."]]
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


def test_a_catchment_that_had_to_be_mended_is_noted(ours, signed_in):
    shape = {"type": "Polygon", "coordinates": [[[-0.2, 51.5], [-0.1, 51.6], [-0.1, 51.5], [-0.2, 51.6], [-0.2, 51.5]]]}
    page = preview(signed_in(ours.insider), m.Service, table(line_of(ours, catchment=json.dumps(shape))))
    assert [column for column, _ in page.context["page"][0]["notes"]] == ["Activity", "Catchment"]
    assert "crossed itself" in page.context["page"][0]["notes"][1][1]


def test_a_cell_that_a_workbook_has_cut_off_is_refused(ours, signed_in):
    page = preview(signed_in(ours.insider), m.Service, table(line_of(ours, description="x" * 32_767)))
    assert problems(page) == [
        ["Description", "This is as long as a workbook's cell can be: its end may be missing. Send the table as CSV."]
    ]


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
