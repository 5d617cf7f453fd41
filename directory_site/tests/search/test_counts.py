"""Whether the number beside a choice is what choosing it gives, and those on the map all that there are."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.db import transaction

from directory_site.search import Filters, Search, Vocabulary, clusters, parse_words
from directory_site.tests.search.asking import MOMENTS, ask, at, every_page
from directory_site.tests.search.random_town import RandomTown
from referrals.enums import AccessFeature, ReferralPathway
from referrals.models import Service

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def town(django_db_setup, django_db_blocker) -> Iterator[RandomTown]:
    """One for all tests of the file, which change nothing of it."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield RandomTown(5)
        transaction.set_rollback(True)


SEARCHES = [
    {},
    {"q": "food"},
    {"place": "NW5 2AA", "within": 2},
    {"category": ("food",), "open_now": True},
    {"q": "club van", "place": "NW5 2AA", "free": True, "serves": True},
    {"suits": ("gender.woman", "language.somali"), "age": "26-64"},
    {"access": (AccessFeature.values[0],), "day": (0, 6)},
    {"referral": tuple(ReferralPathway.values[:2]), "suits": ("language.polish",), "category": ("parcels", "debt")},
]


# What other numbers are worked out from.
NO_CHOICES = {"asks", "excluded_by", "pool", "takes"}


@pytest.mark.parametrize("asked", SEARCHES, ids=lambda asked: ",".join(asked) or "all")
def test_the_number_beside_a_choice_is_what_choosing_it_gives(asked, town):
    search = Search(**asked)
    answer = ask(town.networks, search=search)
    assert answer.total == len(every_page(town.networks, MOMENTS[2], **asked))
    for (kind, value), number in answer.counts.items():
        if (chosen := _choosing(search, kind, value)) is not None:
            assert ask(town.networks, search=chosen).total == number, (kind, value)
    assert {kind for kind, _ in answer.counts} >= {"open_now", "free"}


def _choosing(search: Search, kind: str, value: str) -> Search | None:
    """Return the search with that choice: alone in its filter, or beside what is chosen where all have to be met."""
    if kind in NO_CHOICES or (kind == "serves" and not search.has_place):
        return None
    if kind in ("open_now", "free", "serves"):
        return replace(search, **{kind: True})
    if kind == "age":
        return replace(search, age=value)
    if kind == "day":
        return replace(search, day=(int(value),))
    if kind == "access":
        return replace(search, access=tuple({*search.access, value}))
    if kind == "suits":
        others = tuple(one for one in search.suits if one.partition(".")[0] != value.partition(".")[0])
        return replace(search, suits=(*others, value))
    assert kind in ("category", "referral"), kind
    return replace(search, **{kind: (value,)})


def test_clusters_hold_each_service_with_a_place_once(town):
    keys = [network.pk for network in town.networks]
    mapped = Service.objects.filter(listing__point__isnull=False, listing__is_listed=True).count()
    asked = (Search(), town.networks, Filters.of(keys), parse_words("", keys, Vocabulary.of()), None)
    for zoom in (6, 11, 14, 18):
        got = clusters(*asked, now=at(MOMENTS[2]), zoom=zoom, box=(-1, 51, 1, 52))
        assert sum(cluster.number for cluster in got) == mapped
        assert all(-0.2 < cluster.longitude < -0.08 and 51.51 < cluster.latitude < 51.59 for cluster in got)
        named = [key for cluster in got for key, _ in cluster.services]
        assert len(set(named)) == len(named)
    assert len(got) > 5
