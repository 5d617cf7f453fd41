"""The catchment in a form, and what its map asks the server."""

import json

import pytest
from django.contrib.gis.geos import GEOSGeometry, Point
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from backoffice.tests.forms import service_data
from referrals import models as m
from referrals.catchments import write_catchment
from referrals.catchments.map_tiles import allowed_tiles
from referrals.tests.factories import AreaFactory, NetworkFactory, ServiceFactory, VenueFactory, square

pytestmark = pytest.mark.django_db

CHANGE, SURROUNDINGS, FIND = (
    reverse(f"backoffice:{name}") for name in ("catchment_change", "catchment_surroundings", "find_postcode")
)
TILES = "https://tiles.example.org/{z}/{x}/{y}.png"
LEFT, RIGHT = square(-0.16, 51.54), square(-0.14, 51.54)
BOW_TIE = json.dumps(
    {
        "type": "Polygon",
        "coordinates": [[[-0.16, 51.53], [-0.14, 51.55], [-0.14, 51.53], [-0.16, 51.55], [-0.16, 51.53]]],
    }
)
SEA = write_catchment(square(-0.15, 50))


def upload(text: str) -> ContentFile:
    return SimpleUploadedFile("shape.geojson", text.encode())


@pytest.fixture
def insider(ours, signed_in) -> Client:
    return signed_in(ours.insider)


@pytest.fixture
def change(ours, insider):
    """Send a change of a catchment in our network and return status and answer."""

    def send(how: str, what: str, **fields: object) -> tuple[int, dict]:
        response = insider.post(CHANGE, {"network": ours.network.pk, "how": how, "what": what, **fields})
        return response.status_code, response.json()

    return send


def shape_in(answer: dict) -> GEOSGeometry:
    return GEOSGeometry(answer["shape"], srid=4326)


class TestChanging:
    def test_an_unchanged_shape_comes_back_unchanged(self, change):
        text = write_catchment(LEFT)
        assert change("check", "text", given=upload(text)) == (200, {"shape": text, "messages": []})

    def test_starting_from_the_whole_area(self, change, ours):
        status, answer = change("start", "area")
        assert (status, answer["messages"]) == (200, ["Started from the whole area of Ours area."])
        assert shape_in(answer).equals(ours.network.area.boundary)

    def test_areas_from_the_list_are_added_together(self, change):
        wards = [AreaFactory(name="Gospel Oak", boundary=LEFT), AreaFactory(name="Kentish Town", boundary=RIGHT)]
        status, answer = change("start", "areas", areas=[ward.pk for ward in wards])
        assert (status, answer["messages"]) == (200, ["Started from Gospel Oak and Kentish Town."])
        assert shape_in(answer).area == pytest.approx(LEFT.area + RIGHT.area)

    def test_a_circle_round_a_postcode_is_taken_away(self, change):
        m.Postcode.objects.update_or_create(code="NW52AA", defaults={"point": Point(-0.15, 51.54, srid=4326)})
        status, answer = change("take", "circle", present=upload(write_catchment(LEFT)), miles="0.1", postcode="nw52aa")
        assert (status, answer["messages"]) == (200, ["Took away a circle of 0.1 miles round NW5 2AA."])
        assert 0 < shape_in(answer).area < LEFT.area

    def test_taking_away_from_nothing_drawn_takes_from_the_whole_area(self, change, ours):
        _, answer = change("take", "drawing", given=upload(write_catchment(LEFT)))
        whole = ours.network.area.boundary
        assert shape_in(answer).area == pytest.approx(whole.difference(LEFT).area)

    def test_a_circle_round_a_venue_is_added(self, change, ours):
        hall = VenueFactory(organisation=ours.asked, name="Old hall", point=Point(-0.15, 51.54, srid=4326))
        _, answer = change("add", "circle", present=upload(write_catchment(LEFT)), miles="1", venue=hall.pk)
        assert answer["messages"] == ["Added a circle of 1 mile round Old hall."]
        assert shape_in(answer).contains(LEFT[0].centroid)

    def test_a_mended_shape_comes_with_what_was_done_to_it(self, change):
        status, answer = change("add", "file", given=upload(BOW_TIE))
        assert (status, answer["messages"][0]) == (200, "Added the file.")
        assert "crossed itself near" in answer["messages"][1]
        assert len(shape_in(answer)) == 2

    @pytest.mark.parametrize(
        ("how", "what", "fields", "status", "words"),
        [
            ("start", "circle", {"miles": "2", "postcode": "NW1 9ZZ"}, 400, "We do not know NW1 9ZZ."),
            ("start", "circle", {"postcode": "NW5 2AA"}, 400, "A circle needs a number of miles"),
            ("start", "circle", {"miles": "2"}, 400, "A circle needs a number of miles"),
            ("start", "circle", {"miles": "nan", "postcode": "NW5 2AA"}, 400, "Type a number of miles"),
            ("start", "circle", {"miles": "1000", "postcode": "NW5 2AA"}, 400, "100 miles at most"),
            ("start", "areas", {}, 400, "Choose at least one area"),
            ("start", "file", {}, 400, "Choose a file"),
            ("take", "area", {}, 422, "That would leave nothing."),
        ],
    )
    def test_what_cannot_be_done_is_said_in_words(self, how, what, fields, status, words, change):
        got, answer = change(how, what, **fields)
        assert got == status
        assert words in answer["problem"]

    @pytest.mark.parametrize(("text", "words"), [(SEA, "lies outside Ours area"), (" " * 20 * 1024**2, "is 20 MB")])
    def test_what_is_no_catchment_is_refused_in_words(self, text, words, change):
        status, answer = change("start", "file", given=upload(text))
        assert status == 422
        assert words in answer["problem"]


class TestWalls:
    def test_rows_of_another_network_answer_like_rows_that_do_not_exist(self, change, ours, theirs, insider):
        VenueFactory(organisation=theirs.asked, point=Point(-0.15, 51.54, srid=4326))
        theirs.venue.point = Point(-0.15, 51.54, srid=4326)
        theirs.venue.save()
        for name, foreign in (("venue", theirs.venue.pk), ("network", theirs.network.pk)):
            answers = [change("start", "circle", miles="1", **{name: key}) for key in (foreign, 999_999)]
            assert answers[0] == answers[1]
            assert answers[0][0] == 400
        area = theirs.network.area_id
        assert change("start", "areas", areas=[area]) == change("start", "areas", areas=[999_999])
        for name in ("network", "organisation", "venue"):
            known = {"network": ours.network.pk}
            foreign = getattr(theirs, {"organisation": "asked"}.get(name, name)).pk
            answers = [insider.post(SURROUNDINGS, {**known, name: key}) for key in (foreign, 999_999)]
            assert answers[0].content == answers[1].content
            assert answers[0].status_code == 400

    @pytest.mark.parametrize("address", [CHANGE, SURROUNDINGS, FIND])
    def test_only_the_signed_in_ask_and_only_by_post(self, address, insider, client):
        assert client.post(address, {"postcode": "NW5 2AA"}).status_code == 302
        assert insider.get(address).status_code == 405
        assert insider.post(address).status_code == 400

    def test_others_of_the_network_do_not_learn_where_a_refuge_is(self, ours, signed_in):
        ours.refuge.point = Point(-0.15, 51.54, srid=4326)
        ours.refuge.save()
        data = {"network": ours.network.pk, "venue": ours.refuge.pk}
        assert signed_in(ours.outsider).post(SURROUNDINGS, data).status_code == 400
        assert signed_in(ours.insider).post(SURROUNDINGS, data).json()["venue"]["point"] == [-0.15, 51.54]


class TestSurroundings:
    @pytest.fixture
    def around(self, ours, insider):
        return lambda **fields: insider.post(SURROUNDINGS, {"network": ours.network.pk, **fields}).json()

    def test_the_area_its_wards_and_the_organisations_other_services(self, around, ours):
        ward = AreaFactory(name="Gospel Oak", boundary=LEFT)
        NetworkFactory(area__boundary=RIGHT)
        ServiceFactory(network=ours.network, organisation=ours.bystander, catchment=RIGHT)
        other = ServiceFactory(network=ours.network, organisation=ours.asked, catchment=RIGHT)
        found = around(organisation=ours.asked.pk, service=ours.service.pk)
        assert found["area"]["name"] == "Ours area"
        assert found["areas"] == [{"pk": ward.pk, "name": "Gospel Oak"}]
        assert [one["name"] for one in found["others"]] == [other.activity.name]
        assert found["venue"] is None

    def test_a_venue_that_is_on_no_map_has_no_point(self, around, ours):
        ours.venue.point = None
        ours.venue.save()
        assert around(venue=ours.venue.pk)["venue"] == {"name": ours.venue.name, "point": None}

    @pytest.mark.parametrize("count", [1, 3])
    def test_the_number_of_queries_does_not_grow(self, count, ours, insider, django_assert_num_queries):
        for _ in range(count):
            AreaFactory(boundary=LEFT)
            ServiceFactory(network=ours.network, organisation=ours.asked, catchment=RIGHT)
        with django_assert_num_queries(9):
            insider.post(SURROUNDINGS, {"network": ours.network.pk, "organisation": ours.asked.pk})


def test_a_postcode_is_found_however_it_is_typed(insider):
    m.Postcode.objects.update_or_create(code="NW52AA", defaults={"point": Point(-0.15, 51.54, srid=4326)})
    assert insider.post(FIND, {"postcode": "nw5 2aa"}).json() == {"postcode": "NW5 2AA", "point": [-0.15, 51.54]}
    assert insider.post(FIND, {"postcode": "NW5"}).json() == {"postcode": "NW5", "point": [-0.15, 51.54]}
    unknown = insider.post(FIND, {"postcode": "NW9 9ZZ"})
    assert unknown.json() == {
        "problem": "We do not know NW9 9ZZ. It may be newer than our list of postcodes. Please check it."
    }


class TestForm:
    @pytest.fixture
    def send(self, ours, insider):
        """Send the form of our service as it stands, with other values in it."""
        address = reverse("backoffice:referrals_service_change", args=[ours.service.pk])
        form = insider.get(address).context["adminform"].form
        stands = service_data(ours, catchment=form["catchment"].value())
        return lambda **fields: insider.post(address, {**stands, **fields}, follow=True)

    def catchment(self, ours) -> GEOSGeometry | None:
        ours.service.refresh_from_db()
        return ours.service.catchment

    def test_saving_an_unchanged_form_changes_no_digit(self, send, ours):
        before = self.catchment(ours).coords
        response = send()
        assert "was changed successfully" in response.text
        assert self.catchment(ours).coords == before
        assert m.Service.objects.get(pk=ours.service.pk).catchment.coords == before

    def test_a_file_counts_before_the_text(self, send, ours):
        send(catchment_file=upload(write_catchment(RIGHT)))
        assert self.catchment(ours).coords == RIGHT.coords

    def test_nothing_is_the_whole_area(self, send, ours):
        send(catchment="")
        assert self.catchment(ours) is None

    def test_saving_a_mended_shape_says_what_was_done_to_it(self, send, ours):
        response = send(catchment=BOW_TIE)
        assert "crossed itself near" in response.text
        assert len(self.catchment(ours)) == 2

    def test_what_is_refused_stays_for_mending_and_nothing_is_saved(self, send, ours):
        before = self.catchment(ours).coords
        response = send(catchment=SEA)
        assert "lies outside Ours area, about 103 miles from it" in response.text
        assert response.context["adminform"].form["catchment"].value() == SEA
        assert self.catchment(ours).coords == before

    def test_an_uploaded_shape_is_kept_when_another_field_is_wrong(self, send):
        response = send(catchment_file=upload(write_catchment(RIGHT)), email="no address")
        assert response.context["adminform"].form["catchment"].value() == write_catchment(RIGHT)


@pytest.mark.parametrize(
    ("policy", "tiles"),
    [
        (["'self'"], None),
        (["'self'", "https://tiles.example.org"], {"address": TILES, "attribution": "(c) mappers"}),
    ],
    ids=["not allowed", "allowed"],
)
def test_tiles_are_used_when_the_policy_lets_pages_load_them(policy, tiles, settings):
    settings.LEAFLET_CONFIG = {"TILES": [("Streets", TILES, {"attribution": "(c) mappers"})]}
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": {"img-src": policy}}
    assert allowed_tiles() == tiles
