"""What the map shows of a search."""

import pytest
from django.contrib.gis.geos import Point

from directory_site.tests.search.asking import found, keys_on_map, service
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
