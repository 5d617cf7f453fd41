"""A what-if made on the map by a coordinator, opened by a commissioner from its address."""

import pytest
from django.contrib.gis.geos import Point
from django.urls import reverse
from playwright.sync_api import expect

from referrals.models import Postcode
from referrals.tests import factories as f
from referrals.tests.browsers import give_session
from referrals.tests.worlds import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_what_if_is_made_on_the_map_and_sent_to_a_commissioner(transactional_db, live_server, new_context):
    world = World(organisations=1, needs=1, name="Northside")
    world.services[0].catchment = f.square(-0.18, 51.54)
    world.services[0].save()
    Postcode.objects.bulk_create(
        Postcode(
            code=f"NW1{n % 10}A{'ABDEFGHJ'[n // 10]}", point=Point(-0.2 + 0.002 * (n % 40), 51.53 + 0.01 * (n // 40))
        )
        for n in range(80)
    )
    coordinator, commissioner = new_context().new_page(), new_context().new_page()
    give_session(coordinator.context, live_server.url, world.coordinator)
    give_session(commissioner.context, live_server.url, world.commissioner)

    coordinator.goto(live_server.url + reverse("backoffice:coverage"))
    places = coordinator.get_by_label("Postcode, or a place on the map")
    coordinator.locator("svg[data-picks] .hatched use").last.click(force=True)
    expect(places).to_be_focused()
    longitude, latitude = map(float, places.input_value().split(","))
    assert -0.13 < longitude < -0.11
    assert 51.52 < latitude < 51.55
    form = coordinator.locator("form", has=places)
    form.get_by_role("button", name="Try it").click()
    said = coordinator.locator(".what-if-finding").inner_text()
    assert said.startswith("+")

    commissioner.goto(coordinator.url)
    expect(commissioner.locator(".what-if-finding")).to_have_text(said)
    commissioner.get_by_text("Table: reached by a service, by place").click()
    expect(commissioner.get_by_role("region", name="Reached by a service, by place")).to_be_visible()
    commissioner.get_by_role("link", name="Take this back").click()
    expect(commissioner.locator(".what-if-finding")).to_have_count(0)
