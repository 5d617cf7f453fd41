"""The third step: who can help, why, and who is removed from the list."""

import pytest

from referrals.models import Network, Referral, Service
from referrals.tests import factories as f
from referrals.tests.matching.worlds import occupy
from referrals.tests.referral_form.referrer import SEND, words


@pytest.fixture
def served(northside):
    northside.service("Kilburn Pantry", northside.parcels, northside.baby, is_public=True)
    northside.service("Food Hub", northside.parcels)
    return northside


def test_each_organisation_comes_with_its_reasons(served):
    referrer = served.refer_to_suggestions("Food parcels", "Baby supplies")
    assert referrer.title == "Two organisations can help Maya"
    assert referrer.all(".offer h3") == ["Kilburn Pantry", "Food Hub"]
    reasons = [tag.get_text() for tag in referrer.page.select_one(".offer").select(".why li")]
    assert reasons
    assert all(reasons)
    assert "We will ask the first. If it can't help, the next is asked at once." in referrer.text
    assert "Maya" in referrer.text
    assert "Ferreira" not in referrer.text


@pytest.mark.parametrize("is_shared", [True, False])
def test_the_form_tells_nobody_how_full_they_are_where_that_is_not_shared(is_shared, served):
    Network.objects.update(shares_load=is_shared)
    assert ("Has room" in served.refer_to_suggestions("Food parcels", "Baby supplies").text) == is_shared


def test_what_stood_in_the_way_of_others_is_told_but_not_what_is_not_shared(served):
    men, full = served.service("Brothers", served.parcels), served.service("Tiny Pantry", served.parcels, capacity=1)
    f.RestrictionFactory(service=men, age_from=60)
    served.network.suggestion_count = 2
    served.network.save()
    occupy(full)
    for is_shared in (True, False):
        Network.objects.update(shares_load=is_shared)
        page = served.refer_to_needs().fill(age="30").choose("Food parcels").press("Continue").press("Continue")
        near_misses = page.page.select_one(".near-misses").get_text(" ", strip=True)
        assert "Brothers" in near_misses
        assert "Only for people aged 60 or over, not 30." in near_misses
        assert ("Full: 1 of 1 places taken." in near_misses) == is_shared


def test_one_is_taken_off_and_put_back(served):
    referrer = served.refer_to_suggestions("Food parcels", "Baby supplies").press("Remove Kilburn Pantry")
    assert referrer.title == "One organisation can help Maya"
    assert referrer.all(".removed h3") == ["Kilburn Pantry"]
    assert referrer.all(".part-needs") == ["Food parcels", "Baby supplies"]
    assert "We will ask Food Hub." in referrer.text
    assert "Nobody is asked yet for Baby supplies: the coordinators of Northside Network look for help" in referrer.text
    referrer.press("Put back Kilburn Pantry")
    assert referrer.title == "Two organisations can help Maya"
    assert referrer.all(".removed") == []


def test_each_public_service_says_whom_it_is_for(served):
    Service.objects.update(summary="For people without money for food.")
    referrer = served.refer_to_suggestions("Food parcels")
    told = {offer.h3.get_text(): "For people without" in offer.get_text() for offer in referrer.page.select(".offer")}
    assert told == {"Kilburn Pantry": True, "Food Hub": False}  # only the first is public


def test_whoever_takes_one_off_lands_where_it_can_be_put_back(served):
    referrer = served.refer_to_suggestions("Food parcels")
    anchor = referrer.button("Remove Kilburn Pantry")["formaction"].partition("#")[2]
    removed = referrer.press("Remove Kilburn Pantry").page.find(id=anchor)
    assert words(removed).startswith("Kilburn Pantry")
    assert words(removed.button) == "Put back Kilburn Pantry"


def test_those_taken_off_are_not_asked(served):
    referrer = served.refer_to_suggestions("Food parcels", "Baby supplies").press("Remove Kilburn Pantry")
    referrer.press("Continue")
    assert referrer.all(".asked li") == ["Food Hub"]
    referrer.choose("Maya agrees").press(SEND)
    assert asked(Referral.objects.get()) == {"Food parcels": ["Food Hub"], "Baby supplies": []}


def asked(referral: Referral) -> dict[str, list[str]]:
    """Return, by the needs of each part, the organisations on its list."""
    return {
        ", ".join(need.category.name for need in strand.needs.all()): [
            assignment.organisation.name for assignment in strand.assignments.all()
        ]
        for strand in referral.strands.all()
    }


def test_where_nobody_has_room_for_all_each_part_is_asked_at_once(served):
    served.service("Debt Desk", served.debt)
    referrer = served.refer_to_suggestions("Food parcels", "Baby supplies", "Debt advice")
    assert referrer.title == "Two organisations will be asked to help Maya"
    assert "Several organisations are asked at once, each for its part" in referrer.text
    assert referrer.all(".part-needs") == ["Baby supplies and Food parcels", "Debt advice"]
    assert referrer.all(".offer h4") == ["Kilburn Pantry", "Food Hub", "Debt Desk"]
    referrer.press("Continue")
    assert referrer.all("section[aria-labelledby=asked] h3") == ["Baby supplies and Food parcels", "Debt advice"]
    referrer.choose("Maya agrees").press(SEND)
    referral = Referral.objects.get()
    assert asked(referral) == {
        "Baby supplies, Food parcels": ["Kilburn Pantry", "Food Hub"],
        "Debt advice": ["Debt Desk"],
    }
    assert {strand.status for strand in referral.strands.all()} == {"seeking"}


def test_what_an_urgent_answer_needs_is_asked_for_first(served):
    served.service("Debt Desk", served.debt)
    question = f.QuestionFactory(network=served.network, text="Are bailiffs coming?")
    yes = f.QuestionOptionFactory(question=question, text="This week", is_urgent=True)
    yes.needs.set([served.debt])
    referrer = served.refer_to_suggestions("This week", "Food parcels")
    assert referrer.all(".part-needs") == ["Debt advice Urgent", "Food parcels"]


class TestAskedForByName:
    @pytest.fixture
    def far(self, served):
        """In the directory, and for an area that is not Maya's."""
        return served.service("Far Pantry", served.parcels, is_public=True, catchment=f.square(-0.11, 51.57, 0.005))

    def test_one_outside_its_area_is_asked_all_the_same(self, served, far):
        referrer = served.refer_to_suggestions("Food parcels").press("Ask it all the same Far Pantry")
        assert referrer.all(".offer h3") == ["Far Pantry", "Kilburn Pantry", "Food Hub"]
        assert referrer.all(".offer .why li")[0].startswith("Asked for by the referrer: outside its own area by")
        referrer.press("Continue").choose("Maya agrees").press(SEND)
        first, *_ = Referral.objects.get().strands.get().assignments.all()
        assert (first.organisation.name, first.status) == ("Far Pantry", "offered")
        assert first.reasons[0].startswith("Asked for by the referrer: outside its own area by")

    def test_taking_it_off_puts_it_back_among_the_others(self, served, far):
        referrer = served.refer_to_suggestions("Food parcels").press("Ask it all the same Far Pantry")
        referrer.press("Remove Far Pantry")
        assert referrer.all(".offer h3") == ["Kilburn Pantry", "Food Hub"]
        assert "Ask it all the same Far Pantry" in referrer.all(".near-misses button")

    def test_what_was_found_is_where_the_page_goes(self, served, far):
        referrer = served.refer_to_suggestions("Food parcels").fill(wanted="far")
        anchor = referrer.button("Find")["formaction"].partition("#")[2]
        assert "Far Pantry" in referrer.press("Find").page.find(id=anchor).get_text()

    def test_anybody_in_the_directory_is_found_by_name_with_why_they_are_not_suggested(self, served, far):
        served.service("Debt Desk", served.debt, is_public=True)
        served.service("Hidden House", served.parcels, capacity=0)
        referrer = served.refer_to_suggestions("Food parcels").fill(wanted="debt dek").press("Find")
        assert referrer.all(".found b") == ["Debt Desk"]
        assert referrer.all(".found .why li") == ["It does not help with this need."]
        assert referrer.all(".found button") == []
        assert referrer.fill(wanted="far").press("Find").all(".found button") == ["Ask it all the same Far Pantry"]
        assert "It is on the list." in referrer.fill(wanted="Kilburn").press("Find").text
        assert (
            "No organisation here is called “Hidden House”" in referrer.fill(wanted="Hidden House").press("Find").text
        )

    def test_enter_shows_what_was_found_before_it_goes_on(self, served, far):
        referrer = served.refer_to_suggestions("Food parcels").fill(wanted="far").press("Continue")
        assert (referrer.step, referrer.all(".found b")) == ("Who can help", ["Far Pantry"])
        assert referrer.press("Continue anyway").step == "Consent"

    @pytest.mark.parametrize("fields", [{"is_public": False}, {"capacity": 0}])
    def test_a_key_typed_into_the_page_adds_nobody_who_may_not_be_asked(self, served, far, fields):
        type(far).objects.filter(pk=far.pk).update(**fields)
        referrer = served.refer_to_suggestions("Food parcels")
        for key in (far.pk, served.debt.pk, "9" * 30, "x", "-1", ""):
            referrer.page.select_one(".actions button")["value"] = f"add:{key}"
            referrer.press("Continue")
        assert referrer.all(".offer h3") == ["Kilburn Pantry", "Food Hub"]


def test_removals_survive_going_back(served):
    referrer = served.refer_to_suggestions().press("Remove Kilburn Pantry").press("Back").press("Continue")
    assert referrer.all(".removed h3") == ["Kilburn Pantry"]


def test_with_an_empty_list_the_coordinators_get_it(served):
    referrer = served.refer_to_suggestions().press("Remove Kilburn Pantry").press("Remove Food Hub")
    assert referrer.title == "No organisation is left on the list"
    referrer.press("Continue to the coordinators")
    assert "The coordinators of Northside Network, who will look for an organisation." in referrer.text
    referrer.choose("Maya agrees").press(SEND)
    assert Referral.objects.get().strands.get().status == "with_coordinator"
    assert "The coordinators of Northside Network have been told" in referrer.text


def test_when_no_organisation_suits_the_page_says_so(northside):
    referrer = northside.refer_to_suggestions()
    assert referrer.title == "We found no organisation for Maya"
    assert "You can still send the referral: its coordinators get it" in referrer.text
    referrer.press("Continue to the coordinators").choose("Maya agrees").press(SEND)
    assert Referral.objects.get().strands.get().status == "with_coordinator"


def test_linked_networks_are_asked_side_by_side(served):
    southside = served.link_network("Southside Network")
    law = f.CategoryFactory(network=southside, name="Legal advice")
    corner = f.OrganisationFactory(name="Legal Corner", network=southside)
    f.ServiceFactory(network=southside, organisation=corner, categories=[law])
    referrer = served.refer_to_needs(networks=[southside.pk])
    referrer.choose("Food parcels", "Legal advice").press("Continue")
    assert referrer.title == "Two organisations will be asked to help Maya"
    assert referrer.all(".shortlist h2") == ["Northside Network", "Southside Network"]
    referrer.press("Remove Food Hub").press("Continue").choose("Maya agrees").press(SEND)
    referral = Referral.objects.get()
    assert {
        strand.network.name: [assignment.organisation.name for assignment in strand.assignments.all()]
        for strand in referral.strands.all()
    } == {"Northside Network": ["Kilburn Pantry"], "Southside Network": ["Legal Corner"]}
    assert referrer.all(".strand h3") == ["Food parcels Northside Network", "Legal advice Southside Network"]


def test_only_the_linked_network_may_be_asked(served):
    southside = served.link_network("Southside Network")
    f.CategoryFactory(network=southside, name="Legal advice")
    referrer = served.refer_to_needs(networks=[southside.pk])
    referrer.choose("Legal advice").press("Continue").press("Continue to the coordinators")
    referrer.choose("Maya agrees").press(SEND)
    referral = Referral.objects.get()
    assert (referral.network, referral.strands.get().network) == (served.network, southside)


def test_names_are_shown_as_text_whatever_they_hold(northside):
    northside.service('<b>Bold</b> & "Co"', northside.parcels)
    assert northside.refer_to_suggestions().all(".offer h3") == ['<b>Bold</b> & "Co"']
