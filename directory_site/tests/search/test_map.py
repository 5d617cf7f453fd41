"""What the map shows of a search."""

import pytest
from django.contrib.gis.geos import Point

from directory_site.search import Filters, Search, Vocabulary, clusters, parse_words
from directory_site.tests.search.asking import MOMENTS, at, found, keys_on_map, service
from directory_site.tests.search.random_town import RandomTown
from referrals.models import Service
from referrals.tests import factories as f

pytestmark = pytest.mark.django_db


def test_a_part_of_the_map_shows_what_has_some_words_only_where_the_list_does(network):
    both, bed = service(network, "Warm bed"), service(network, "Bed linen")
    for one, east in ((both, -0.5), (bed, 0.5)):
        one.venue = f.VenueFactory(organisation=one.organisation, point=Point(east, 51.55, srid=4326))
        one.save()
    east_half = (0, 51, 1, 52)
    assert keys_on_map([network], "warm bed") == [both.pk]
    assert keys_on_map([network], "warm bed", box=east_half) == []
    assert keys_on_map([network], "bed") == sorted([both.pk, bed.pk])
    assert keys_on_map([network], "linen warm", box=east_half) == [bed.pk]
    warmest = service(network, "Warm linen", venue=both.venue)
    assert found([network], q="warm linen pillow") == [warmest.pk]
    assert keys_on_map([network], "warm linen pillow", box=east_half) == []  # the best of all is elsewhere


def test_clusters_hold_each_service_with_a_place_once():
    town = RandomTown(6)
    keys = [network.pk for network in town.networks]
    mapped = Service.objects.filter(listing__point__isnull=False, listing__is_listed=True).count()
    for zoom in (6, 11, 14, 18):
        search = Search()
        box = (-1, 51, 1, 52)
        got = clusters(
            search,
            town.networks,
            Filters.of(keys),
            parse_words("", keys, Vocabulary.of()),
            None,
            now=at(MOMENTS[2]),
            zoom=zoom,
            box=box,
        )
        assert sum(cluster.number for cluster in got) == mapped
        assert all(-0.2 < cluster.longitude < -0.08 and 51.51 < cluster.latitude < 51.59 for cluster in got)
        named = [key for cluster in got for key, _ in cluster.services]
        assert len(set(named)) == len(named)
    assert len(got) > 5
