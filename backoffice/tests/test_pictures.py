"""Choosing a picture for a service, and the list of an organisation's pictures."""

import re

import pytest
from django import forms
from django.core.files.storage import default_storage
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils.datastructures import MultiValueDict

from backoffice.pictures.forms import ALT_MISSING, PictureFormMixin
from referrals.access.reach import keep_reach
from referrals.models import Picture, Service
from referrals.services.pictures import store_picture
from referrals.tests.factories import (
    ActivityFactory,
    NetworkFactory,
    OrganisationFactory,
    OrganisationMemberFactory,
    ServiceFactory,
)
from referrals.tests.pictures import SVG, photograph, upload
from referrals.tests.stock import stock_image

pytestmark = pytest.mark.django_db


class SummaryForm(PictureFormMixin):
    """As a form for services is made: with something in it that can be wrong."""

    class Meta:
        model = Service
        fields = ["organisation", "network", "activity", "summary", "email"]


@pytest.fixture
def network():
    return NetworkFactory()


@pytest.fixture
def service(network):
    return ServiceFactory(network=network)


@pytest.fixture
def member(service):
    return OrganisationMemberFactory(organisation=service.organisation).user


@pytest.fixture
def own(service):
    return store_picture(upload(photograph()), service.organisation, "Our hall")


@pytest.fixture
def fill_in(service, member):
    def bound(
        chosen: str = "", alt: str = "", *, file=None, user=member, instance=service, **fields
    ) -> forms.ModelForm:
        form_class = type("OfUser", (SummaryForm,), {"user": user})
        values = {
            "organisation": service.organisation_id,
            "network": service.network_id,
            "activity": service.activity_id,
            "picture_choice_choice": chosen,
            "picture_choice_alt": alt,
            **fields,
        }
        data = QueryDict(mutable=True)
        data.update(values)
        files = MultiValueDict({"picture_choice_upload": [file]} if file else {})
        return form_class(data, files, instance=instance)

    return bound


def chosen_in(form: forms.ModelForm) -> list[str]:
    inputs = re.findall(r'<input type="radio"[^>]*>', str(form["picture_choice"]))
    return [re.search(r'value="([^"]*)"', one)[1] for one in inputs if " checked" in one]


class TestChoosing:
    def test_an_own_picture(self, service, own, fill_in):
        form = fill_in(f"own-{own.pk}", "Our hall from the street")
        assert form.is_valid()
        form.save()
        service.refresh_from_db()
        assert (service.picture, service.stock_picture) == (own, None)
        assert service.picture_alt == "Our hall from the street"

    def test_a_stock_picture_brings_its_own_words(self, service, own, fill_in):
        service.picture = own
        image = stock_image(description="People at a table")
        fill_in(f"stock-{image.pk}").save()
        service.refresh_from_db()
        assert (service.picture, service.stock_picture, service.picture_alt) == (None, image, "People at a table")

    def test_none_forgets_the_words_as_well(self, service, own, fill_in):
        service.picture, service.picture_alt = own, "Our hall"
        service.save()
        fill_in("", "Our hall").save()
        service.refresh_from_db()
        assert (service.picture, service.stock_picture, service.picture_alt) == (None, None, "")

    def test_a_picture_needs_words(self, own, fill_in):
        image = stock_image(description="")
        for chosen in (f"own-{own.pk}", f"stock-{image.pk}"):
            form = fill_in(chosen, "  ")
            assert form.errors == {"picture_choice": [ALT_MISSING]}
            assert chosen_in(form) == [chosen]

    def test_what_is_chosen_already_is_chosen_in_the_form(self, service, own, member, fill_in):
        service.picture, service.picture_alt = own, "Our hall"
        form = type("OfUser", (SummaryForm,), {"user": member})(instance=service)
        assert chosen_in(form) == [f"own-{own.pk}"]
        assert 'value="Our hall"' in str(form["picture_choice"])
        assert "picture_choice" not in fill_in(f"own-{own.pk}", "Our hall").changed_data
        assert "picture_choice" in fill_in(f"own-{own.pk}", "Our new hall").changed_data

    def test_a_stock_picture_that_left_the_gallery_stays_where_it_is_shown(self, service, fill_in):
        service.stock_picture = stock_image(collection="Elsewhere")
        service.picture_alt = "A table"
        form = fill_in(f"stock-{service.stock_picture_id}", "A table")
        assert form.is_valid()
        assert fill_in(f"stock-{stock_image(collection='Elsewhere').pk}", "A table").errors

    @pytest.mark.parametrize("chosen", ["own-0", "own-x", "stock-0", "x", "own-99999999999999999999"])
    def test_nothing_else_can_be_chosen(self, own, fill_in, chosen):
        assert "picture_choice" in fill_in(chosen, "Words").errors


class TestWalls:
    def test_another_organisations_picture_cannot_be_chosen(self, network, fill_in):
        theirs = store_picture(upload(photograph()), OrganisationFactory(network=network), "THEIRS")
        form = fill_in(f"own-{theirs.pk}", "Words")
        assert "picture_choice" in form.errors
        assert "THEIRS" not in str(form["picture_choice"])

    def test_somebody_elses_form_offers_and_takes_nothing(self, own, network, fill_in):
        stranger = OrganisationMemberFactory(organisation=OrganisationFactory(network=network)).user
        for user in (stranger, None):
            form = fill_in("", "Words", file=upload(photograph()), user=user)
            form.full_clean()
            assert Picture.objects.count() == 1
            assert "Our hall" not in str(form["picture_choice"])
            assert 'type="file"' not in str(form["picture_choice"])


class TestUploading:
    def test_a_new_picture_is_stored_and_shown(self, service, own, fill_in):
        form = fill_in(f"own-{own.pk}", "Bags of bread", file=upload(photograph(), "bread.jpg"))
        assert form.is_valid()
        form.save()
        service.refresh_from_db()
        assert (service.picture.name, service.picture_alt) == ("bread", "Bags of bread")
        assert service.picture != own

    def test_a_new_picture_outlives_another_mistake_in_the_form(self, service, fill_in):
        form = fill_in("", "Bags of bread", file=upload(photograph(), "bread.jpg"), email="no address")
        assert set(form.errors) == {"email"}
        kept = Picture.objects.get(organisation=service.organisation)
        assert chosen_in(form) == [f"own-{kept.pk}"]
        assert "is kept and chosen" in str(form["picture_choice"])
        again = fill_in(f"own-{kept.pk}", "Bags of bread", email="a@example.org")
        again.save()
        service.refresh_from_db()
        assert service.picture == kept
        assert Picture.objects.count() == 1

    def test_a_new_picture_outlives_missing_words(self, fill_in):
        form = fill_in("", "", file=upload(photograph()))
        assert form.errors == {"picture_choice": [ALT_MISSING]}
        assert chosen_in(form) == [f"own-{Picture.objects.get().pk}"]

    def test_what_cannot_be_used_is_refused_in_words(self, own, fill_in):
        form = fill_in(f"own-{own.pk}", "Words", file=upload(SVG, "drawing.png"))
        assert form.errors["picture_choice"][0].startswith("This is a drawing (SVG), which cannot be used.")
        assert Picture.objects.get() == own
        assert chosen_in(form) == [f"own-{own.pk}"]

    def test_a_new_service_can_have_a_picture_at_once(self, service, fill_in):
        activity = ActivityFactory(organisation=service.organisation)
        form = fill_in("", "Bread", file=upload(photograph()), instance=Service(), activity=activity.pk)
        made = form.save()
        assert made.picture.organisation == service.organisation


@pytest.mark.parametrize("count", [1, 3])
def test_a_form_takes_as_many_queries_for_many_pictures_as_for_one(service, member, count, django_assert_num_queries):
    form_class = type("OfUser", (SummaryForm,), {"user": member})
    for number in range(count):
        store_picture(upload(photograph()), service.organisation, f"Hall {number}")
        stock_image(f"Table {number}")
    str(form_class(instance=service)["picture_choice"])  # makes the sizes of stock pictures, once and for all
    with keep_reach(), django_assert_num_queries(6):
        assert str(form_class(instance=service)["picture_choice"]).count("<img") == 2 * count


class TestList:
    @pytest.fixture
    def client(self, member, signed_in) -> Client:
        return signed_in(member)

    def test_a_picture_is_uploaded_named_after_its_file(self, client, service):
        answer = client.post(
            reverse("backoffice:referrals_picture_add"),
            {"organisation": service.organisation_id, "name": "", "upload": upload(photograph(), "Our hall.jpg")},
        )
        assert answer.status_code == 302
        picture = Picture.objects.get()
        assert (picture.name, picture.organisation, picture.width) == ("Our hall", service.organisation, 640)
        assert default_storage.exists(picture.small.name)

    def test_a_refusal_stands_beside_the_file(self, client, service):
        answer = client.post(
            reverse("backoffice:referrals_picture_add"),
            {"organisation": service.organisation_id, "name": "Hall", "upload": upload(SVG, "hall.png")},
        )
        assert "This is a drawing (SVG), which cannot be used." in answer.text
        assert not Picture.objects.exists()

    def test_nobody_uploads_for_another_organisation(self, client, network):
        other = OrganisationFactory(network=network)
        client.post(
            reverse("backoffice:referrals_picture_add"),
            {"organisation": other.pk, "name": "Hall", "upload": upload(photograph())},
        )
        assert not Picture.objects.exists()

    def test_the_list_shows_small_pictures(self, client, own):
        assert own.small.url in client.get(reverse("backoffice:referrals_picture_changelist")).text

    def test_a_picture_says_which_services_show_it_and_can_be_renamed(self, client, own, service):
        service.picture = own
        service.save()
        address = reverse("backoffice:referrals_picture_change", args=[own.pk])
        page = client.get(address).text
        assert own.file.url in page
        assert service.activity.name in page
        assert client.post(address, {"name": "The hall"}).status_code == 302
        own.refresh_from_db()
        assert own.name == "The hall"

    def test_deleting_says_who_loses_it_and_takes_the_files_along(
        self, client, own, service, django_capture_on_commit_callbacks
    ):
        service.picture, service.picture_alt = own, "Our hall"
        service.save()
        address = reverse("backoffice:referrals_picture_delete", args=[own.pk])
        assert f"It is shown with {service.activity.name}" in client.get(address).text
        with django_capture_on_commit_callbacks(execute=True):
            client.post(address, {"post": "yes"})
        service.refresh_from_db()
        assert service.picture is None
        assert not default_storage.exists(own.file.name)

    def test_a_neighbour_sees_pictures_but_not_services_of_other_networks(self, network, own, service, signed_in):
        neighbour = OrganisationMemberFactory(organisation=OrganisationFactory(network=network)).user
        hidden = ServiceFactory(network=NetworkFactory(), organisation=service.organisation, activity__name="HIDDEN")
        hidden.picture = own
        hidden.save()
        page = signed_in(neighbour).get(reverse("backoffice:referrals_picture_change", args=[own.pk]))
        assert page.status_code == 200
        assert "HIDDEN" not in page.text
