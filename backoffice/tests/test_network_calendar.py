"""The calendar of the network: what counts in the week that is shown."""

from datetime import date, time

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from referrals import models as m
from referrals.tests import factories as f

pytestmark = pytest.mark.django_db

CHRISTMAS = "2026-12-25"  # a Friday


def page_of(client, **asked) -> BeautifulSoup:
    response = client.get(reverse("backoffice:network_calendar"), asked)
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


def text_of(page: BeautifulSoup) -> str:
    return " ".join(page.select_one("#view").text.split())


@pytest.fixture
def service(ours) -> m.Service:
    """The only one with hours: Fridays from ten to four, but not on bank holidays."""
    m.OpeningHours.objects.all().delete()
    m.OpeningException.objects.all().delete()
    ours.service.opening_hours.create(weekday=4, opens=time(10), closes=time(16))
    m.Service.objects.filter(pk=ours.service.pk).update(closed_on_bank_holidays=True)
    return ours.service


def test_a_week_has_its_hours_its_busiest_and_its_empty_ones(ours, service, signed_in):
    page = page_of(signed_in(ours.insider), **{"from": "2026-12-10"})
    assert "7 December to 13 December 2026" in text_of(page)
    assert "Most are open on Friday from 10:00 to 16:00: 1" in text_of(page)
    assert "Nothing on Monday to Thursday, Saturday and Sunday" in text_of(page)
    assert "Friday 10:00 to 16:00" in text_of(page)
    assert [bar.text for bar in page.select(".strip .bar")] == ["Friday 10:00 to 16:00"]


def test_bank_holidays_and_exceptions_of_the_shown_week_count(ours, service, signed_in):
    client = signed_in(ours.insider)
    page = page_of(client, **{"from": CHRISTMAS})
    assert "Friday 25 December is a bank holiday: Christmas Day" in text_of(page)
    assert page.select(".strip .bar") == []
    day = date.fromisoformat(CHRISTMAS)
    service.opening_exceptions.create(first_day=day, last_day=day, opens=time(12), closes=time(14), note="Lunch")
    page = page_of(client, **{"from": CHRISTMAS})
    assert [bar.text for bar in page.select(".strip .bar")] == ["Friday 12:00 to 14:00"]
    assert "Lunch" in text_of(page)


def test_a_day_shows_what_goes_on_from_the_night_before(ours, service, signed_in):
    service.opening_hours.create(weekday=3, opens=time(22), closes=time(3))
    page = page_of(signed_in(ours.insider), date="2026-12-11")
    assert [bar.text for bar in page.select(".strip .bar")] == [
        "Thursday 22:00 to 03:00 on Friday",
        "Friday 10:00 to 16:00",
    ]
    assert [hour.text for hour in page.select(".day-hours text")] == [f"{hour:02}:00" for hour in range(0, 21, 3)]


@pytest.mark.parametrize(
    "asked", [{"from": "x"}, {"date": "2026-02-30"}, {"from": "9999-12-31"}, {"date": "0001-01-01"}]
)
def test_what_is_no_date_shows_this_week(asked, ours, signed_in):
    assert "This week" not in text_of(page_of(signed_in(ours.insider), **asked))


def test_what_ended_the_night_before_is_not_on_the_day(ours, service, signed_in):
    service.opening_hours.all().delete()
    service.opening_hours.create(weekday=3, opens=time(20), closes=time(0))
    page = page_of(signed_in(ours.insider), date="2026-12-11")
    assert page.select(".strip .bar") == []
    assert "1 of 1 service has no opening hours on this day" in text_of(page)


def test_rows_may_be_kinds_of_help(ours, service, signed_in):
    names = [row.text for row in page_of(signed_in(ours.insider), by="category").select(".calendar-name")]
    assert names == ["Services open", "With room", service.categories.get().name]


def test_a_service_listed_above_a_kind_of_help_is_in_its_row(ours, service, signed_in):
    food = service.categories.get()
    meals, parcels = (f.CategoryFactory(network=ours.network, parent=food, name=name) for name in ("Meals", "Parcels"))
    hot = f.CategoryFactory(network=ours.network, parent=meals, name="Hot meals")
    cook = f.ServiceFactory(network=ours.network, organisation=ours.asked, categories=[hot])

    def rows(chosen) -> dict[str, int]:
        address = reverse("backoffice:network_calendar")
        page = signed_in(ours.insider).get(address, {"by": "category", "category": chosen.pk})
        return {row.category.name: row.number for row in page.context["category_rows"]}

    assert rows(food) == {"Meals": 2, "Parcels": 1}
    assert rows(parcels) == {"Parcels": 1}
    assert rows(meals) == rows(hot) == {"Hot meals": 2}
    cook.categories.set([parcels])
    assert rows(meals) == {"Hot meals": 1}


def test_room_is_said_only_where_load_is_shared(ours, service, signed_in):
    m.Service.objects.filter(pk=service.pk).update(capacity=0)
    assert "no room" in text_of(page_of(signed_in(ours.outsider)))
    assert "With room" in text_of(page_of(signed_in(ours.outsider)))
    m.Network.objects.update(shares_load=False)
    said = text_of(page_of(signed_in(ours.outsider)))
    assert "no room" not in said
    assert "with room" not in said.lower()
    assert "How many have room is not shared" in said
    assert "no room" in text_of(page_of(signed_in(ours.insider)))


def test_more_services_take_no_more_queries(ours, signed_in):
    client = signed_in(ours.coordinator)
    page_of(client)
    with CaptureQueriesContext(connection) as before:
        page_of(client)
    for _ in range(3):
        ours.grow()
    with CaptureQueriesContext(connection) as after:
        page_of(client)
    assert len(after) <= len(before)
