"""What is asked about the person, once the needs are known: only what some service, or the network, has to know."""

import pytest
import time_machine

from referrals.models import Referral
from referrals.tests import factories as f
from referrals.tests.referral_form.referrer import SEND
from referrals.tests.referral_form.test_person import errors


def asked_at_once(referrer) -> list[str]:
    tags = referrer.page.select("#about > section legend, #about > section .field > label:not(.tick)")
    return [tag.find(string=True).strip() for tag in tags]


def folded(referrer) -> list[str]:
    tags = referrer.page.select("#about > details legend, #about > details .field > label:not(.tick)")
    return [tag.find(string=True).strip() for tag in tags]


@pytest.fixture
def demographics(northside):
    northside.gender = f.DemographicFactory(network=northside.network, name="Gender", position=1)
    northside.woman = f.DemographicOptionFactory(demographic=northside.gender, name="Woman")
    languages = f.DemographicFactory(network=northside.network, name="Languages", takes_several=True, position=2)
    northside.bengali = f.DemographicOptionFactory(demographic=languages, name="Bengali")
    return northside


def test_what_decides_about_a_service_is_asked_once_the_need_is_known_and_the_rest_is_folded(demographics):
    sisters = demographics.service("Sisters", demographics.parcels)
    f.RestrictionFactory(service=sisters, option=demographics.woman)
    referrer = demographics.refer_to_needs()
    assert asked_at_once(referrer) == []
    assert folded(referrer)[0] == "Date of birth"
    referrer.choose("Food parcels").press("Continue")
    assert (referrer.step, referrer.attention) == ("What is needed", ["Gender"])
    assert asked_at_once(referrer) == ["Gender"]
    assert "Languages" in folded(referrer)
    assert referrer.press("Continue").step == "Who can help"


def test_the_age_is_asked_where_a_service_depends_on_it(demographics):
    f.RestrictionFactory(service=demographics.service("Elders", demographics.debt), age_from=60)
    referrer = demographics.refer_to_needs().choose("Debt advice").press("Continue")
    assert asked_at_once(referrer) == ["Date of birth", "Age"]
    referrer.fill(age="40").press("Continue")
    assert "Elders" not in referrer.all(".offer h3")


@pytest.mark.parametrize("reason", ["paused", "elsewhere", "another need"])
def test_a_service_that_is_out_of_the_question_asks_nothing(demographics, reason):
    sisters = demographics.service(
        "Sisters",
        demographics.debt if reason == "another need" else demographics.parcels,
        capacity=0 if reason == "paused" else 5,
        **({"catchment": f.square(-0.21, 51.57)} if reason == "elsewhere" else {}),
    )
    f.RestrictionFactory(service=sisters, option=demographics.woman)
    assert demographics.refer_to_needs().choose("Food parcels").press("Continue").step == "Who can help"


def test_a_linked_network_asks_its_own(demographics):
    legal = demographics.link_network("Legal Network")
    income = f.DemographicFactory(network=legal, name="Income")
    f.DemographicOptionFactory(demographic=income, name="Low")
    assert "Income" not in folded(demographics.refer_to_needs())
    assert "Income" in folded(demographics.refer_to_needs(networks=[legal.pk]))


def test_answers_come_in_the_form_that_suits_them_and_none_is_chosen_beforehand(demographics):
    tenure = f.DemographicFactory(network=demographics.network, name="Tenure", position=3)
    for number in range(8):
        f.DemographicOptionFactory(demographic=tenure, name=f"Tenure {number}")
    f.DemographicFactory(name="Of another network")
    referrer = demographics.refer_to_needs()
    kinds = {
        legend.find(string=True).strip(): legend.parent.find("input")["type"]
        for legend in referrer.page.select("legend")
    }
    assert {name: kinds[name] for name in ("Gender", "Languages")} == {"Gender": "radio", "Languages": "checkbox"}
    assert "Of another network" not in referrer.text
    assert referrer.page.select_one(f"#id_about_{tenure.pk}").name == "select"
    assert referrer.page.select("[checked]") == []


def test_prefer_not_to_say_is_kept_on_the_page_and_not_in_the_record(demographics):
    referrer = demographics.refer_to_needs().choose("Food parcels", "Prefer not to say").press("Continue").press("Back")
    assert referrer.fields[f"about_{demographics.gender.pk}"] == "unsaid"
    referrer.press("Continue").press("Continue to the coordinators").choose("Maya agrees").press(SEND)
    assert not Referral.objects.get().person.options.exists()


def test_a_demographic_of_another_network_is_refused(demographics):
    foreign = f.DemographicOptionFactory(name="Foreign")
    referrer = (
        demographics.refer_to_needs().choose("Food parcels").fill(**{f"about_{demographics.gender.pk}": foreign.pk})
    )
    assert referrer.press("Continue").attention == ["Choose again: gender."]


@pytest.mark.parametrize(
    ("typed", "anchor"),
    [
        ({"age": "121"}, "#id_age"),
        ({"age": "old"}, "#id_age"),
        ({"born_day": "31", "born_month": "2", "born_year": "1990"}, "#id_born_day"),
        ({"born_day": "31", "born_month": "Mai", "born_year": "1990"}, "#id_born_day"),
        ({"born_day": "1", "born_month": "1"}, "#id_born_day"),
        ({"born_day": "1", "born_month": "1", "born_year": "85"}, "#id_born_day"),
        ({"born_day": "24", "born_month": "11", "born_year": "2026"}, "#id_born_day"),
    ],
)
@time_machine.travel("2026-11-23 12:00", tick=False)
def test_an_impossible_age_is_refused_at_its_field_which_is_unfolded(northside, typed, anchor):
    referrer = northside.refer_to_needs().choose("Food parcels").fill(**typed).press("Continue")
    assert list(errors(referrer)) == [anchor]
    assert {name: referrer.fields[name] for name in typed} == typed
    assert referrer.page.select_one("#about > details").has_attr("open")


@pytest.mark.parametrize("month", ["3", "03", "Mar", "march", "MARCH"])
def test_a_month_may_be_a_number_or_a_name(northside, month):
    referrer = northside.refer_to_needs().choose("Food parcels")
    assert referrer.fill(born_day="27", born_month=month, born_year="1990").press("Continue").step == "Who can help"


@time_machine.travel("2026-11-23 12:00", tick=False)
def test_an_age_that_does_not_go_with_the_date_of_birth_is_pointed_out_once(northside):
    born = {"born_day": "1", "born_month": "6", "born_year": "1950"}
    referrer = northside.refer_to_needs().choose("Food parcels").fill(**born, age="20").press("Continue")
    assert referrer.attention == ["Somebody born on that day is 76, not 20. Which is right? The date of birth counts."]
    assert referrer.press("Continue anyway").step == "Who can help"
