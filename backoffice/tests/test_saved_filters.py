"""Filters of the list that somebody has saved: by name, for themselves, without what finds a person."""

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from referrals import accounts
from referrals.refusals import Refusal

pytestmark = pytest.mark.django_db

URL, LIST = "backoffice:workspace_filters", "backoffice:referrals"


def saved(user) -> list[dict]:
    user.refresh_from_db()
    return user.saved_filters


def test_what_is_chosen_is_saved_and_found_again_by_its_link(world, client):
    world.submit(is_urgent=True)
    client.force_login(world.coordinator)
    response = client.post(
        f"{reverse(URL)}?status=seeking&tab=urgent&find=abc&view=&after=", {"name": " My  open ones "}
    )
    assert saved(world.coordinator) == [{"name": "My open ones", "query": "status=seeking&tab=urgent"}]
    page = BeautifulSoup(client.get(response.url).content, "html.parser")
    link = page.find("a", string="My open ones")
    assert link["aria-current"] == "true"
    assert client.get(link["href"]).status_code == 200
    client.post(response.url.replace(reverse(LIST), reverse(URL)), {"remove": "My open ones"})
    client.post(reverse(URL), {"remove": "My open ones"})  # pressed twice
    assert saved(world.coordinator) == []


def test_the_same_name_takes_the_new_filter(world):
    for query in ("status=closed", "status=seeking"):
        accounts.save_filter(world.coordinator, name="Mine", query=query)
    assert saved(world.coordinator) == [{"name": "Mine", "query": "status=seeking"}]


@pytest.mark.parametrize(("name", "query"), [("", "status=closed"), ("  ", "status=closed"), ("Mine", "")])
def test_a_filter_without_a_name_or_with_nothing_chosen_is_refused(world, name, query):
    with pytest.raises(Refusal):
        accounts.save_filter(world.coordinator, name=name, query=query)


def test_there_are_twelve_at_most(world):
    for number in range(accounts.MOST_SAVED):
        accounts.save_filter(world.coordinator, name=f"Filter {number}", query="status=closed")
    with pytest.raises(Refusal, match="Remove one first"):
        accounts.save_filter(world.coordinator, name="One more", query="status=closed")
    accounts.save_filter(world.coordinator, name="Filter 3", query="status=seeking")
    assert len(saved(world.coordinator)) == accounts.MOST_SAVED


def test_who_sees_no_referrals_saves_nothing(world, client):
    client.force_login(world.commissioner)
    assert client.post(f"{reverse(URL)}?status=closed", {"name": "Mine"}).status_code == 404
    assert saved(world.commissioner) == []
