"""The form opened from a service's public page: that service is asked first where it suits, and only then."""

import pytest
from django.core import signing
from django.utils import timezone

from referrals.models import Referral, Service
from referrals.tests import factories as f
from referrals.tests.referral_form.referrer import SEND, Referrer
from referrals.tests.referral_form.test_query_counts import grow


@pytest.fixture
def served(northside):
    """Both suit for food parcels; the pantry, which was added first, ranks first, and meets more needs."""
    northside.pantry = northside.service("Kilburn Pantry", northside.parcels, northside.baby, is_public=True)
    northside.hub = northside.service("Food Hub", northside.parcels, is_public=True, phone="020 7946 0101")
    return northside


def open_for(northside, service) -> Referrer:
    return Referrer(f"/refer/northside/?service={service}")


def suggestions(referrer: Referrer, *needs: str, **person: str) -> Referrer:
    values = {"for_whom": "other", "name": "Maya Ferreira", "phone": "07700 900123", "postcode": "nw5 2db"}
    source = {"source_name": "Sam Okoro", "source_email": "sam@example.org"}
    referrer.fill(**values | source).press("Continue").fill(**person).choose(*needs).press("Continue")
    return referrer.press("Continue") if "more question" in referrer.text else referrer


def message(referrer: Referrer) -> str:
    return " ".join(referrer.all(".message:not([hidden])"))


def test_it_is_asked_first_where_it_suits_and_the_page_says_so(served):
    referrer = open_for(served, served.hub.pk)
    assert message(referrer) == f"You came from {served.hub.activity} of Food Hub. If it suits, it is asked first."
    suggestions(referrer, "Food parcels", "Baby supplies")
    assert referrer.all(".part-needs") == ["Food parcels", "Baby supplies"]
    assert referrer.all(".offer h4") == ["Food Hub", "Kilburn Pantry", "Kilburn Pantry"]
    assert message(referrer) == f"{served.hub.activity} of Food Hub, where you came from, suits. It is asked first."
    referrer.press("Continue").choose("Maya agrees").press(SEND)
    parcels, baby = Referral.objects.get().strands.order_by("pk")
    assignments = parcels.assignments.order_by("position")
    assert [(one.service, one.status) for one in assignments] == [(served.hub, "offered"), (served.pantry, "queued")]
    assert baby.assignments.get().service == served.pantry


def test_without_it_the_ranking_is_unchanged(served):
    referrer = served.refer_to_suggestions("Food parcels", "Baby supplies")
    assert referrer.all(".offer h3") == ["Kilburn Pantry", "Food Hub"]
    assert message(referrer) == ""


def test_it_goes_before_a_better_service_of_its_own_organisation(served):
    lunch = f.ServiceFactory(
        network=served.network,
        organisation=served.pantry.organisation,
        activity__name="Lunch",
        categories=[served.parcels],
        is_public=True,
    )
    referrer = suggestions(open_for(served, lunch.pk), "Food parcels")
    assert referrer.all(".offer h3") == ["Kilburn Pantry", "Food Hub"]
    assert referrer.all(".offer .offer-head p")[0] == "Lunch"


def test_it_is_first_although_others_fill_the_list(served):
    served.network.suggestion_count = 1
    served.network.save()
    assert suggestions(open_for(served, served.hub.pk), "Food parcels").all(".offer h3") == ["Food Hub"]


@pytest.mark.parametrize("change", ["needs", "place", "people"])
def test_if_unsuitable_the_page_says_so_and_it_is_not_asked(served, change):
    if change == "needs":
        served.hub.categories.set([served.debt])
    elif change == "place":
        Service.objects.filter(pk=served.hub.pk).update(catchment=f.square(-0.21, 51.57))
    else:
        f.RestrictionFactory(service=served.hub, age_from=60)
    referrer = suggestions(open_for(served, served.hub.pk), "Food parcels", age="30")
    assert referrer.all(".offer h3") == ["Kilburn Pantry"]
    assert "of Food Hub, where you came from, does not suit what you told us" in message(referrer)
    assert "You can still ask it yourself: 020 7946 0101" in message(referrer)
    referrer.press("Continue").choose("Maya agrees").press(SEND)
    assert Referral.objects.get().strands.get().assignments.get().service == served.pantry


def test_once_removed_it_is_not_asked(served):
    referrer = suggestions(open_for(served, served.hub.pk), "Food parcels").press("Remove Food Hub")
    assert message(referrer) == ""
    assert referrer.press("Continue").all(".asked li") == ["Kilburn Pantry"]


def test_going_back_and_correcting_keeps_it(served):
    referrer = suggestions(open_for(served, served.hub.pk), "Food parcels").press("Back").press("Continue")
    assert referrer.all(".offer h3") == ["Food Hub", "Kilburn Pantry"]


def test_with_only_linked_networks_it_is_not_asked(served):
    southside = served.link_network("Southside Network")
    f.CategoryFactory(network=southside, name="Legal advice")
    referrer = open_for(served, served.hub.pk)
    referrer.fill(for_whom="self", name="Maya", phone="07700 900123", networks=[southside.pk]).press("Continue")
    referrer.choose("Legal advice").press("Continue")
    assert "belongs to Northside Network, which you did not choose" in message(referrer)


class TestWhatCannotBePreferred:
    @pytest.mark.parametrize("key", ["", "0", "-1", "x", "1e3", "9" * 19, "9" * 40, "١٢", "1 or 1=1", "%00"])
    def test_an_invalid_key_is_ignored(self, served, key):
        assert message(open_for(served, key)) == ""

    @pytest.mark.parametrize(
        "change",
        [
            {"is_public": False},
            {"paused_at": timezone.now()},
            {"is_public": False, "archived_at": timezone.now()},
        ],
    )
    def test_an_unlisted_service_is_ignored(self, served, change):
        Service.objects.filter(pk=served.hub.pk).update(**change)
        referrer = open_for(served, served.hub.pk)
        assert "Food Hub" not in referrer.text
        assert message(referrer) == ""

    def test_a_suspended_members_service_is_ignored(self, served):
        served.hub.organisation.memberships.update(status="suspended")
        assert message(open_for(served, served.hub.pk)) == ""

    def test_another_networks_service_is_ignored(self, served):
        elsewhere = f.ServiceFactory(is_public=True, organisation__name="Elsewhere")
        assert message(open_for(served, elsewhere.pk)) == ""

    def test_a_service_unlisted_meanwhile_is_ignored(self, served):
        referrer = open_for(served, served.hub.pk)
        served.hub.is_public = False
        served.hub.save()
        suggestions(referrer, "Food parcels", "Baby supplies")
        assert referrer.all(".offer h3") == ["Kilburn Pantry", "Food Hub"]
        assert message(referrer) == ""

    def test_a_key_typed_into_the_form_is_ignored(self, served):
        """The key travels inside the signature: a field or an address beside it changes nothing."""
        referrer = served.refer()
        referrer.fields["preferred"] = str(served.hub.pk)
        suggestions(referrer, "Food parcels", "Baby supplies")
        assert referrer.all(".offer h3") == ["Kilburn Pantry", "Food Hub"]

    def test_a_key_signed_elsewhere_is_ignored(self, served):
        referrer = open_for(served, served.hub.pk)
        content = signing.loads(referrer.fields["state"], salt=f"referrals.intake:{served.network.pk}:")
        assert content["preferred"] == served.hub.pk
        referrer.fields["state"] = signing.dumps(content | {"preferred": served.pantry.pk}, salt="another")
        assert referrer.fill(name="Maya", phone="07700 900123").press("Continue").response.status_code == 400


@pytest.mark.parametrize("size", [1, 3])
def test_it_costs_one_lookup_and_at_most_one_more_ranking(served, size, django_assert_num_queries):
    grow(served, size)
    with django_assert_num_queries(5):  # the three of the first page; whether it is listed, and what it is called
        referrer = open_for(served, served.hub.pk)
    referrer.fill(for_whom="self", name="Maya", phone="07700 900123", postcode="NW5 2DB").press("Continue")
    referrer.choose("Food parcels")
    with django_assert_num_queries(13):  # the eleven of this step, what it is called, and whether it suits
        referrer.press("Continue")
