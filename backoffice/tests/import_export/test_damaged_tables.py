"""What spreadsheets do to a table: put right where that is certain, and told; else refused, cell by cell."""

import io

import pytest
from openpyxl import Workbook

from backoffice.tests.tables import (
    HEADS,
    VENUES,
    as_csv,
    confirm,
    line_of,
    preview,
    problems,
    table,
    upload,
    venue_line,
    venues,
)
from referrals import models as m
from referrals.tests import factories as f

pytestmark = pytest.mark.django_db


def workbook(line: dict[str, object]) -> bytes:
    book, file = Workbook(), io.BytesIO()
    for row in (HEADS, [line.get(head, "") for head in HEADS]):
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def notes(page) -> list[list[str]]:
    return [note for change in page.context["page"] for note in change["notes"]]


@pytest.mark.parametrize(
    ("cell", "kept"),
    [("2079460000", "020 7946 0000"), ("7700900123.0", "07700 900123"), (7700900123, "07700 900123")],
)
def test_a_lost_0_is_put_back_and_noted(ours, signed_in, cell, kept):
    client = signed_in(ours.insider)
    line = line_of(ours, activity="Lunch", phone=cell)
    name, content = ("t.csv", table(line)) if isinstance(cell, str) else ("t.xlsx", workbook(line))
    page = preview(client, m.Service, content, name)
    assert ["Phone", "The 0 at its beginning was put back."] in notes(page)
    assert ["Phone", "", kept] in [cells for change in page.context["page"] for cells in change["cells"]]
    confirm(client, page)
    assert m.Service.objects.get(activity__name="Lunch").phone == kept


@pytest.mark.parametrize(
    ("cells", "column", "problem"),
    [
        ({"E-mail": "Help <a@example.org>"}, "E-mail", "Write one alone"),
        ({"network": ""}, "Network", "This cannot be empty."),
        ({"phone": "4.4770E+11"}, "Phone", "A spreadsheet has cut this number short"),
        ({"phone": "ask at desk"}, "Phone", "This is not a phone number that can be dialled."),
        ({"phone": "07700 90012"}, "Phone", "This is not a phone number that can be dialled."),
        ({"phone": "#REF!"}, "Phone", "The spreadsheet shows an error here (#REF!)"),
        ({"summary": "#N/A"}, "Summary", "The spreadsheet shows an error here (#N/A)"),
        ({"activity": "#NAME?"}, "Activity", "The spreadsheet shows an error here (#NAME?)"),
        ({"monday": "########"}, "Monday", "The spreadsheet shows an error here"),
        ({"summary": "Women\u00e2\u20ac\u2122s lunch"}, "Summary", "Some letters here are garbled"),
        ({"last_confirmed_on": "31/09/2026"}, "Last confirmed on", "“31/09/2026” is not a date."),
        ({"capacity": "10 or so"}, "Capacity", "“10 or so” is not a whole number."),
        ({"last_confirmed_on": "0026-05-31"}, "Last confirmed on", "The year 0026 cannot be right."),
        ({"last_confirmed_on": "1899-12-31"}, "Last confirmed on", "The year 1899 cannot be right."),
        ({"exceptions": "0026-12-25 closed"}, "Exceptions", "whose year cannot be right"),
        ({"seasonal_hours": "Sat 10-12 [from 2626-01-01]"}, "Seasonal hours", "whose year cannot be right"),
    ],
)
def test_what_is_lost_is_refused_in_its_cell(ours, signed_in, cells, column, problem):
    page = preview(
        signed_in(ours.insider), m.Service, table(line_of(ours, **{"activity": "Lunch", "cost": ""} | cells))
    )
    [[where, told]] = problems(page)
    assert where == column
    assert problem in told


def test_open_round_the_clock_is_understood_as_people_write_it(ours, signed_in):
    client = signed_in(ours.insider)
    confirm(client, preview(client, m.Service, table(line_of(ours, activity="Line", monday="24/7", sunday="24 hours"))))
    service = m.Service.objects.get(activity__name="Line")
    hours = {(row.weekday, row.opens.isoformat("minutes")) for row in service.opening_hours.all()}
    assert hours == {(0, "00:00"), (6, "00:00")}


LINE = ["", "Ours pantry", "Caf\u00e9 Hall", "", "\u00a33 a bag"]


@pytest.mark.parametrize(
    "content",
    [
        "\t".join(VENUES).encode("utf-16") + "\n{}\n".format("\t".join(LINE)).encode("utf-16")[2:],
        b"sep=;\r\n" + ";".join(VENUES).encode() + "\r\n{}\r\n".format(";".join(LINE)).encode("cp1252"),
        as_csv(VENUES, LINE).decode().encode("mac_roman"),
        as_csv(VENUES, LINE).decode().encode("cp850"),
        as_csv([f"{head}\u200b" for head in VENUES], [f"{cell}\u2060" for cell in LINE]),
    ],
    ids=["unicode text", "sep", "mac", "dos", "unseen characters"],
)
def test_the_other_files_of_excel_are_read(ours, signed_in, content):
    client = signed_in(ours.insider)
    confirm(client, preview(client, m.Venue, content))
    assert m.Venue.objects.filter(name="Caf\u00e9 Hall", address="\u00a33 a bag").exists()


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_title_above_the_columns_and_blank_rows_are_passed_over(ours, signed_in, mark):
    rows = [["Our venues, June"], [], VENUES, [], LINE, [""] * 9]
    content = "\r\n".join(mark.join(row) for row in rows).encode()
    client = signed_in(ours.insider)
    page = preview(client, m.Venue, content)
    assert [change["number"] for change in page.context["page"]] == [5]
    confirm(client, page)
    assert m.Venue.objects.filter(name="Caf\u00e9 Hall").exists()


def test_a_file_whose_letters_may_be_read_in_two_ways_is_refused(ours, signed_in):
    content = venues(venue_line("", "Ours pantry", "Zo\u00eb\u2019s")).decode().encode("mac_roman")
    response = upload(signed_in(ours.insider), m.Venue, content.replace(b"\xd5", b"'"))
    assert "cannot be read for certain" in response.context["form"].errors["file"][0]


def test_a_stored_value_that_is_now_invalid_does_not_stop_other_changes(ours, signed_in):
    m.Organisation.objects.filter(pk=ours.asked.pk).update(phone="ask Sam")
    heads = ["ID", "Name", "E-mail for referrals", "Phone", "Website", "Description"]
    client = signed_in(ours.insider)
    line = [ours.asked.pk, "Larder", ours.asked.email, "ask Sam", "", "Food"]
    confirm(client, preview(client, m.Organisation, as_csv(heads, line)))
    ours.asked.refresh_from_db()
    assert (ours.asked.name, ours.asked.phone) == ("Larder", "ask Sam")


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"website": "www.larder.example"}, ["Website", "", "https://www.larder.example"]),
        ({"last_confirmed_on": "31 May 2026"}, ["Last confirmed on", "", "2026-05-31"]),
        ({"last_confirmed_on": "31-May-2026"}, ["Last confirmed on", "", "2026-05-31"]),
        ({"last_confirmed_on": "1st Sept 2026"}, ["Last confirmed on", "", "2026-09-01"]),
        ({"monday": "9.30am to noon"}, ["Monday", "", "09:30-12:00"]),
        ({"categories": "Food and drink"}, ["Categories", "", "food"]),
    ],
)
def test_what_people_write_is_understood_where_it_is_certain(ours, signed_in, cells, told):
    f.CategoryFactory(network=ours.network, name="Food and drink", slug="food")
    page = preview(signed_in(ours.insider), m.Service, table(line_of(ours, **{"activity": "Lunch"} | cells)))
    assert told in [cells for change in page.context["page"] for cells in change["cells"]]


def test_what_is_not_there_is_told_with_what_may_be_meant_for_every_name_in_the_cell(ours, signed_in):
    f.CategoryFactory(network=ours.network, name="Emergency food parcels", slug="emergency")
    cells = {"categories": "Food parcels; Emergency food parcel; Aardvark, Zebra", "venue": "Village church"}
    page = preview(signed_in(ours.insider), m.Service, table(line_of(ours, activity="Lunch", **cells)))
    told = dict(problems(page))
    assert told["Categories"].count("Did you mean “Emergency food parcels”?") == 2
    assert "“Aardvark, Zebra” to choose here. There is “Emergency food parcels”" in told["Categories"]
    assert told["Categories"].endswith("Put a semicolon between two of them.")
    assert told["Venue"].startswith("There is no venue “Village church” to choose here. There is “Ours 0 ")


def test_a_table_sent_again_says_that_it_would_add_everything_twice(ours, signed_in):
    client = signed_in(ours.insider)
    for model, content in (
        (m.Venue, venues(venue_line("", "Ours pantry", "Barn"))),
        (m.Service, table(line_of(ours, activity="Lunch"))),
    ):
        first = preview(client, model, content)
        assert first.context["alike"] == 0
        confirm(client, first)
        again = preview(client, model, content)
        assert again.context["alike"] == 1
        assert [column for column, _ in notes(again)] == ["ID"]
        assert "One new row is like one that is there already. Was this file sent before?" in again.content.decode()


def test_a_postcode_is_shown_as_it_is_kept(ours, signed_in):
    page = preview(signed_in(ours.insider), m.Venue, venues(venue_line("", "Ours pantry", "Barn", "nw12db")))
    assert ["Postcode", "", "NW1 2DB"] in [cells for change in page.context["page"] for cells in change["cells"]]


def test_a_table_without_rows_or_columns_is_refused_with_the_reason(ours, signed_in):
    client = signed_in(ours.insider)
    assert "There are no rows in this file" in preview(client, m.Service, table()).content.decode()
    [told] = upload(client, m.Service, as_csv(["ID", "Activity"], ["", "Lunch"])).context["form"].errors["file"]
    assert f"and {len(HEADS) - 22} more are missing." in told


def test_a_name_stays_on_one_line_and_an_address_on_its_lines(ours, signed_in):
    client, organisation = signed_in(ours.insider), ours.asked.name
    content = venues(venue_line(organisation=organisation, name="Old\r\nhall", address="1 High Street\nLeeds"))
    confirm(client, preview(client, m.Venue, content))
    assert m.Venue.objects.get(name="Old hall").address == "1 High Street\nLeeds"
    confirm(client, preview(client, m.Service, table(line_of(ours, activity="Food\r\nbank", venue="Old\nhall"))))
    assert m.Service.objects.get(venue__name="Old hall").activity.name == "Food bank"
