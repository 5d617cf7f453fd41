"""The first two steps: the person, and who refers."""

import pytest
import time_machine

from referrals.models import Postcode
from referrals.tests import factories as f


def errors(referrer) -> dict[str, str]:
    """Return the summary's messages by the field they lead to."""
    return {link["href"]: link.get_text() for link in referrer.page.select(".attention a")}


def test_what_is_missing_is_said_at_the_top_and_beside_the_field(northside):
    referrer = northside.refer().press("Continue")
    assert errors(referrer) == {
        "#id_name": "Write the person's name.",
        "#id_phone": "Give a phone number or an e-mail address, or tick that there is neither.",
    }
    name = referrer.page.select_one("#id_name")
    assert name["aria-invalid"] == "true"
    described = [referrer.page.select_one(f"#{key}").get_text() for key in name["aria-describedby"].split()]
    assert [" ".join(text.split()) for text in described] == [
        "As they would like to be called.",
        "Write the person's name.",
    ]
    assert referrer.page.title.get_text().startswith("Error: ")
    assert referrer.page.select_one(".attention").has_attr("autofocus")


def test_a_person_without_phone_and_e_mail_can_be_referred(northside):
    referrer = northside.refer().fill(name="Maya").choose("There is no phone or e-mail").press("Continue")
    assert referrer.step == "Who refers"


@pytest.mark.parametrize(
    ("typed", "anchor"),
    [
        ({"phone": "12"}, "#id_phone"),
        ({"phone": "call after 5"}, "#id_phone"),
        ({"email": "maya@"}, "#id_email"),
        ({"postcode": "Kilburn"}, "#id_postcode"),
        ({"age": "121"}, "#id_age"),
        ({"age": "old"}, "#id_age"),
        ({"born_day": "31", "born_month": "2", "born_year": "1990"}, "#id_born_day"),
        ({"born_day": "31", "born_month": "Mai", "born_year": "1990"}, "#id_born_day"),
        ({"born_day": "1", "born_month": "1"}, "#id_born_day"),
        ({"born_day": "1", "born_month": "1", "born_year": "85"}, "#id_born_day"),
        ({"born_day": "24", "born_month": "11", "born_year": "2026"}, "#id_born_day"),
        ({"name": "M" * 201}, "#id_name"),
        ({"name": "May\x00a"}, "#id_name"),
    ],
)
@time_machine.travel("2026-11-23 12:00", tick=False)
def test_what_cannot_be_right_is_refused_at_its_field(northside, typed, anchor):
    values = {"name": "Maya", "email": "maya@example.org"} | typed
    referrer = northside.refer().fill(**values).press("Continue")
    assert list(errors(referrer)) == [anchor]
    assert {name: referrer.fields[name] for name in typed} == typed


@pytest.mark.parametrize("month", ["3", "03", "Mar", "march", "MARCH"])
def test_a_month_may_be_a_number_or_a_name(northside, month):
    referrer = northside.refer_to_source(born_day="27", born_month=month, born_year="1990")
    assert referrer.step == "Who refers"


@pytest.mark.parametrize(
    ("postcode", "caution"),
    [
        ("ZZ99 9ZZ", "We do not know ZZ99 9ZZ. It may be newer than our list of postcodes. Is it right?"),
        ("BT1 5GS", "Postcodes of Northern Ireland are not loaded here. Is it right?"),
        ("NWS 2DB", "We read “NWS 2DB” as NW5 2DB. Is it right?"),
        ("nw1 9zz", "We know NW1 9ZZ, but not where it lies. Is it right?"),
        ("M1 1AA", "M1 1AA lies outside Northside. Is it right?"),
    ],
)
def test_a_doubtful_postcode_is_pointed_out_once_and_may_be_passed(northside, postcode, caution):
    Postcode.objects.filter(pk="ZZ999ZZ").delete()
    referrer = northside.refer_to_source(postcode=postcode)
    assert (referrer.step, referrer.attention) == ("The person", [caution])
    assert referrer.fields["postcode"] == postcode
    assert referrer.all(".caution") == [caution]
    assert "id_postcode_caution" in referrer.page.select_one("#id_postcode")["aria-describedby"].split()
    assert referrer.press("Continue anyway").step == "Who refers"
    assert referrer.press("Back").press("Continue").step == "Who refers"


@pytest.mark.parametrize("typed", ["NW5", "nw5\u200b 2db", "nw5 2dB, London", "NW5 2DB,", "no fixed abode"])
def test_what_is_known_of_the_place_will_do(northside, typed):
    referrer = northside.refer_to_source(postcode=typed)
    assert (referrer.step, referrer.attention) == ("Who refers", [])


def test_the_first_half_of_a_postcode_stands_in_its_middle_and_the_referrer_is_told(northside):
    referrer = northside.refer_to_source(postcode="NW5")
    assert referrer.page.svg["aria-label"] == (
        "The middle of NW5 lies in Northside. We use it, since we do not know the whole postcode."
    )


def test_a_slip_with_several_readings_is_asked_about(northside):
    referrer = northside.refer_to_source(postcode="NW5 2D0")
    assert list(errors(referrer)) == ["#id_postcode"]


@pytest.mark.parametrize("phone", ["07700 90012", "7946 0000", "601 234 567"])
def test_a_strange_phone_number_is_pointed_out_once_and_turns_nobody_away(northside, phone):
    referrer = northside.refer_to_source(phone=phone)
    assert (referrer.step, referrer.attention) == (
        "The person",
        [f"{phone} does not look like a whole phone number. Is it right?"],
    )
    referrer.press("Continue anyway").fill(name="Sam", phone="12 34 56").press("Continue")
    assert referrer.attention == ["12 34 56 does not look like a whole phone number. Is it right?"]
    assert referrer.press("Continue anyway").step == "What is needed"


@pytest.mark.parametrize("phone", ["+93 70 123 4567", "07700\u200b 900123", "116 123", "020 7946 0000 ext 4"])
def test_a_number_that_can_be_dialled_passes(northside, phone):
    assert northside.refer_to_source(phone=phone).step == "Who refers"


def test_another_doubtful_postcode_is_pointed_out_again(northside):
    referrer = northside.refer_to_source(postcode="M1 1AA").fill(postcode="NW1 9ZZ").press("Continue anyway")
    assert referrer.attention == ["We know NW1 9ZZ, but not where it lies. Is it right?"]


def test_a_network_may_turn_off_the_caution_about_its_area(northside):
    northside.network.warns_outside_area = False
    northside.network.save()
    assert northside.refer_to_source(postcode="M1 1AA").step == "Who refers"


def test_the_place_is_shown_on_a_map_at_once_when_asked_and_on_the_next_page(northside):
    referrer = northside.refer().fill(name="", postcode="nw52db").press("Show on the map")
    assert (referrer.step, referrer.attention) == ("The person", [])
    assert referrer.page.svg["aria-label"] == "NW5 2DB lies in Northside."
    assert referrer.page.select_one("circle.person")
    referrer.fill(name="Maya", phone="07700 900123").press("Continue")
    assert referrer.page.svg["aria-label"] == "NW5 2DB lies in Northside."


def test_without_a_postcode_there_is_no_map_and_no_complaint(northside):
    referrer = northside.refer_to_source(postcode="")
    assert (referrer.step, referrer.page.svg) == ("Who refers", None)


def test_demographics_may_take_several_answers_or_none(northside):
    gender = f.DemographicFactory(network=northside.network, name="Gender", position=1)
    f.DemographicOptionFactory(demographic=gender, name="Woman")
    languages = f.DemographicFactory(network=northside.network, name="Languages", takes_several=True, position=2)
    f.DemographicOptionFactory(demographic=languages, name="Bengali")
    tenure = f.DemographicFactory(network=northside.network, name="Tenure", position=3)
    for number in range(8):
        f.DemographicOptionFactory(demographic=tenure, name=f"Tenure {number}")
    f.DemographicFactory(name="Of another network")
    page = northside.refer().page
    kinds = {legend.get_text(): legend.parent.find("input")["type"] for legend in page.select("legend")}
    assert {name: kinds[name] for name in ("Gender", "Languages")} == {"Gender": "radio", "Languages": "checkbox"}
    assert "Of another network" not in page.get_text()
    assert page.find("label", string=lambda text: text and "Tenure" in text)
    assert page.select_one(f"#id_about_{tenure.pk}").name == "select"
    assert northside.refer_to_source().step == "Who refers"


def test_a_demographic_of_another_network_is_refused(northside):
    mine = f.DemographicFactory(network=northside.network, name="Gender")
    f.DemographicOptionFactory(demographic=mine, name="Woman")
    foreign = f.DemographicOptionFactory(name="Foreign")
    referrer = northside.refer().fill(**{"name": "Maya", "phone": "07700 900123", f"about_{mine.pk}": foreign.pk})
    assert referrer.press("Continue").attention == ["Choose again: gender."]


def test_the_referrer_gives_a_name_and_a_contact(northside):
    referrer = northside.refer_to_source().press("Continue")
    assert errors(referrer) == {
        "#id_name": "Write your name, or tick that you are asking for yourself.",
        "#id_phone": "Give your phone number or e-mail address, in case there is a question.",
    }


def test_going_back_keeps_what_was_typed_right_or_wrong(northside):
    referrer = northside.refer_to_source().fill(name="Sam Okoro", email="not finished", children="many").press("Back")
    assert (referrer.step, referrer.attention) == ("The person", [])
    assert referrer.fields["name"] == "Maya Ferreira"
    referrer.press("Continue")
    assert (referrer.step, referrer.attention) == ("Who refers", [])
    assert (referrer.fields["name"], referrer.fields["email"]) == ("Sam Okoro", "not finished")
    assert referrer.fields["children"] == "many"


def test_an_unticked_box_stays_unticked_after_going_back(northside):
    other = northside.link_network("Southside Network")
    referrer = northside.refer_to_source()
    assert referrer.fields.getlist("networks") == [str(northside.network.pk)]
    referrer.fill(networks=[other.pk]).press("Back").press("Continue")
    assert referrer.fields.getlist("networks") == [str(other.pk)]


def test_at_least_one_network_must_be_chosen(northside):
    northside.link_network("Southside Network")
    referrer = northside.refer_to_source().fill(name="Sam", email="sam@example.org", networks=None).press("Continue")
    assert referrer.attention == ["Choose at least one network."]


def test_a_network_that_is_not_linked_cannot_be_asked(northside):
    stranger = f.NetworkFactory(name="Stranger")
    northside.link_network("Southside Network")
    referrer = northside.refer_to_source().fill(name="Sam", email="sam@example.org", networks=[stranger.pk])
    assert referrer.press("Continue").attention == ["Choose the networks again."]


def test_a_step_that_is_not_valid_any_more_is_shown_again(northside):
    """The network drops a link while somebody is filling in the form: the form goes back to where it matters."""
    other = northside.link_network("Southside Network")
    northside.link_network("Westside Network")
    need = f.CategoryFactory(network=other, name="Legal advice")
    referrer = (
        northside.refer_to_source().fill(name="Sam", email="sam@example.org", networks=[other.pk]).press("Continue")
    )
    referrer.fill(needs=[need.pk], details="Long to tell.")
    northside.network.linked_networks.remove(other)
    referrer.press("Continue")
    assert (referrer.step, referrer.attention) == ("Who refers", ["Choose the networks again."])
    referrer.fill(networks=[northside.network.pk]).press("Continue")
    assert referrer.fields["details"] == "Long to tell."
