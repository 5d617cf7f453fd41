"""What people type, with and without a place, and the services of the demonstration network that it has to find."""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone

from directory_site.models import PhraseMeaning, SynonymGroup
from directory_site.search import (
    Filters,
    Found,
    Search,
    Vocabulary,
    Words,
    extract_place,
    find,
    find_place,
    parse_words,
)
from directory_site.seed import make_site
from directory_site.seed.content import read_synonyms
from referrals.demo import load_demo
from referrals.models import Network, PublicListing

HERE = Path(__file__).parent
# Half of them name a place. `first`: what a good adviser accepts in the first place; `also`: what they accept below it.
QUERIES = json.loads((HERE / "queries.json").read_text(encoding="utf-8"))
# Of the 75 queries of a kind: how many have the right service first, and how many have one among the first three.
ENOUGH = {"without a place": (71, 74), "with a place": (64, 74)}
# Those of the synonyms that English leaves out of a search: by themselves they ask for nothing.
STOP_WORDS = "a after all and do for in me my myself no of out over so to with"

# What somebody types in distress, and what Polish people type: with a service that is right.
NEEDS = {
    "Emergency parcels, Northside Food Link": "hungry, starving, no food, food voucher, jedzenie, głód, glod, jedznie",
    "The Night Table crisis café, Chestnut Minds": (
        "suicide, suicidal, self harm, self-harm, want to die, samobójstwo, kms"
    ),
    "Refuge, Juniper House": "rape, raped, violence, violense, my partner hits me, coercive, przemoc",
    "Sofa to safety, Springboard Northside": "kicked out, thrown out, sofa surfing",
    "Winter night shelter, Open Door Northside": "nowhere, bezdomny, nie mam gdzie spać, śpię na ulicy",
    "Eviction defence, Lantern Housing Rights": "eviction notice, eksmisja",
    "Warm home advice, Ripple Advice": "cold, no heating, freezing, ogrzewanie",
    "Drug and alcohol support, Footbridge Recovery": "gambling, misuse, uzaleznienie",
    "Day centre, Open Door Northside": "toilet, sanitary, period products",
    "Pots, pans and bedding, Threshold Furniture Reuse": "blanket, poverty, skint, broke, pieniądze, pieniadze",
    "Debt advice, Ripple Advice": "can't pay rent, długi, dlugi",
    "Housing advice line and desk, Lantern Housing Rights": "mieszkanie, mieszkaniu",
    "Health link worker, Canalside Health Links": "lekarz",
    "Advocacy, Level Ground": "deaf, sign language",
    "Job coach, Stepping Stones to Work": "praca, prace, pracą, straciłem pracę, stracilem prace",
    "Weekly visitor, Heathside Neighbours": "lonely, lonley, isolation, so alone, samotność",
    "Someone to talk to, 16 to 25, Springboard Northside": "somebody to talk to, rozmowa",
    "Members' pantry, Larder Lane": "fridge, supermarket",
    "Equipment to borrow, Level Ground": "mobility, scooter",
    "Play and stay, Little Oaks Family Rooms": "playgroup",
}


@pytest.fixture(scope="module")
def demonstration(django_db_setup, django_db_blocker) -> Iterator[None]:
    """Load it once for all tests of the file, none of which commits."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_demo(referrals=0)
        make_site()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def ask(demonstration, db):
    """The search of the demonstration network on a site that was just made."""
    networks = list(Network.objects.all())
    keys = [network.pk for network in networks]
    meanings = {term: row.meanings for row in PhraseMeaning.objects.all() for term in row.terms}
    vocabulary = Vocabulary.of([group.terms for group in SynonymGroup.objects.all()], meanings)
    filters = Filters.of(keys)

    def answer(words: str, place: str = "") -> tuple[Found, Words]:
        search = extract_place(Search(q=words, place=place), keys)
        understood = parse_words(search.q, keys, vocabulary)
        place = find_place(search, keys)
        return find(search, networks, filters, understood, place, now=timezone.now()), understood

    return answer


def misses(ask: Callable[[str], tuple[Found, Words]], wanted: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Return, for what does not find its service among the first three, which those are."""
    titles = dict(PublicListing.objects.values_list("pk", "title"))
    missed = {}
    for words, service in wanted:
        assert service in titles.values(), service
        first = [titles[hit.service_id] for hit in ask(words)[0].hits[:3]]
        if service not in first:
            missed[words] = first
    return missed


@pytest.mark.parametrize("kind", ENOUGH)
def test_what_people_type_finds_what_they_mean(ask, kind):
    """Those that go wrong are told when they are too many."""
    titles = dict(PublicListing.objects.values_list("pk", "title"))
    half = QUERIES[:75] if kind == "without a place" else QUERIES[75:]
    assert len(half) == 75
    not_first, not_among = {}, {}
    for query in half:
        found = [titles[hit.service_id] for hit in ask(query["words"], query["place"])[0].hits[:3]]
        if not set(found[:1]) & {*query["first"]}:
            not_first[query["words"]] = found
        if not set(found) & {*query["first"], *query["also"]}:
            not_among[query["words"]] = found
    first, among = ENOUGH[kind]
    assert len(half) - len(not_first) >= first, not_first
    assert len(half) - len(not_among) >= among, not_among


def test_every_answer_is_a_service_of_the_demonstration(ask):
    titles = {*PublicListing.objects.values_list("title", flat=True)}
    assert {title for query in QUERIES for title in (*query["first"], *query["also"])} <= titles


def test_what_people_type_in_distress_finds_help(ask):
    assert misses(ask, [(one, title) for title, words in NEEDS.items() for one in words.split(", ")]) == {}


@pytest.mark.parametrize("place", ["", "NW5 2AA"])
def test_whoever_is_hit_at_home_finds_the_refuge_first(ask, place):
    titles = dict(PublicListing.objects.values_list("pk", "title"))
    assert titles[ask("my partner hits me", place)[0].hits[0].service_id] == "Refuge, Juniper House"


def test_no_word_of_the_synonyms_finds_everything(ask):
    everything = PublicListing.objects.filter(is_listed=True).count()
    found = {word: ask(word) for words in read_synonyms() for word in words.replace(",", " ").split()}
    assert len(found) > 300
    wrong = {
        word: words
        for word, (answer, words) in found.items()
        if (answer.total == everything and words.queries)
        or any(typed == meant for typed, meant in words.corrected)
        or (words.unknown and answer.total)
    }
    assert wrong == {}
    assert {word for word, (answer, _) in found.items() if answer.total == everything} == {*STOP_WORDS.split()}


@pytest.mark.parametrize("language", ["", "polish_"])
def test_ordinary_words_are_never_corrected(ask, language):
    words = (HERE / f"ordinary_{language}words.txt").read_text(encoding="utf-8").split()
    assert len(words) >= 80
    assert {word: corrected for word in words if (corrected := ask(word)[1].corrected)} == {}
