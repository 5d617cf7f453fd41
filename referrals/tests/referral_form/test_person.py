"""The first step: for whom, how to reach them, where they live, and who asks."""

import pytest

from referrals.models import Person, Postcode, ReferralLink
from referrals.referral_form.person_form import SOURCE
from referrals.tests import factories as f
from referrals.tests.factories import INSIDE
from referrals.tests.referral_form.referrer import SEND, Referrer


def errors(referrer) -> dict[str, str]:
    """Return the summary's messages by the field they lead to."""
    return {link["href"]: link.get_text() for link in referrer.page.select(".attention a")}


def test_what_is_missing_is_said_at_the_top_and_beside_the_field(northside):
    referrer = northside.refer().press("Continue")
    assert errors(referrer) == {
        "#id_for_whom_0": "Say whether you ask for yourself or for somebody else.",
        "#id_name": "Write the name of the person.",
        "#id_phone": "Give a phone number or an e-mail address, or tick that there is neither.",
    }
    name = referrer.page.select_one("#id_name")
    assert name["aria-invalid"] == "true"
    described = [referrer.page.select_one(f"#{key}").get_text() for key in name["aria-describedby"].split()]
    assert [" ".join(text.split()) for text in described] == [
        "The name to call and write to.",
        "Write the name of the person.",
    ]
    assert referrer.page.title.get_text().startswith("Error: ")
    assert referrer.page.select_one(".attention").has_attr("autofocus")


@pytest.mark.parametrize(
    ("given", "is_asked"),
    [
        ({"not_safe_to": ["ring"]}, True),
        ({"not_safe_to": ["ring"], "contact_note": "At the library, Mondays"}, False),
        ({"not_safe_to": ["ring"], "email": "maya@example.org"}, False),
        ({"not_safe_to": ["ring", "write"], "email": "maya@example.org"}, True),
        ({"not_safe_to": ["leave_message"]}, False),
    ],
)
def test_where_no_way_is_safe_the_form_asks_once_how_to_reach_them(northside, given, is_asked):
    referrer = northside.refer_to_needs(**given)
    assert (referrer.step == "The person") == is_asked
    assert not is_asked or referrer.press("Continue anyway").step == "What is needed"


def test_a_person_without_phone_and_e_mail_can_be_referred(northside):
    referrer = northside.fill_in_person(phone="").choose("There is no phone or e-mail").press("Continue")
    assert referrer.attention == [
        "How can an organisation reach them safely? Write a place, a time, or somebody who can pass it on."
    ]
    assert referrer.page.select_one("details:has([name=contact_note])").has_attr("open")
    referrer.press("Continue anyway")
    assert referrer.step == "What is needed"


@pytest.mark.parametrize(
    ("typed", "anchor"),
    [
        ({"phone": "12"}, "#id_phone"),
        ({"phone": "call after 5"}, "#id_phone"),
        ({"email": "maya@"}, "#id_email"),
        ({"postcode": "Kilburn"}, "#id_postcode"),
        ({"name": "M" * 201}, "#id_name"),
        ({"name": "May\x00a"}, "#id_name"),
        ({"source_phone": "after 5"}, "#id_source_phone"),
        ({"source_email": "sam@"}, "#id_source_email"),
    ],
)
def test_what_cannot_be_right_is_refused_at_its_field(northside, typed, anchor):
    referrer = northside.fill_in_person(**{"email": "maya@example.org"} | typed).press("Continue")
    assert list(errors(referrer)) == [anchor]
    assert {name: referrer.fields[name] for name in typed} == typed


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
    referrer = northside.refer_to_needs(postcode=postcode)
    assert (referrer.step, referrer.attention) == ("The person", [caution])
    assert referrer.fields["postcode"] == postcode
    assert referrer.all(".caution") == [caution]
    assert "id_postcode_caution" in referrer.page.select_one("#id_postcode")["aria-describedby"].split()
    assert referrer.press("Continue anyway").step == "What is needed"
    assert referrer.press("Back").press("Continue").step == "What is needed"


@pytest.mark.parametrize("typed", ["NW5", "nw5\u200b 2db", "nw5 2dB, London", "NW5 2DB,", "no fixed abode"])
def test_what_is_known_of_the_place_will_do(northside, typed):
    referrer = northside.refer_to_needs(postcode=typed)
    assert (referrer.step, referrer.attention) == ("What is needed", [])


def test_the_first_half_of_a_postcode_stands_in_its_middle_and_the_referrer_is_told(northside):
    referrer = northside.fill_in_person(postcode="NW5").press("Show on the map")
    assert referrer.page.svg["aria-label"] == (
        "The middle of NW5 lies in Northside. We use it, since we do not know the whole postcode."
    )


def test_a_street_that_is_newer_than_the_list_stands_where_its_first_half_lies(northside):
    northside.service("Lantern", northside.parcels)
    referrer = northside.fill_in_person(postcode="NW5 9ZZ").press("Show on the map")
    assert referrer.page.svg["aria-label"] == (
        "We do not know NW5 9ZZ. It may be newer than our list of postcodes. "
        "The map shows where NW5 lies, which we use instead."
    )
    referrer.press("Continue").press("Continue anyway").choose("Food parcels").press("Continue")
    assert "Covers the middle of NW5" in referrer.text
    referrer.press("Continue").choose("Maya agrees").press(SEND)
    person = Person.objects.get()
    assert (person.postcode, person.point) == ("NW5 9ZZ", INSIDE)


def test_a_slip_with_several_readings_is_asked_about(northside):
    referrer = northside.refer_to_needs(postcode="NW5 2D0")
    assert list(errors(referrer)) == ["#id_postcode"]


@pytest.mark.parametrize("phone", ["07700 90012", "7946 0000", "601 234 567"])
def test_a_strange_phone_number_is_pointed_out_once_and_turns_nobody_away(northside, phone):
    referrer = northside.refer_to_needs(phone=phone)
    assert (referrer.step, referrer.attention) == (
        "The person",
        [f"{phone} does not look like a whole phone number. Is it right?"],
    )
    referrer.fill(source_phone="12 34 56").press("Continue anyway")
    assert referrer.attention == ["12 34 56 does not look like a whole phone number. Is it right?"]
    assert referrer.press("Continue anyway").step == "What is needed"


@pytest.mark.parametrize("phone", ["+93 70 123 4567", "07700\u200b 900123", "116 123", "020 7946 0000 ext 4"])
def test_a_number_that_can_be_dialled_passes(northside, phone):
    assert northside.refer_to_needs(phone=phone).step == "What is needed"


def test_another_doubtful_postcode_is_pointed_out_again(northside):
    referrer = northside.refer_to_needs(postcode="M1 1AA").fill(postcode="NW1 9ZZ").press("Continue anyway")
    assert referrer.attention == ["We know NW1 9ZZ, but not where it lies. Is it right?"]


def test_a_network_may_turn_off_the_caution_about_its_area(northside):
    northside.network.warns_outside_area = False
    northside.network.save()
    assert northside.refer_to_needs(postcode="M1 1AA").step == "What is needed"


def test_the_place_is_shown_on_a_map_when_asked(northside):
    referrer = northside.refer().fill(name="", postcode="nw52db").press("Show on the map")
    assert (referrer.step, referrer.attention) == ("The person", [])
    assert referrer.page.svg["aria-label"] == "NW5 2DB lies in Northside."
    assert referrer.page.select_one("circle.person")


def test_without_a_postcode_there_is_no_map_and_no_complaint(northside):
    referrer = northside.fill_in_person(postcode="").press("Show on the map")
    assert (referrer.attention, referrer.page.svg) == ([], None)
    assert referrer.press("Continue").step == "What is needed"


def test_outside_the_area_the_form_says_whose_it_is_and_where_to_go(northside):
    manchester = f.NetworkFactory(
        name="Manchester Network", slug="manchester", area__name="Manchester", area__boundary=f.square(-2.23, 53.48)
    )
    f.ConsentWordingFactory(network=manchester)
    referrer = northside.refer_to_needs(postcode="M1 1AA")
    assert referrer.attention == [
        "M1 1AA lies in Manchester, outside Northside. Organisations here may not be able to help: the council of "
        "Manchester knows who does. Is it right?"
    ]
    assert referrer.page.select_one("#place a")["href"] == "/refer/manchester/"
    assert referrer.press("Continue anyway").step == "What is needed"


def test_the_referrer_gives_a_name_and_a_contact(northside):
    referrer = northside.refer_to_needs(source_name="", source_email="")
    assert errors(referrer) == {
        "#id_source_name": "Write your own name too, since you ask for somebody else.",
        "#id_source_phone": "Give your phone number or e-mail address, in case there is a question.",
    }


def test_whoever_asks_for_themselves_gives_no_second_name_and_what_was_typed_is_not_dropped_silently(northside):
    assert northside.refer_to_needs(for_whom="self", **dict.fromkeys(SOURCE, "")).step == "What is needed"
    referrer = northside.refer_to_needs(for_whom="self")
    assert referrer.attention == [
        "You ask for yourself, so what you wrote about another person who refers is left out. Is that right?"
    ]
    assert referrer.press("Continue anyway").title == "What do you need?"


def test_a_link_that_knows_the_referrer_asks_for_the_person_alone(northside):
    link = ReferralLink.objects.create(
        network=northside.network,
        name="Advice",
        source_name="The front desk",
        source_organisation="Advice Shop",
        source_email="desk@example.org",
    )
    referrer = Referrer(link.get_absolute_url())
    assert "Sent by The front desk, Advice Shop" in referrer.text
    assert not referrer.page.select_one("details:has([name=source_name])").has_attr("open")
    referrer.fill(name="Maya", phone="07700 900123").press("Continue")
    assert (referrer.step, referrer.attention) == ("What is needed", [])
    own = Referrer(link.get_absolute_url()).fill(for_whom="self", name="Maya", phone="07700 900123").press("Continue")
    assert own.title == "What do you need?"


def test_going_back_keeps_what_was_typed_right_or_wrong(northside):
    referrer = northside.refer_to_needs().fill(details="Half a sentence", age="many").press("Back")
    assert (referrer.step, referrer.attention) == ("The person", [])
    assert (referrer.fields["name"], referrer.fields["source_name"]) == ("Maya Ferreira", "Sam Okoro")
    referrer.press("Continue")
    assert (referrer.fields["details"], referrer.fields["age"]) == ("Half a sentence", "many")


def test_a_ticked_network_stays_ticked_after_going_back(northside):
    other = northside.link_network("Southside Network")
    referrer = northside.refer()
    assert "networks" not in referrer.fields
    referrer = northside.refer_to_needs(networks=[other.pk]).press("Back")
    assert referrer.fields.getlist("networks") == [str(other.pk)]


def test_a_network_that_is_not_linked_cannot_be_asked(northside):
    stranger = f.NetworkFactory(name="Stranger")
    northside.link_network("Southside Network")
    assert northside.refer_to_needs(networks=[stranger.pk]).attention == ["Choose the networks again."]


def test_a_step_that_is_not_valid_any_more_is_shown_again(northside):
    """The network drops a link while somebody is filling in the form: the form goes back to where it matters."""
    other = northside.link_network("Southside Network")
    northside.link_network("Westside Network")
    need = f.CategoryFactory(network=other, name="Legal advice")
    referrer = northside.refer_to_needs(networks=[other.pk]).fill(needs=[need.pk], details="Long to tell.")
    northside.network.linked_networks.remove(other)
    referrer.press("Continue")
    assert (referrer.step, referrer.attention) == ("The person", ["Choose the networks again."])
    referrer.fill(networks=None).press("Continue")
    assert referrer.fields["details"] == "Long to tell."


def test_who_refers_may_hear_how_it_goes_if_there_is_an_address(northside):
    ticked = "Write to me when an organisation accepts, and when it is closed"
    referrer = northside.fill_in_person(source_phone="020 7946 0123", source_email="").choose(ticked).press("Continue")
    assert errors(referrer) == {"#id_source_email": "Give your e-mail address, so that we can write to you."}
    referrer.fill(source_email="owen@surgery.example").press("Continue")
    assert referrer.step == "What is needed"
