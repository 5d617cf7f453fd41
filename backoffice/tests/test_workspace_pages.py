"""The pages of the list of referrals, and how far its tabs count."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from backoffice.tests.test_workspace import SCREEN, named, names
from backoffice.workspace import listing, paging
from referrals.references import new_reference
from referrals.tests.worlds import World

pytestmark = pytest.mark.django_db


def test_pages_keep_the_filters_and_the_chosen_referral(world, signed_in):
    sent = [world.submit(person=named(f"Person {number}")) for number in range(23)]
    referral = world.submit(person=named("Somebody else"))
    client = signed_in(world.coordinator)
    address = client.post(SCREEN, {"q": "Person", "view": referral.reference})["Location"]
    [find] = parse_qs(urlsplit(address).query)["find"]
    query = {"find": find, "view": referral.reference}
    older = re.search(r'<a href="([^"]+)" rel="next"', client.get(SCREEN, query).text)[1]
    assert older == f"{SCREEN}?find={find}&amp;view={referral.reference}&amp;after={sent[3].reference}"
    response = client.get(SCREEN, query | {"after": sent[3].reference})
    assert names(response) == ["Person 2", "Person 1", "Person 0"]
    newer = re.search(r'<a href="([^"]+)" rel="prev"', response.text)[1]
    assert newer == f"{SCREEN}?find={find}&amp;view={referral.reference}&amp;before={sent[2].reference}"
    row = re.search(r'<a class="row-name" href="([^"]+)"', response.text)[1]
    assert row.startswith(f"{SCREEN}?find={find}&amp;view=")
    assert f"after={sent[3].reference}" in row


@pytest.mark.parametrize("tab", ["all", "waiting"])
def test_going_through_the_pages_and_back_meets_each_referral_once(world, signed_in, tab):
    """Some were sent at the same moment, and one comes in while somebody turns the pages."""
    now = timezone.now()
    referrals = [world.submit(services=[], at=now - timedelta(minutes=number // 4)) for number in range(45)]
    client = signed_in(world.coordinator)

    def turn(query: dict, parameter: str) -> tuple[list[str], str]:
        page = client.get(SCREEN, {"tab": tab, **query}).context["listing"]["page"]
        return [row.reference for row in page.rows], page.older if parameter == "after" else page.newer

    first, older = turn({}, "after")
    world.submit(services=[], at=now)
    second, older = turn({"after": older}, "after")
    third, end = turn({"after": older}, "after")
    assert [len(first), len(second), end] == [20, 20, ""]
    assert len(third) == {"all": 5, "waiting": 6}[tab], "who has waited longest comes first, and the new one last"
    assert {*first, *second, *third} >= {referral.reference for referral in referrals}
    assert turn({"before": third[0]}, "before")[0] == second
    assert turn({"before": second[0]}, "before")[0] == first


@pytest.mark.parametrize("parameter", ["after", "before"])
def test_a_page_beside_a_referral_that_is_not_there_is_the_first(world, signed_in, parameter):
    referral = world.submit()
    client = signed_in(world.coordinator)
    for reference in (new_reference(), "nonsense", "", World().submit().reference):
        assert [row.pk for row in client.get(SCREEN, {parameter: reference}).context["listing"]["page"].rows] == [
            referral.pk
        ]


def test_counting_stops_where_nobody_needs_the_number(world, signed_in, monkeypatch):
    monkeypatch.setattr(paging, "MOST_COUNTED", 2)
    monkeypatch.setattr(listing, "MOST_COUNTED", 2)
    client = signed_in(world.coordinator)
    for words in ("1", "2", "2+", "2+"):
        world.submit()
        assert f'>All <span class="count">{words}</span>' in client.get(SCREEN).text
