"""What is found by words, and in which order."""

import pytest
from django.http import QueryDict

from directory_site.search import Search, Vocabulary, parse_words
from directory_site.tests.search.asking import ask, found, keys_on_map, service
from referrals.models import Restriction
from referrals.tests import factories as f

pytestmark = pytest.mark.django_db
SYNONYMS = [["foodbank", "food bank", "food parcel"], ["pip", "disability benefit"]]


def test_every_word_counts_wherever_it_stands(network):
    in_name = service(network, "Food parcels")
    in_text = service(network, "Friday club", description="A cup of tea, a talk and sometimes a food parcel.")
    service(network, "Debt advice")
    assert found([network], q="food parcel") == [in_name.pk, in_text.pk]
    assert found([network], q="The FOOD of parcels!") == [in_name.pk, in_text.pk]


def test_names_and_categories_of_all_levels_are_words(network):
    food = f.CategoryFactory(network=network, name="Food")
    parcels = f.CategoryFactory(network=network, name="Emergency parcels", parent=food)
    one = service(network, "Friday van", categories=[parcels])
    for words in ("food", "emergency", "friday", one.organisation.name):
        assert found([network], q=words) == [one.pk], words


def test_synonyms_and_mistakes_are_forgiven(network):
    one = service(network, "Food parcels")
    for words in ("foodbank", "food banks", "foodbnak", "food parsel", "parcles", "foood"):
        assert found([network], q=words, synonyms=SYNONYMS) == [one.pk], words
    words = parse_words("fodbank spaceships", [network.pk], Vocabulary.of(SYNONYMS))
    assert (words.corrected, words.unknown) == ((("fodbank", "foodbank"),), ("spaceships",))


def test_two_letters_that_changed_places_are_forgiven_and_a_longer_word_is_another(network):
    one = service(network, "Befriending", organisation__name="Sonali")
    assert found([network], q="lonley", synonyms=[["befriending", "lonely"]]) == [one.pk]
    assert parse_words("son", [network.pk], Vocabulary.of()).unknown == ("son",)
    assert parse_words("translator", [network.pk], Vocabulary.of([["befriending", "trans"]])).unknown == ("translator",)


def test_short_words_keep_their_first_letter_and_lose_none(network):
    """Who looks for help against being hit is not sent to a hot meal, nor who speaks of harm to a warm space."""
    for name in ("Warm space", "Hot meals", "Debt advice", "Food parcels"):
        service(network, name)
    for typed in ("harm", "hit", "hat"):
        assert parse_words(typed, [network.pk], Vocabulary.of()).unknown == (typed,), typed
    for typed, meant in (("det", "debt"), ("meas", "meals"), ("mealz", "meals"), ("barcels", "parcels")):
        assert parse_words(typed, [network.pk], Vocabulary.of()).corrected == ((typed, meant),), typed


@pytest.mark.parametrize("typed", ["self-harm", "self harm", "Self\u2013Harm"])
@pytest.mark.parametrize("term", ["self-harm", "self harm"])
def test_hyphens_part_words_in_a_search_and_in_synonyms_alike(network, typed, term):
    one = service(network, "Crisis line")
    service(network, "Warm space")
    assert found([network], q=typed, synonyms=[[term, "crisis line"]]) == [one.pk]


@pytest.mark.parametrize("typed", ["women's refuge", "women\u2019s refuge"])
def test_apostrophes_are_alike(network, typed):
    one = service(network, "Safe house")
    assert found([network], q=typed, synonyms=[["women's refuge", "safe house"]]) == [one.pk]


def test_a_word_of_a_phrase_means_what_the_phrase_means_where_nobody_has_the_word(network):
    synonyms = [["domestic abuse", "domestic violence"], ["food bank", "food parcel"], ["community fridge", "larder"]]
    safe = service(network, "Domestic abuse advocate")
    parcels = service(network, "Food parcels")
    meals = service(network, "Hot food")
    assert found([network], q="violence", synonyms=synonyms) == [safe.pk]
    assert found([network], q="violense", synonyms=synonyms) == [safe.pk]
    assert set(found([network], q="food", synonyms=synonyms)) == {parcels.pk, meals.pk}
    for words in ("fridge", "fridges"):  # no service is what its group means
        answer = parse_words(words, [network.pk], Vocabulary.of(synonyms))
        assert (answer.queries, answer.corrected, answer.unknown) == ((), (), (words,))
        assert found([network], q=words, synonyms=synonyms) == []
        assert keys_on_map([network], words, synonyms) == []


def test_a_word_that_stands_in_many_phrases_means_none_of_them(network):
    service(network, "Food parcels")
    synonyms = [["food parcels", "food bank"], ["nappies", "baby bank"], ["coats", "clothes bank"]]
    assert parse_words("bank", [network.pk], Vocabulary.of(synonyms)).unknown == ("bank",)


def test_accents_may_be_left_out_of_synonyms(network):
    one = service(network, "Debt advice")
    for words in ("długi", "dlugi", "DŁUGI"):
        assert found([network], q=words, synonyms=[["debt", "długi"]]) == [one.pk], words


def test_words_that_name_no_need_are_left_out_unless_there_is_nothing_else(network):
    rent = service(network, "Rent advice")
    needs = service(network, "Carers", summary="What you need")
    for words in ("I need rent advice near me today", "I can\u2019t, please, I'm looking for rent advice", "want RENT"):
        assert found([network], q=words) == [rent.pk], words
    assert found([network], q="need") == [needs.pk]


def test_ages_that_were_typed_are_asked_for(network):
    service(network, "Counselling for all")
    young, adults, old = (service(network, f"Counselling {name}") for name in "ABC")
    for one, ages in ((young, (16, 25)), (adults, (18, None)), (old, (60, None))):
        Restriction.objects.create(service=one, age_from=ages[0], age_to=ages[1])
    assert found([network], q="counselling for my 17 year old")[0] == young.pk
    assert found([network], q="counselling for my 17 year old")[2:] == [adults.pk, old.pk]
    assert found([network], q="over 60s") == [old.pk]
    assert set(found([network], q="aged 17")) == {young.pk}
    assert ask([network], q="17 minutes").total == 0


def test_a_corrected_word_never_comes_before_a_typed_one(network):
    service(network, "Befriending")
    typed = service(network, "Advocacy")
    words = parse_words("advocacy befrending", [network.pk], Vocabulary.of())
    assert words.corrected == (("befrending", "befriending"),)
    assert found([network], q="advocacy befrending") == [typed.pk]


def test_a_phrase_with_a_meaning_of_its_own_finds_that_and_not_its_words(network):
    service(network, "A barrister for the hearing")
    grief = service(network, "Bereavement support")
    meanings = {"lost my baby": ["bereavement"], "hearing voices": ["mental health"], "can't cope": ["bereavement"]}
    service(network, "Baby bundles")
    for words in ("lost my baby", "we lost my babys", "cant cope", "I can\u2019t cope any more"):
        assert found([network], q=words, meanings=meanings) == [grief.pk], words
    assert found([network], q="hearing voices", meanings=meanings) == []  # rather than the barrister
    mind = service(network, "Mental health")
    assert found([network], q="hearing voices", meanings=meanings) == [mind.pk]


def test_a_phrase_is_known_when_a_word_of_it_was_corrected(network):
    one = service(network, "Somebody to see", summary="For low mood")
    service(network, "Health walks")
    assert found([network], q="mental helth", synonyms=[["mental health", "low mood"]])[0] == one.pk


def test_words_that_stand_nowhere_together_find_what_has_most_of_them(network):
    some = service(network, "Somewhere to sleep", summary="A warm bed")
    service(network, "Bed linen")
    service(network, "Warm coats")
    answer = ask([network], q="warm bed linen sleep")
    assert answer.has_only_some_words
    assert [hit.service_id for hit in answer.hits] == [some.pk]


def test_words_nobody_has_find_nothing_rather_than_everything(network):
    service(network, "Food parcels")
    assert ask([network], q="xylophone").total == 0
    assert ask([network], q="xylophone parcels").total == 1


@pytest.mark.parametrize(
    "text", ["'", "\\", "a & b | !c:*", "( ) <->", "%s %(x)s", "\x00", "\u2019", "🍞", "a" * 300, "- - -"]
)
def test_whatever_is_typed_is_only_words(network, text):
    one = service(network, "Food parcels")
    assert found([network], q=f"{text} parcels") == [one.pk]
    ask([network], search=Search.of(_query(q=text, place=text, category=text, suits=text, near=text)))


def _query(**values: str) -> QueryDict:
    query = QueryDict(mutable=True)
    for name, value in values.items():
        query[name] = value
    return query


def test_queries_stay_the_same_however_much_there_is(network, django_assert_num_queries):
    for number in range(3):
        service(network, f"Food {number}", categories=[f.CategoryFactory(network=network)])
        with django_assert_num_queries(5):  # categories, groups, words, the place, and what is found
            ask([network], q="food", place="NW5 2AA")
