"""Services to look for, and what a search finds of them."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib.gis.geos import Point

from directory_site.search import (
    Filters,
    Found,
    Search,
    Vocabulary,
    clusters,
    extract_place,
    find,
    find_place,
    parse_words,
)
from referrals.hours import LONDON
from referrals.models import Network, Service
from referrals.tests import factories as f

# A Saturday night before a bank holiday, the hour that the clock repeats, a Monday noon.
MOMENTS = [datetime.fromisoformat(text) for text in ("2026-05-02 23:30", "2026-10-25 01:30", "2026-11-23 12:00")]


def at(local: datetime) -> datetime:
    return local.replace(tzinfo=LONDON)


def ask(
    networks: Sequence[Network],
    *,
    synonyms=(),
    meanings=None,
    now: datetime = MOMENTS[2],
    search: Search | None = None,
    **asked,
) -> Found:
    keys = [network.pk for network in networks]
    search = extract_place(search or Search(**asked), keys)
    words = parse_words(search.q, keys, Vocabulary.of(synonyms, meanings))
    return find(search, networks, Filters.of(keys), words, find_place(search, keys), now=at(now))


def found(networks: Sequence[Network], **asked) -> list[int]:
    return [hit.service_id for hit in ask(networks, **asked).hits]


def every_page(networks: Sequence[Network], now: datetime, **asked) -> list[int]:
    """Return the keys of all pages."""
    keys: list[int] = []
    page = 1
    while hits := ask(networks, now=now, search=Search(**asked, page=page)).hits:
        keys += [hit.service_id for hit in hits]
        page += 1
    assert len(set(keys)) == len(keys)
    return keys


def keys_on_map(networks: Sequence[Network], q: str, synonyms=(), box=(-1, 51, 1, 52)) -> list[int]:
    """Return the keys of what the map shows."""
    keys = [network.pk for network in networks]
    words = parse_words(q, keys, Vocabulary.of(synonyms))
    got = clusters(Search(q=q), networks, Filters.of(keys), words, None, now=at(MOMENTS[2]), zoom=18, box=box)
    return sorted(key for cluster in got for key, _ in cluster.services)


def service(network: Network, activity: str, **fields) -> Service:
    fields = {"is_public": True} | fields
    return f.ServiceFactory(network=network, activity__name=activity, **fields)


def placed(one: Service, east: float, **fields) -> Service:
    """Put the service at this longitude, on the latitude of NW5 2AA."""
    one.venue = f.VenueFactory(organisation=one.organisation, point=Point(east, 51.55, srid=4326))
    for name, value in fields.items():
        setattr(one, name, value)
    one.save()
    return one
