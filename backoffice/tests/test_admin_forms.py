"""Changing things by hand: what agrees, what stays one's own, and messages as they arrive."""

import json
from datetime import date

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.gis.geos import Point
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from backoffice.services.admin import ServiceAdmin
from referrals.enums import Cost, OrganisationRole
from referrals.models import (
    Activity,
    Category,
    Notification,
    Organisation,
    OrganisationMember,
    Person,
    Postcode,
    Service,
    User,
    Venue,
)
from referrals.tests import factories as f

pytestmark = pytest.mark.django_db

QUERIES_OF_THE_FORM = 51
NINE_TO_NOON = {"opens": "09:00", "closes": "12:00"}
SQUARE = [[[-0.2, 51.5], [-0.1, 51.5], [-0.1, 51.6], [-0.2, 51.6], [-0.2, 51.5]]]


def url(name: str, page: str, *args) -> str:
    return reverse(f"backoffice:referrals_{name}_{page}", args=args)


def lines(prefix: str, *rows: dict) -> dict:
    """Return what a browser sends of lines such as those of opening hours."""
    data = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": 0}
    return data | {f"{prefix}-{n}-{key}": value for n, row in enumerate(rows) for key, value in row.items()}


def service_data(tenant, **changes) -> dict:
    return {
        "organisation": tenant.asked.pk,
        "network": tenant.network.pk,
        "activity": tenant.activity.name,
        "categories": [tenant.category.pk],
        "capacity": 5,
        "pathways": ["self", "gp"],
        "cost": "charged",
        "cost_note": "£3 a bag",
        "is_confirmed": "on",
        "age_from": 60,
        **lines("hours", {"days": [0, 1], "opens": "09:00", "closes": "17:00"}),
        **lines("exceptions"),
        **changes,
    }


class TestServices:
    def test_an_organisation_makes_one_whole(self, ours, signed_in):
        catchment = json.dumps({"type": "Polygon", "coordinates": SQUARE})
        data = service_data(ours, catchment=catchment)
        data |= lines("exceptions", {"first_day": "2026-12-25", "last_day": "2026-12-26", "note": "Christmas"})
        data[f"demographic_{ours.demographic.pk}"] = [ours.option.pk]
        response = signed_in(ours.insider).post(url("service", "add"), data)
        assert response.status_code == 302, response.context["problems"]
        service = Service.objects.latest("pk")
        assert service.pathways == ["self", "gp"]
        assert (service.cost, service.cost_note) == (Cost.CHARGED, "£3 a bag")
        assert service.catchment.geom_type == "MultiPolygon"
        assert service.capacity_set_on == service.last_confirmed_on == timezone.localdate()
        hours = ["Monday 09:00 to 17:00", "Tuesday 09:00 to 17:00"]
        assert list(map(str, service.opening_hours.all())) == hours
        assert list(map(str, service.opening_exceptions.all())) == ["25 December 2026 to 26 December 2026: closed"]
        told = sorted(map(str, service.restrictions.all()))
        assert told == ["Ages 60 to any", f"{ours.demographic}: {ours.option}"]

    def test_a_new_name_becomes_an_activity_and_a_known_one_is_used(self, ours, signed_in):
        client = signed_in(ours.insider)
        for name in ("Hot lunch", "hot LUNCH", f"  {ours.activity.name.upper()} "):
            assert client.post(url("service", "add"), service_data(ours, activity=name)).status_code == 302
        names = [service.activity.name for service in Service.objects.order_by("pk")][-3:]
        assert names == ["Hot lunch", "Hot lunch", ours.activity.name]

    def test_a_name_is_made_only_when_the_rest_is_good(self, ours, signed_in):
        signed_in(ours.insider).post(url("service", "add"), service_data(ours, activity="Hot lunch", capacity=-1))
        assert not Activity.objects.filter(name="Hot lunch").exists()

    def test_it_cannot_make_one_for_another_organisation(self, ours, signed_in):
        response = signed_in(ours.insider).post(
            url("service", "add"), service_data(ours, organisation=ours.bystander.pk)
        )
        assert response.status_code == 200
        assert "organisation" in response.context["adminform"].form.errors

    def test_what_it_is_made_of_has_to_belong_together(self, ours, signed_in):
        other = f.OrganisationFactory(network=ours.network)
        strange = {"venue": f.VenueFactory(organisation=other).pk, "categories": [f.CategoryFactory().pk]}
        response = signed_in(ours.coordinator).post(url("service", "add"), service_data(ours, **strange))
        assert set(response.context["adminform"].form.errors) == {"venue", "categories"}

    def test_an_organisation_outside_the_network_cannot_be_chosen_for_it(self, ours, signed_in):
        ours.network.memberships.filter(organisation=ours.bystander).update(status="suspended")
        data = service_data(ours, organisation=ours.bystander.pk)
        response = signed_in(ours.coordinator).post(url("service", "add"), data)
        assert response.context["adminform"].form.errors["organisation"] == [
            "Ours bystander is not an active member of Ours network."
        ]

    def test_its_organisation_and_network_stay(self, ours, theirs, signed_in):
        data = service_data(ours, organisation=ours.bystander.pk, network=theirs.network.pk)
        signed_in(ours.insider).post(url("service", "change", ours.service.pk), data)
        service = Service.objects.get(pk=ours.service.pk)
        assert (service.organisation, service.network, service.capacity) == (ours.asked, ours.network, 5)

    def test_what_was_not_changed_keeps_its_rows(self, ours, signed_in):
        client = signed_in(ours.insider)
        client.post(url("service", "change", ours.service.pk), service_data(ours))
        rows = [
            set(getattr(ours.service, name).values_list("pk", flat=True)) for name in ("opening_hours", "restrictions")
        ]
        more = {"days": [5], "opens": "22:00", "closes": "02:00", "valid_from": "2026-11-01", "valid_to": "2027-03-31"}
        data = service_data(ours) | lines("hours", {"days": [0, 1], "opens": "09:00", "closes": "17:00"}, more)
        client.post(url("service", "change", ours.service.pk), data)
        now = [
            set(getattr(ours.service, name).values_list("pk", flat=True)) for name in ("opening_hours", "restrictions")
        ]
        assert rows[0] < now[0]
        assert rows[1] == now[1]

    @pytest.mark.parametrize(
        ("line", "field", "problem"),
        [
            (NINE_TO_NOON, "days", "On which days? Click them on."),
            ({"days": [0]}, "opens", "From when to when?"),
            ({"days": [0], "opens": "09:00"}, "closes", "Give both times."),
            ({**NINE_TO_NOON, "days": [7]}, "days", "Select a valid choice. 7 is not one of the available choices."),
            (
                {**NINE_TO_NOON, "days": [0], "valid_from": "2026-05-01", "valid_to": "2026-04-01"},
                "valid_to",
                "The season ends before it begins.",
            ),
        ],
    )  # fmt: skip
    def test_hours_that_say_too_little_are_told_beside_them(self, line, field, problem, ours, signed_in):
        data = {name: value for name, value in service_data(ours).items() if not name.startswith("hours-")}
        response = signed_in(ours.insider).post(url("service", "add"), data | lines("hours", line))
        form = response.context["adminform"].form
        assert form.hours.forms[0].errors[field] == [problem]
        assert (form.hours.forms[0][field].auto_id, problem) in [
            (at, told) for at, _, told in response.context["problems"]
        ]

    @pytest.mark.parametrize(
        ("first", "second", "problem"),
        [
            (("09:00", "12:00"), ("11:00", "15:00"), "Monday 09:00 to 12:00 and 11:00 to 15:00 overlap."),
            (("20:00", "08:00"), ("22:00", "23:00"), "Monday 20:00 to 08:00 and 22:00 to 23:00 overlap."),
            (("13:00", "12:00"), ("09:00", "10:00"), "That would be 23 hours, until 12:00 the next day."),
            (("09:00", "09:00"), ("", ""), "That would be 24 hours, until 09:00 the next day."),
            (("09:00", "12:00"), ("12:00", "15:00"), ""),
            (("00:00", "00:00"), ("", ""), ""),
        ],
    )
    def test_hours_that_look_like_a_slip_are_told(self, first, second, problem, ours, signed_in):
        openings = [{"days": [0], "opens": opens, "closes": closes} for opens, closes in (first, second) if opens]
        data = {name: value for name, value in service_data(ours).items() if not name.startswith("hours-")}
        response = signed_in(ours.insider).post(url("service", "add"), data | lines("hours", *openings), follow=True)
        assert problem in response.text
        assert ("problems" in response.context and bool(response.context["problems"])) is bool(problem)

    def test_nights_that_run_into_the_next_day_s_hours_are_told(self, ours, signed_in):
        night = {"days": [6], "opens": "22:00", "closes": "02:00"}
        early = {"days": [0], "opens": "01:00", "closes": "03:00"}
        christmas = {"first_day": "2026-12-24", "opens": "22:00", "closes": "03:00"}
        boxing_day = {"first_day": "2026-12-25", "opens": "02:00", "closes": "04:00"}
        slip = {"first_day": "2026-12-31", "opens": "13:00", "closes": "12:00"}
        data = {name: value for name, value in service_data(ours).items() if not name.startswith(("hours", "exc"))}
        post = signed_in(ours.insider).post
        text = post(url("service", "add"), data | lines("hours", night, early) | lines("exceptions", slip)).text
        assert "Monday 01:00 to 03:00 and Sunday 22:00 to 02:00 overlap." in text
        assert "That would be 23 hours" in text
        text = post(url("service", "add"), data | lines("hours") | lines("exceptions", christmas, boxing_day)).text
        assert "24 December 2026 22:00 to 03:00 and 25 December 2026 02:00 to 04:00 overlap." in text

    def test_seasons_that_do_not_meet_may_have_hours_that_do(self, ours, signed_in):
        winter = {"days": [0], "opens": "09:00", "closes": "12:00", "valid_to": "2027-03-31"}
        summer = {"days": [0], "opens": "10:00", "closes": "15:00", "valid_from": "2027-04-01"}
        data = service_data(ours) | lines("hours", winter, summer)
        assert signed_in(ours.insider).post(url("service", "add"), data).status_code == 302

    def test_the_same_hours_twice_are_told(self, ours, signed_in):
        line = {"days": [0, 1], "opens": "09:00", "closes": "12:00"}
        data = service_data(ours) | lines("hours", line, line | {"days": [1], "closes": "13:00"})
        response = signed_in(ours.insider).post(url("service", "add"), data)
        assert "Tuesday from 09:00 is there twice." in response.text

    def test_one_who_saves_over_anothers_change_is_told_first(self, ours, signed_in):
        client, address = signed_in(ours.insider), url("service", "change", ours.service.pk)
        version = client.get(address).context["adminform"].form.initial["version"]
        signed_in(ours.coordinator).post(address, service_data(ours, capacity=7))
        mine = service_data(ours, capacity=8, version=version)
        response = client.post(address, mine)
        assert "Somebody else changed this service" in response.text
        assert Service.objects.get(pk=ours.service.pk).capacity == 7
        again = response.context["adminform"].form["version"].value()
        assert client.post(address, mine | {"version": again}).status_code == 302
        assert Service.objects.get(pk=ours.service.pk).capacity == 8

    def test_being_asked_or_paused_meanwhile_is_no_change_of_the_service(self, ours, signed_in):
        client, address = signed_in(ours.insider), url("service", "change", ours.service.pk)
        version = client.get(address).context["adminform"].form.initial["version"]
        Service.objects.update(last_confirmed_on="2026-01-05", confirmations_asked=1, paused_at=timezone.now())
        assert client.post(address, service_data(ours, version=version)).status_code == 302

    def test_who_keeps_one_network_alone_adds_no_name_to_an_organisation_of_two(self, ours, theirs, signed_in):
        theirs.network.memberships.create(organisation=ours.asked)
        client = signed_in(ours.coordinator)
        response = client.post(url("service", "add"), service_data(ours, activity="Hot lunch"))
        problem = response.context["adminform"].form.errors["activity"][0]
        assert problem.startswith("Only Ours pantry itself can add a name. Choose one of its names: Ours 0 activity")
        assert not Activity.objects.filter(name="Hot lunch").exists()
        assert client.post(url("service", "add"), service_data(ours)).status_code == 302
        own = signed_in(ours.insider).post(url("service", "add"), service_data(ours, activity="Hot lunch"))
        assert own.status_code == 302

    def test_an_archived_service_is_not_listed(self, ours, signed_in):
        Service.objects.update(archived_at=timezone.now())
        response = signed_in(ours.insider).post(
            url("service", "change", ours.service.pk), service_data(ours, is_public="on")
        )
        assert "Bring it back first" in response.context["adminform"].form.errors["is_public"][0]

    @pytest.mark.parametrize(
        "query", ["copied=1", "categories=1", f"copy={'9' * 5000}", "copy=x", "network=x", "venue=1"]
    )
    def test_an_address_that_somebody_made_up_opens_the_form_all_the_same(self, query, ours, signed_in):
        assert signed_in(ours.insider).get(f"{url('service', 'add')}?{query}").status_code == 200

    def test_the_form_costs_the_same_however_much_hangs_on_the_service(
        self, ours, signed_in, django_assert_num_queries
    ):
        client, address = signed_in(ours.insider), url("service", "change", ours.service.pk)
        client.get(address)
        with django_assert_num_queries(QUERIES_OF_THE_FORM):
            client.get(address)
        for number in range(1, 4):
            option = f.DemographicOptionFactory(demographic=ours.demographic)
            f.RestrictionFactory(service=ours.service, option=option)
            ours.service.opening_hours.create(weekday=number, opens="09:00", closes="12:00")
            ours.service.opening_exceptions.create(first_day=f"2026-06-0{number}", last_day=f"2026-06-0{number}")
            ours.service.categories.add(f.CategoryFactory(network=ours.network))
        with django_assert_num_queries(QUERIES_OF_THE_FORM):
            client.get(address)

    def test_words_about_the_cost_need_to_be_told_whether_it_is_free(self, ours, signed_in):
        client = signed_in(ours.insider)
        response = client.post(url("service", "add"), service_data(ours, cost="", cost_note="£3 a bag"))
        form = response.context["adminform"].form
        assert form.errors == {"cost": ["Say first whether it is free or there is a charge."]}
        assert form["cost_note"].value() == "£3 a bag"
        public = next(shown for shown in response.context["parts"] if shown.part.key == "public")
        assert public.state == "1 to mend"
        assert client.post(url("service", "add"), service_data(ours, cost="", cost_note="")).status_code == 302
        assert Service.objects.latest("pk").cost == Cost.NOT_SAID

    def test_the_database_itself_refuses_words_beside_nothing(self, ours):
        with pytest.raises(IntegrityError, match="service_cost_note_needs_cost"), transaction.atomic():
            Service.objects.filter(pk=ours.service.pk).update(cost="", cost_note="£3 a bag")

    def test_a_cost_that_nobody_has_said_is_missing(self, ours, signed_in):
        def state() -> str:
            page = signed_in(ours.insider).get(url("service", "change", ours.service.pk))
            return next(shown.state for shown in page.context["parts"] if shown.part.key == "public")

        assert "what it costs" in state()
        Service.objects.update(cost=Cost.FREE)
        assert "what it costs" not in state()

    def test_others_of_the_network_read_cost_and_access(self, ours, signed_in):
        Venue.objects.filter(pk=ours.venue.pk).update(access_features=["step_free", "lift"], access="Ring at the door")
        Service.objects.update(venue=ours.venue, cost=Cost.CHARGED, cost_note="£3 a bag")
        text = signed_in(ours.outsider).get(url("service", "change", ours.service.pk)).text
        for told in ("There is a charge: £3 a bag", "Step-free access", "Lift", "Ring at the door"):
            assert told in text
        assert 'name="cost"' not in text

    def test_saving_confirms_nothing_until_somebody_says_so(self, ours, signed_in):
        Service.objects.update(last_confirmed_on="2026-01-05", capacity=5, capacity_set_on="2026-01-05")
        client, address = signed_in(ours.insider), url("service", "change", ours.service.pk)
        as_offered = client.get(address).context["adminform"].form["is_confirmed"].value()
        data = service_data(ours, summary="Lunch for all") | {"is_confirmed": "on" if as_offered else ""}
        assert client.post(address, data).status_code == 302
        service = Service.objects.get(pk=ours.service.pk)
        assert (service.summary, service.last_confirmed_on) == ("Lunch for all", date(2026, 1, 5))
        assert service.capacity_set_on == date(2026, 1, 5)
        client.post(address, data | {"is_confirmed": "on"})
        assert Service.objects.get(pk=ours.service.pk).last_confirmed_on == timezone.localdate()

    def test_a_new_service_that_nobody_has_confirmed_says_so(self, ours, signed_in):
        data = service_data(ours, capacity=0) | {"is_confirmed": ""}
        client = signed_in(ours.insider)
        client.post(url("service", "add"), data)
        service = Service.objects.latest("pk")
        assert (service.last_confirmed_on, service.capacity_set_on) == (None, None)
        assert service.added_on == timezone.localdate()
        assert "Nobody has confirmed it yet" in client.get(url("service", "changelist")).text
        assert "nobody has confirmed it yet" in client.get(url("service", "change", service.pk)).text

    def test_a_copy_begins_with_everything_but_capacity_and_its_place_in_the_directory(self, ours, signed_in):
        ours.service.summary, ours.service.is_public = "Lunch for all", True
        ours.service.cost, ours.service.cost_note = Cost.CHARGED, "£3 a bag"
        ours.service.save()
        client = signed_in(ours.insider)
        page = client.get(url("service", "add"), {"copy": ours.service.pk})
        form = page.context["adminform"].form
        assert form["summary"].value() == "Lunch for all"
        assert (form["cost"].value(), form["cost_note"].value()) == (Cost.CHARGED, "£3 a bag")
        assert form["activity"].value() == ours.activity.name
        assert [line["days"].value() for line in form.hours.forms[:1]] == [[ours.hours.weekday]]
        assert form[f"demographic_{ours.demographic.pk}"].value() == [ours.option.pk]
        assert not form["is_public"].value()
        assert form["capacity"].value() == 0
        stranger = signed_in(ours.outsider).get(url("service", "add"), {"copy": ours.service.pk})
        assert "Lunch for all" not in stranger.text

    def test_whoever_acts_for_several_chooses_first(self, ours, signed_in):
        client = signed_in(ours.coordinator)
        assert "Go on" in client.get(url("service", "add")).text
        chosen = client.get(url("service", "add"), {"organisation": ours.asked.pk, "network": ours.network.pk})
        assert "Go on" not in chosen.text
        assert chosen.context["adminform"].form.organisation == ours.asked

    def test_a_shape_that_crosses_itself_is_mended_and_told(self, ours, signed_in):
        bow = [[[-0.2, 51.5], [-0.1, 51.6], [-0.1, 51.5], [-0.2, 51.6], [-0.2, 51.5]]]
        data = service_data(ours, catchment=json.dumps({"type": "Polygon", "coordinates": bow}))
        response = signed_in(ours.insider).post(url("service", "add"), data, follow=True)
        assert "crossed itself" in response.text
        assert Service.objects.latest("pk").catchment.valid

    def test_a_shape_elsewhere_is_refused_with_the_reason(self, ours, signed_in):
        at_zero = [[[0, 0], [1, 1], [1, 0], [0, 0]]]
        data = service_data(ours, catchment=json.dumps({"type": "Polygon", "coordinates": at_zero}))
        response = signed_in(ours.insider).post(url("service", "add"), data)
        assert "lies outside Ours area, about 3,4" in response.context["adminform"].form.errors["catchment"][0]

    @pytest.mark.parametrize(
        "text", ["{", "[]", "{}", "null", '{"type": "Point"}', '{"type":"Point","coordinates":[0]}']
    )
    def test_what_is_no_shape_is_refused_and_kept_for_mending(self, text, ours, signed_in):
        response = signed_in(ours.insider).post(url("service", "add"), service_data(ours, catchment=text))
        assert response.context["adminform"].form.errors["catchment"]
        assert response.context["adminform"].form["catchment"].value() == text

    def test_others_see_no_confidential_venue(self, ours, signed_in):
        text = signed_in(ours.outsider).get(url("service", "change", ours.service.pk)).text
        assert "SECRET REFUGE" not in text
        assert "SECRET REFUGE" in signed_in(ours.insider).get(url("service", "change", ours.service.pk)).text

    def test_shared_admins_hold_no_state_of_a_request(self, ours, signed_in):
        from django.contrib import admin

        shown = admin.site.get_model_admin(Service)
        before = dict(vars(shown))
        signed_in(ours.insider).get(url("service", "change", ours.service.pk))
        assert isinstance(shown, ServiceAdmin)
        assert vars(shown) == before


class TestVenues:
    def test_the_postcode_puts_it_on_the_map(self, ours, signed_in):
        Postcode.objects.create(code="NW12DB", point=Point(-0.127, 51.53, srid=4326))
        data = {"organisation": ours.asked.pk, "name": "New hall", "postcode": "nw1 2db"}
        assert signed_in(ours.insider).post(url("venue", "add"), data).status_code == 302
        assert Venue.objects.get(name="New hall").point.coords == (-0.127, 51.53)

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
    def test_a_postcode_that_our_list_lacks_is_kept_and_told(self, ours, signed_in, postcode, said):
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


class TestPhones:
    """A number that the public reads can be dialled; one that is stored already stops nobody."""

    def test_only_a_change_is_checked(self, ours, signed_in):
        page = url("organisation", "change", ours.asked.pk)
        ours.asked.phone = "ask Sam"
        ours.asked.save()
        client = signed_in(ours.insider)
        data = {"name": "Larder", "email": ours.asked.email, "description": "Food"}
        data |= {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}
        assert client.post(page, data | {"phone": "ask Kim"}).status_code == 200
        assert client.post(page, data | {"phone": "ask Sam"}).status_code == 302
        assert client.post(page, data | {"phone": "020\u200b 7946 0011\u202c"}).status_code == 302
        ours.asked.refresh_from_db()
        assert (ours.asked.name, ours.asked.phone) == ("Larder", "020 7946 0011")


class TestOrganisations:
    def data(self, **changes) -> dict:
        return {"name": "Little Steps", "email": "hello@steps.example", **changes}

    def test_a_coordinator_makes_one_inside_the_network(self, ours, signed_in):
        client = signed_in(ours.coordinator)
        assert client.post(url("organisation", "add"), self.data(network=ours.network.pk)).status_code == 302
        organisation = Organisation.objects.get(name="Little Steps")
        assert (organisation.slug, list(organisation.networks.all())) == ("little-steps", [ours.network])

    def test_its_short_name_tells_nothing_of_others(self, ours, signed_in):
        f.OrganisationFactory(slug="little-steps")
        signed_in(ours.coordinator).post(url("organisation", "add"), self.data(network=ours.network.pk))
        assert Organisation.objects.get(name="Little Steps").slug == "little-steps-2"

    def test_not_inside_a_network_of_others(self, ours, theirs, signed_in):
        response = signed_in(ours.coordinator).post(url("organisation", "add"), self.data(network=theirs.network.pk))
        assert "network" in response.context["adminform"].form.errors
        assert not Organisation.objects.filter(name="Little Steps").exists()

    def test_an_owner_changes_the_own_one_and_a_member_does_not(self, ours, signed_in):
        member = f.UserFactory()
        OrganisationMember.objects.create(organisation=ours.asked, user=member, role=OrganisationRole.MEMBER)
        rows = OrganisationMember.objects.filter(organisation=ours.asked).order_by("user__name")
        data = self.data() | {"members-TOTAL_FORMS": 0, "members-INITIAL_FORMS": 0}
        data |= {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}
        assert signed_in(member).post(url("organisation", "change", ours.asked.pk), data).status_code == 403
        assert signed_in(ours.insider).post(url("organisation", "change", ours.asked.pk), data).status_code == 302
        assert Organisation.objects.get(pk=ours.asked.pk).name == "Little Steps"
        assert rows.count() == 2


class TestNetworkSettings:
    def test_links_to_networks_one_cannot_see_survive_a_change(self, ours, theirs, signed_in):
        ours.network.linked_networks.add(theirs.network)
        client = signed_in(ours.coordinator)
        address = url("network", "change", ours.network.pk)
        form = client.get(address).context["adminform"].form
        data = {name: value for name, value in form.initial.items() if value is not None} | {"name": "Renamed"}
        data["linked_networks"] = []
        assert client.post(address, data).status_code == 302
        ours.network.refresh_from_db()
        assert ours.network.name == "Renamed"
        assert list(ours.network.linked_networks.all()) == [theirs.network]

    def test_a_category_cannot_stand_below_itself(self, ours, signed_in):
        child = f.CategoryFactory(network=ours.network, parent=ours.category)
        data = {"name": "Food", "slug": "food", "position": 0, "parent": child.pk}
        response = signed_in(ours.coordinator).post(url("category", "change", ours.category.pk), data)
        assert response.context["adminform"].form.errors["parent"] == ["A category cannot be below itself."]

    def test_categories_are_listed_as_their_tree(self, ours, signed_in):
        Category.objects.filter(network=ours.network).update(position=5)
        food = f.CategoryFactory(network=ours.network, name="Food", position=1)
        f.CategoryFactory(network=ours.network, name="Advice", position=2)
        f.CategoryFactory(network=ours.network, name="Parcels", parent=food, position=9)
        listed = signed_in(ours.coordinator).get(url("category", "changelist")).context["cl"].result_list
        assert [category.name for category in listed][:3] == ["Food", "Parcels", "Advice"]

    def test_a_row_that_would_leave_ones_reach_is_not_saved(self, ours, signed_in, monkeypatch):
        """The wall behind the others: should a form ever let it through, the saved row is looked at once more."""
        monkeypatch.setattr(
            "backoffice.scoped_admin.scoping.choices_for", lambda field, user: field.remote_field.model.objects.all()
        )
        stranger = f.NetworkFactory()
        data = {"network": stranger.pk, "name": "Strange", "slug": "strange", "position": 0}
        response = signed_in(ours.coordinator).post(url("category", "add"), data)
        assert response.status_code == 403
        assert "This was not saved" in response.text
        assert not Category.objects.filter(name="Strange").exists()


class TestPeople:
    def test_an_operator_corrects_and_the_log_keeps_no_name(self, ours, signed_in):
        person = ours.referral.person
        data = {"name": "Right Name", "age_given": 41, "postcode": "NW5 2AA", "options": [ours.option.pk]}
        assert signed_in(ours.coordinator).post(url("person", "change", person.pk), data).status_code == 403
        client = signed_in(User.objects.create_superuser("operator@example.org"))
        assert client.post(url("person", "change", person.pk), data).status_code == 302
        person = Person.objects.get(pk=person.pk)
        assert (person.name, person.age_given, person.age_given_on) == ("Right Name", 41, timezone.localdate())
        assert LogEntry.objects.get().object_repr == f"Person {person.pk}"

    def test_an_organisation_reads_and_cannot_change(self, ours, signed_in):
        address = url("person", "change", ours.referral.person_id)
        client = signed_in(ours.insider)
        assert "SECRET ADDRESS" in client.get(address).text
        assert client.post(address, {"name": "Wrong"}).status_code == 403


class TestUsers:
    def test_only_operators_change_anybody(self, ours, signed_in):
        address = url("user", "change", ours.insider.pk)
        data = {"name": "Renamed", "email": "new@example.org"}
        assert signed_in(ours.coordinator).post(address, data).status_code == 403
        operator = signed_in(User.objects.create_superuser("operator@example.org", "the operator's password"))
        data |= {"your_password": "the operator's password", "is_active": "on", "is_staff": "on"}
        weak = operator.post(address, data | {"new_password": "short"})
        assert "new_password" in weak.context["adminform"].form.errors
        data |= {"new_password": "a long enough password"}
        assert operator.post(address, data).status_code == 302
        user = User.objects.get(pk=ours.insider.pk)
        assert (user.name, user.check_password("a long enough password"), user.is_superuser) == ("Renamed", True, False)

    def test_nobody_sees_a_password_hash(self, ours, signed_in):
        operator = User.objects.create_superuser("operator@example.org", "a long enough password")
        text = signed_in(operator).get(url("user", "change", operator.pk)).text
        assert operator.password not in text


class TestMessages:
    @pytest.fixture
    def notification(self, ours) -> Notification:
        return Notification.objects.get(event__referral=ours.referral, kind="organisation_asked")

    def test_a_message_is_shown_as_it_arrives(self, ours, notification, signed_in):
        text = signed_in(ours.coordinator).get(url("notification", "change", notification.pk)).text
        assert f"New referral {ours.referral.reference}" in text
        assert ours.asked.email in text
        assert f'src="{reverse("backoffice:notification_body", args=[notification.pk])}"' in text

    def test_its_body_can_be_framed_here_and_can_do_nothing(self, ours, notification, signed_in):
        response = signed_in(ours.coordinator).get(reverse("backoffice:notification_body", args=[notification.pk]))
        assert response.headers["X-Frame-Options"] == "SAMEORIGIN"
        assert response.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
        assert "<html" in response.text

    def test_it_is_for_its_coordinators_only(self, ours, theirs, notification, signed_in):
        address = reverse("backoffice:notification_body", args=[notification.pk])
        again = reverse("backoffice:notification_again", args=[notification.pk])
        for user in (ours.insider, ours.outsider, ours.commissioner, theirs.coordinator):
            assert signed_in(user).get(address).status_code == 404
            assert signed_in(user).post(again).status_code == 404

    def test_one_that_was_given_up_is_sent_again(self, ours, notification, signed_in):
        Notification.objects.filter(pk=notification.pk).update(status="failed", attempts=8)
        client = signed_in(ours.coordinator)
        assert "Send again" in client.get(url("notification", "change", notification.pk)).text
        again = reverse("backoffice:notification_again", args=[notification.pk])
        assert client.get(again).status_code == 405
        response = client.post(again, follow=True)
        assert "The message will be tried again at once." in response.text
        notification.refresh_from_db()
        assert (notification.status, notification.attempts) == ("pending", 0)
        assert "Nothing to do" in client.post(again, follow=True).text
