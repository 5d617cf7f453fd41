"""Venues: where they are on the map, and what access they have."""

import json

import pytest
from bs4 import BeautifulSoup
from django.contrib.gis.geos import Point

from backoffice.tests.forms import url
from referrals.models import Postcode, Service, Venue
from referrals.tests import factories as f

pytestmark = pytest.mark.django_db


class TestVenues:
    def test_the_postcode_puts_it_on_the_map(self, ours, signed_in):
        Postcode.objects.create(code="NW12DB", point=Point(-0.127, 51.53, srid=4326))
        data = {"organisation": ours.asked.pk, "name": "New hall", "postcode": "nw1 2db"}
        assert signed_in(ours.insider).post(url("venue", "add"), data).status_code == 302
        assert Venue.objects.get(name="New hall").point.coords == (-0.127, 51.53)

    def test_one_added_to_a_service_is_of_its_organisation_and_is_chosen(self, ours, signed_in):
        f.OrganisationMemberFactory(organisation=ours.bystander, user=ours.insider)
        client = signed_in(ours.insider)
        page = BeautifulSoup(client.get(url("service", "change", ours.service.pk)).text, "html.parser")
        address = page.select_one("#add_id_venue")["href"]
        form = BeautifulSoup(client.get(address).text, "html.parser").select_one("#venue_form")
        assert form.select_one("[name=organisation]")["type"] == "hidden"
        data = {field["name"]: field["value"] for field in form.select("[type=hidden]")}
        data |= {"name": "New hall", "postcode": "BT1 5GS"}
        answer = BeautifulSoup(client.post(address, data).text, "html.parser")
        told = json.loads(answer.select_one("#django-admin-popup-response-constants")["data-popup-response"])
        assert told["remarks"].endswith("The venue is kept, but it is not on the map.")
        assert Venue.objects.get(organisation=ours.asked, name="New hall").pk == int(told["value"])

    def test_a_place_chosen_by_hand_stays(self, ours, signed_in):
        Postcode.objects.create(code="NW12DB", point=Point(-0.127, 51.53, srid=4326))
        point = json.dumps({"type": "Point", "coordinates": [-0.2, 51.6]})
        data = {"organisation": ours.asked.pk, "name": "New hall", "postcode": "NW1 2DB", "point": point}
        signed_in(ours.insider).post(url("venue", "add"), data)
        assert Venue.objects.get(name="New hall").point.coords == (-0.2, 51.6)

    def test_it_says_what_access_there_is(self, ours, signed_in):
        client = signed_in(ours.insider)
        data = {"organisation": ours.asked.pk, "name": "New hall", "access": "Ring at the door"}
        client.post(url("venue", "add"), data | {"access_features": ["hearing_loop", "step_free"]})
        hall = Venue.objects.get(name="New hall")
        assert (set(hall.access_features), hall.access) == ({"step_free", "hearing_loop"}, "Ring at the door")
        page = client.get(url("venue", "change", hall.pk))
        assert page.context["adminform"].form["access_features"].value() == hall.access_features
        client.post(url("venue", "change", hall.pk), data)
        hall.refresh_from_db()
        assert hall.access_features == []

    def test_no_other_access_than_that_of_the_list_is_taken(self, ours, signed_in):
        data = {"organisation": ours.asked.pk, "name": "New hall", "access_features": ["levitation"]}
        response = signed_in(ours.insider).post(url("venue", "add"), data)
        assert "access_features" in response.context["adminform"].form.errors
        assert not Venue.objects.filter(name="New hall").exists()

    def test_others_of_the_network_read_its_access_in_words(self, ours, signed_in):
        Venue.objects.filter(pk=ours.venue.pk).update(access_features=["step_free", "lift"])
        Service.objects.update(venue=ours.venue)
        text = signed_in(ours.outsider).get(url("venue", "change", ours.venue.pk)).text
        assert "Step-free access, Lift" in text

    @pytest.mark.parametrize(
        ("postcode", "said"),
        [
            (
                "BT1 5GS",
                "Postcodes of Northern Ireland are not loaded here. The venue is kept, but it is not on the map.",
            ),
            ("nw9\u200b 9zz,", "We do not know NW9 9ZZ. It may be newer than our list of postcodes. The venue is kept"),
        ],
    )
    def test_a_postcode_that_our_list_lacks_is_kept_and_the_user_is_told(self, ours, signed_in, postcode, said):
        data = {"organisation": ours.asked.pk, "name": "New hall", "postcode": postcode}
        response = signed_in(ours.insider).post(url("venue", "add"), data, follow=True)
        assert said in response.text
        venue = Venue.objects.get(name="New hall")
        assert (venue.postcode, venue.point) == (
            postcode[:3].upper() + " " + postcode.strip("\u200b,")[-3:].upper(),
            None,
        )

    @pytest.mark.parametrize("postcode", ["NW5", "Kilburn", "NWS 2AA"])
    def test_what_is_not_a_whole_postcode_is_refused(self, ours, signed_in, postcode):
        data = {"organisation": ours.asked.pk, "name": "New hall", "postcode": postcode}
        assert signed_in(ours.insider).post(url("venue", "add"), data).status_code == 200
        assert not Venue.objects.filter(name="New hall").exists()

    def test_a_venue_that_moves_to_an_unknown_postcode_leaves_its_old_place(self, ours, signed_in):
        point = Point(-0.127, 51.53, srid=4326)
        venue = Venue.objects.create(organisation=ours.asked, name="Hall", postcode="NW1 2DB", point=point)
        data = {"organisation": ours.asked.pk, "name": "Hall", "postcode": "BT1 5GS", "point": point.geojson}
        signed_in(ours.insider).post(url("venue", "change", venue.pk), data)
        venue.refresh_from_db()
        assert (venue.postcode, venue.point) == ("BT1 5GS", None)
