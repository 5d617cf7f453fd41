"""What, in the words that somebody typed, is read as a place, an age, a phrase with a meaning, or a mistyped word."""

import pytest
from django.contrib.gis.geos import Point

from directory_site.search import Search, Vocabulary, dictionary, extract_place, parse_words
from directory_site.search.ages import OLDEST, read_ages
from directory_site.tests.search.asking import found, service
from directory_site.tests.town import Town
from referrals.models import Network, Postcode
from referrals.tests import factories as f


@pytest.fixture
def network(db) -> Network:
    Postcode.objects.create(code="NW52AA", point=Point(-0.1400, 51.5500, srid=4326))
    for name, east in (("Reading", -0.97), ("Kilburn", -0.2), ("King's Cross", -0.12), ("Ham", -0.3)):
        f.AreaFactory(name=name, boundary=f.square(east, 51.5))
    return f.NetworkFactory(area__boundary=f.square(-0.14, 51.55))


@pytest.mark.parametrize(
    ("typed", "words", "place"),
    [
        ("help with reading", "help with reading", ""),
        ("reading lessons for adults", "reading lessons for adults", ""),
        ("reading", "reading", ""),
        ("can we reading", "can we reading", ""),
        ("Reading Lessons", "Reading Lessons", ""),
        ("food bank Reading", "food bank", "Reading"),
        ("food bank in reading", "food bank", "Reading"),
        ("near reading food bank", "food bank", "Reading"),
        ("help with reading in Kilburn", "help with reading", "Kilburn"),
        ("kilburn food bank", "food bank", "Kilburn"),
        ("food in Kilburn tonight", "food tonight", "Kilburn"),
        ("food, kings cross", "food", "King's Cross"),
        ("hampstead food in Ham", "hampstead food", "Ham"),  # not "pstead food"
        ("debt NW5-2AA", "debt", "NW5 2AA"),
        ("debt nw5.2aa please", "debt please", "NW5 2AA"),
    ],
)
def test_a_place_among_the_words_is_moved_to_its_own_box(network, typed, words, place):
    read = extract_place(Search(q=typed), [network.pk])
    assert (read.q, read.place) == (words, place)


def test_ages_are_read_where_years_are_meant():
    ages = {
        "mam 2 dzieci": None,
        "mam 16 lat": (16, 16),
        "i'm 20 weeks pregnant": None,
        "im 17": (17, 17),
        "i am 2 months behind": None,
        "she's 8": (8, 8),
        "po 17:00": None,
        "osoby po 60": (60, OLDEST),
        "over 60s": (60, OLDEST),
        "over 20 stone": None,
        "under 5s": (0, 4),
    }
    assert {typed: read_ages(typed)[0] for typed in ages} == ages


@pytest.mark.parametrize("typed", ["dementia caf\u00e9", "Dementia cafe", "dementia"])
def test_a_phrase_with_a_meaning_is_searched_as_itself_too(network, typed):
    cafe = service(network, "Dementia caf\u00e9").pk
    meanings = {"dementia": ["support for carers"]}
    assert found([network], q=typed, meanings=meanings) == [cafe]
    carers = service(network, "Support for carers").pk
    assert {*found([network], q="dementia", meanings=meanings)} == {cafe, carers}


def test_a_phrase_with_only_one_word_besides_stop_words_is_searched_by_its_meaning_alone(network):
    service(network, "Greatest hits choir")
    safe = service(network, "Domestic abuse advocate").pk
    assert found([network], q="he hits me", meanings={"hits me": ["domestic abuse"]}) == [safe]


def test_an_empty_meaning_is_ignored(network):
    one = service(network, "Baby bundles").pk
    assert found([network], q="baby", meanings={"baby": []}) == [one]


@pytest.mark.parametrize("code", ["so", "cy", "pt-br"])
def test_a_site_may_be_in_a_language_without_a_dictionary(network, settings, monkeypatch, code):
    settings.LANGUAGES = [("en-gb", "English"), (code, "Another")]
    monkeypatch.setattr(dictionary, "_dictionary", lambda language: {"debt"} if language == "en" else {language})
    service(network, "Debt advice")
    assert parse_words("debbt", [network.pk], Vocabulary.of()).corrected == (("debbt", "debt"),)
    assert dictionary._other_languages() == [code.partition("-")[0]] * (code != "so")


def test_the_page_says_how_it_read_a_mistyped_postcode(db, client):
    Town()
    page = client.get("/directory/", {"q": "NW5 2AA".replace("5", "S")}).content.decode()
    assert "We took “NWS 2AA” for NW5 2AA." in page


def test_the_order_in_use_is_always_among_those_offered(db, client):
    Town()
    for address in ("/directory/?place=NW5+2AA", "/directory/?q=food", "/directory/?q=food&place=NW5+2AA"):
        sorts = client.get(address).context["sorts"]
        assert [sort["label"] for sort in sorts if sort["is_chosen"]] == ["Best match"], address


def test_a_network_that_closed_its_form_is_not_on_the_front_page(db, client):
    town = Town()
    f.ConsentWordingFactory(network=town.network)
    assert b"/refer/" in client.get("/").content
    Network.objects.update(has_public_form=False)
    assert b"/refer/" not in client.get("/").content
