"""Organisations, networks and categories, changed by whoever keeps them."""

import pytest

from backoffice.tests.forms import url
from referrals.enums import OrganisationRole
from referrals.models import Category, Organisation, OrganisationMember
from referrals.tests import factories as f

pytestmark = pytest.mark.django_db


class TestOrganisations:
    def data(self, **changes) -> dict:
        return {"name": "Little Steps", "email": "hello@steps.example", **changes}

    def test_a_coordinator_makes_one_inside_the_network(self, ours, signed_in):
        client = signed_in(ours.coordinator)
        assert client.post(url("organisation", "add"), self.data(network=ours.network.pk)).status_code == 302
        organisation = Organisation.objects.get(name="Little Steps")
        assert (organisation.slug, list(organisation.networks.all())) == ("little-steps", [ours.network])

    def test_its_short_name_reveals_nothing_about_others(self, ours, signed_in):
        f.OrganisationFactory(slug="little-steps")
        signed_in(ours.coordinator).post(url("organisation", "add"), self.data(network=ours.network.pk))
        assert Organisation.objects.get(name="Little Steps").slug == "little-steps-2"

    def test_not_inside_a_network_of_others(self, ours, theirs, signed_in):
        response = signed_in(ours.coordinator).post(url("organisation", "add"), self.data(network=theirs.network.pk))
        assert "network" in response.context["adminform"].form.errors
        assert not Organisation.objects.filter(name="Little Steps").exists()

    def test_an_owner_changes_their_own_and_a_member_does_not(self, ours, signed_in):
        member = f.UserFactory()
        OrganisationMember.objects.create(organisation=ours.asked, user=member, role=OrganisationRole.MEMBER)
        rows = OrganisationMember.objects.filter(organisation=ours.asked).order_by("user__name")
        data = self.data() | {"members-TOTAL_FORMS": 0, "members-INITIAL_FORMS": 0}
        data |= {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}
        assert signed_in(member).post(url("organisation", "change", ours.asked.pk), data).status_code == 403
        assert signed_in(ours.insider).post(url("organisation", "change", ours.asked.pk), data).status_code == 302
        assert Organisation.objects.get(pk=ours.asked.pk).name == "Little Steps"
        assert rows.count() == 2


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

    def test_a_network_is_not_offered_to_itself(self, ours, signed_in):
        client, address = signed_in(ours.coordinator), url("network", "change", ours.network.pk)
        page = client.get(address)
        assert list(page.context["adminform"].form.fields["linked_networks"].queryset) == []
        assert "There is no other network that you can choose." in page.text
        refused = client.post(address, {"linked_networks": [ours.network.pk]})
        assert "linked_networks" in refused.context["adminform"].form.errors

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
