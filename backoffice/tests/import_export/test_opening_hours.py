"""Opening hours in a table: a column for each day, one for the seasons, or all in one as tables once were."""

import csv
import io
from datetime import date, time

import pytest

from backoffice.tests.tables import HEADS, WEEKDAYS, exported, imported, preview, problems, table
from referrals import models as m
from referrals.import_export import ServiceResource
from referrals.import_export.reading import Unreadable, read_table

pytestmark = pytest.mark.django_db


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


def test_hours_written_in_another_way_change_nothing(ours, signed_in):
    (row,) = exported(ours.insider)
    assert row["Monday"] == "09:00-17:00"
    page = preview(signed_in(ours.insider), m.Service, table(row | {"Monday": "9am-5pm", "Tuesday": "closed"}))
    assert "Nothing would change" in page.text


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
