"""Changing things by hand: what agrees, what stays one's own, and messages as they arrive."""

import json

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.gis.geos import Point
from django.urls import reverse
from django.utils import timezone

from backoffice.admin.services import ServiceAdmin
from referrals.enums import OrganisationRole
from referrals.models import (
    Category,
    Notification,
    OpeningHours,
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

SQUARE = [[[-0.2, 51.5], [-0.1, 51.5], [-0.1, 51.6], [-0.2, 51.6], [-0.2, 51.5]]]


def url(name: str, page: str, *args) -> str:
    return reverse(f"backoffice:referrals_{name}_{page}", args=args)


def inline(prefix: str, *rows: dict) -> dict:
    data = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": 0}
    return data | {f"{prefix}-{n}-{key}": value for n, row in enumerate(rows) for key, value in row.items()}


def service_data(tenant, **changes) -> dict:
    hours = {"weekday": 0, "opens": "09:00", "closes": "17:00"}
    return {
        "organisation": tenant.asked.pk,
        "network": tenant.network.pk,
        "activity": tenant.activity.pk,
        "categories": [tenant.category.pk],
        "capacity": 5,
        "last_confirmed_on": "01/11/2026",
        "pathways": ["self", "gp"],
        **inline("opening_hours", hours),
        **inline("restrictions", {"age_from": 60}),
        **changes,
    }


class TestServices:
    def test_an_organisation_makes_one_whole(self, ours, signed_in):
        catchment = json.dumps({"type": "Polygon", "coordinates": SQUARE})
        data = service_data(ours, catchment=catchment)
        response = signed_in(ours.insider).post(url("service", "add"), data)
        assert response.status_code == 302, response.context["errors"]
        service = Service.objects.latest("pk")
        assert service.pathways == ["self", "gp"]
        assert service.catchment.geom_type == "MultiPolygon"
        assert service.capacity_set_on == timezone.localdate()
        assert str(OpeningHours.objects.get(service=service)) == "Monday 09:00 to 17:00"
        assert str(service.restrictions.get()) == "Ages 60 to any"

    def test_it_cannot_make_one_for_another_organisation(self, ours, signed_in):
        response = signed_in(ours.insider).post(
            url("service", "add"), service_data(ours, organisation=ours.bystander.pk)
        )
        assert response.status_code == 200
        assert "organisation" in response.context["adminform"].form.errors

    def test_what_it_is_made_of_has_to_belong_together(self, ours, signed_in):
        other = f.OrganisationFactory(network=ours.network)
        strange = {"activity": f.ActivityFactory(organisation=other).pk, "venue": f.VenueFactory(organisation=other).pk}
        response = signed_in(ours.coordinator).post(url("service", "add"), service_data(ours, **strange))
        errors = response.context["adminform"].form.errors
        assert errors["activity"] == ["This activity belongs to another organisation."]
        assert errors["venue"] == ["This venue belongs to another organisation."]

    def test_its_organisation_and_network_stay(self, ours, theirs, signed_in):
        data = service_data(ours, organisation=ours.bystander.pk, network=theirs.network.pk)
        data |= {"opening_hours-INITIAL_FORMS": 0, "restrictions-INITIAL_FORMS": 0} | inline("opening_hours")
        data |= inline("restrictions")
        signed_in(ours.insider).post(url("service", "change", ours.service.pk), data)
        service = Service.objects.get(pk=ours.service.pk)
        assert (service.organisation, service.network, service.capacity) == (ours.asked, ours.network, 5)

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

    def test_an_unknown_postcode_is_told(self, ours, signed_in):
        data = {"organisation": ours.asked.pk, "name": "New hall", "postcode": "NW9 9ZZ"}
        response = signed_in(ours.insider).post(url("venue", "add"), data)
        assert "We do not know this postcode" in response.text


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
        assert response.context["adminform"].form.errors["parent"] == ["A category cannot stand below itself."]

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
            "backoffice.scoping.choices_for", lambda field, user: field.remote_field.model.objects.all()
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
        operator = signed_in(User.objects.create_superuser("operator@example.org"))
        weak = operator.post(address, data | {"new_password": "short", "is_active": "on", "is_staff": "on"})
        assert "new_password" in weak.context["adminform"].form.errors
        data |= {"new_password": "a long enough password", "is_active": "on", "is_staff": "on"}
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
