"""A service made, changed and copied with its form."""

import json
from datetime import date

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from backoffice.services.admin import ServiceAdmin
from backoffice.tests.forms import lines, service_data, url
from referrals.enums import Cost
from referrals.models import Activity, Service
from referrals.tests import factories as f

pytestmark = pytest.mark.django_db
QUERIES_OF_THE_FORM = 47
SQUARE = [[[-0.2, 51.5], [-0.1, 51.5], [-0.1, 51.6], [-0.2, 51.6], [-0.2, 51.5]]]


class TestMaking:
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

    def test_its_venue_and_categories_must_be_of_its_organisation_and_network(self, ours, signed_in):
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

    def test_a_coordinator_of_one_of_its_networks_adds_no_activity_name(self, ours, theirs, signed_in):
        theirs.network.memberships.create(organisation=ours.asked)
        client = signed_in(ours.coordinator)
        response = client.post(url("service", "add"), service_data(ours, activity="Hot lunch"))
        problem = response.context["adminform"].form.errors["activity"][0]
        assert problem.startswith("Only Ours pantry itself can add a name. Choose one of its names: Ours 0 activity")
        assert not Activity.objects.filter(name="Hot lunch").exists()
        assert client.post(url("service", "add"), service_data(ours)).status_code == 302
        own = signed_in(ours.insider).post(url("service", "add"), service_data(ours, activity="Hot lunch"))
        assert own.status_code == 302

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
        assert "Continue" in client.get(url("service", "add")).text
        chosen = client.get(url("service", "add"), {"organisation": ours.asked.pk, "network": ours.network.pk})
        assert "Continue" not in chosen.text
        assert chosen.context["adminform"].form.chosen_organisation == ours.asked

    @pytest.mark.parametrize(
        "query", ["copied=1", "categories=1", f"copy={'9' * 5000}", "copy=x", "network=x", "venue=1"]
    )
    def test_an_address_that_somebody_made_up_opens_the_form_all_the_same(self, query, ours, signed_in):
        assert signed_in(ours.insider).get(f"{url('service', 'add')}?{query}").status_code == 200


class TestChanging:
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

    def test_somebody_about_to_overwrite_anothers_change_is_warned_first(self, ours, signed_in):
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

    def test_an_archived_service_is_not_listed(self, ours, signed_in):
        Service.objects.update(archived_at=timezone.now())
        response = signed_in(ours.insider).post(
            url("service", "change", ours.service.pk), service_data(ours, is_public="on")
        )
        assert "Bring it back first" in response.context["adminform"].form.errors["is_public"][0]

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

    def test_the_history_names_fields_and_repeats_no_question_of_the_form(self, ours, signed_in):
        data = service_data(ours, summary="Lunch for all")
        signed_in(ours.insider).post(url("service", "change", ours.service.pk), data)
        told = LogEntry.objects.get().get_change_message()
        assert told.startswith("Changed Venue, Catchment, Capacity, Summary, How to be referred, Cost, Cost note,")
        assert "Confirmation" in told
        assert "I have looked" not in told

    def test_others_see_no_confidential_venue(self, ours, signed_in):
        text = signed_in(ours.outsider).get(url("service", "change", ours.service.pk)).text
        assert "SECRET REFUGE" not in text
        assert "SECRET REFUGE" in signed_in(ours.insider).get(url("service", "change", ours.service.pk)).text

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

    def test_shared_admins_hold_no_state_of_a_request(self, ours, signed_in):
        from django.contrib import admin

        shown = admin.site.get_model_admin(Service)
        before = dict(vars(shown))
        signed_in(ours.insider).get(url("service", "change", ours.service.pk))
        assert isinstance(shown, ServiceAdmin)
        assert vars(shown) == before
