"""What the map shows of a search."""

import pytest
from django.contrib.gis.geos import Point
from django.urls import reverse

from directory_site.tests.made_sites import made_site
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


def test_names_for_the_map_are_public_and_one_query(client, network, django_assert_num_queries):
    made_site()
    f.AreaFactory(name="Gospel Oak", boundary=f.square(-0.15, 51.54))
    address, query = reverse("public_map_labels"), {"box": "-0.2,51.5,-0.1,51.58", "width": "800"}
    client.get(address, query)
    with django_assert_num_queries(1):
        answer = client.get(address, query)
    assert [label[0] for label in answer.json()["labels"]] == ["Gospel Oak"]
    assert client.get(address, {"box": "nonsense", "width": "800"}).status_code == 400
