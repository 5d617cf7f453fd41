"""What is found, in which order, and whether the number beside a choice is what choosing it gives."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from random import Random

import pytest
from django.contrib.gis.geos import Point
from django.http import QueryDict

from directory_site.search import (
    Filters,
    Found,
    Search,
    Vocabulary,
    clusters,
    find,
    find_place,
    parse_words,
    read_place,
)
from directory_site.search.query import AGE_BANDS, ANYWHERE
from referrals.enums import AccessFeature, ReferralPathway
from referrals.hours import LONDON, Timetable, openings
from referrals.models import Network, OpeningException, OpeningHours, Postcode, PublicListing, Restriction, Service
from referrals.tests import factories as f

pytestmark = pytest.mark.django_db

# A Saturday night before a bank holiday, the hour that the clock repeats, a Monday noon.
MOMENTS = [datetime.fromisoformat(text) for text in ("2026-05-02 23:30", "2026-10-25 01:30", "2026-11-23 12:00")]
SYNONYMS = [["foodbank", "food bank", "food parcel"], ["pip", "disability benefit"]]


def at(local: datetime) -> datetime:
    return local.replace(tzinfo=LONDON)


def ask(
    networks: Sequence[Network],
    *,
    synonyms=(),
    meanings=None,
    now: datetime = MOMENTS[2],
    search: Search | None = None,
    **asked,
) -> Found:
    keys = [network.pk for network in networks]
    search = read_place(search or Search(**asked), keys)
    words = parse_words(search.q, keys, Vocabulary.of(synonyms, meanings))
    return find(search, networks, Filters.of(keys), words, find_place(search, keys), now=at(now))


def found(networks: Sequence[Network], **asked) -> list[int]:
    return [hit.service_id for hit in ask(networks, **asked).hits]


def service(network: Network, activity: str, **fields) -> Service:
    fields = {"is_public": True} | fields
    return f.ServiceFactory(network=network, activity__name=activity, **fields)


@pytest.fixture
def network() -> Network:
    Postcode.objects.create(code="NW52AA", point=Point(-0.1400, 51.5500, srid=4326))
    return f.NetworkFactory()


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
    for words in ("foodbank", "food banks", "foodbnak", "food parsel", "parcles", "fod"):
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
    for typed, meant in (("det", "debt"), ("fod", "food"), ("mealz", "meals"), ("barcels", "parcels")):
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
        assert _clusters([network], words, synonyms) == []


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


def placed(one: Service, east: float, **fields) -> Service:
    """Put the service at this longitude, on the latitude of NW5 2AA."""
    one.venue = f.VenueFactory(organisation=one.organisation, point=Point(east, 51.55, srid=4326))
    for name, value in fields.items():
        setattr(one, name, value)
    one.save()
    return one


def test_who_serves_the_place_comes_first_then_what_fits_then_miles(network):
    debt = f.CategoryFactory(network=network, name="Debt advice")
    about_far = placed(service(network, "Debt advice"), -0.10)
    about_near = placed(service(network, "Letters", categories=[debt]), -0.12)
    summary = placed(service(network, "Somali desk", summary="Benefits, debt and housing"), -0.1401)
    elsewhere = placed(service(network, "Debt clinic", catchment=f.square(-0.20, 51.52)), -0.141)
    in_passing = placed(service(network, "Lunch", description="Some talk of debt"), -0.1402)
    asked = {"q": "debt", "place": "NW5 2AA", "within": ANYWHERE}
    assert found([network], **asked) == [about_near.pk, about_far.pk, summary.pk, elsewhere.pk, in_passing.pk]
    assert found([network], **asked, sort="nearest")[:2] == [summary.pk, elsewhere.pk]
    assert ask([network], **asked).mentions == 1


def test_what_is_for_particular_people_comes_behind_what_is_for_everybody(network):
    some = placed(service(network, "Befriending"), -0.1401)
    Restriction.objects.create(service=some, option=f.DemographicOptionFactory(demographic__network=network))
    old = placed(service(network, "Befriending"), -0.1402)
    Restriction.objects.create(service=old, age_from=60)
    everybody = placed(service(network, "Befriending"), -0.10)
    assert found([network], q="befriending", place="NW5 2AA") == [everybody.pk, some.pk, old.pk]
    assert found([network], q="befriending over 60s", place="NW5 2AA") == [old.pk, everybody.pk, some.pk]


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
    assert parse_words("advocacy befrending", [network.pk], Vocabulary.of()).corrected == (
        ("befrending", "befriending"),
    )
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
    service(network, "Food parcels")
    ask([network], search=Search.of(_query(q=text, place=text, category=text, suits=text, near=text)))


def _query(**values: str) -> QueryDict:
    query = QueryDict(mutable=True)
    for name, value in values.items():
        query[name] = value
    return query


def test_nearest_come_first_and_those_without_a_place_last(network):
    far, near, nowhere = (service(network, name) for name in ("Far", "Near", "Nowhere"))
    for one, east in ((far, -0.10), (near, -0.1401)):
        one.venue = f.VenueFactory(organisation=one.organisation, point=Point(east, 51.55, srid=4326))
        one.save()
    answer = ask([network], place="nw5 2aa")
    assert [hit.service_id for hit in answer.hits] == [near.pk, far.pk, nowhere.pk]
    assert [hit.miles and round(hit.miles, 1) for hit in answer.hits] == [0.0, 1.7, None]
    assert found([network], place="NW5 2AA", within=1) == [near.pk, nowhere.pk]
    away = service(network, "Away")
    away.venue = f.VenueFactory(organisation=away.organisation, point=Point(-1.5, 52.5, srid=4326))
    away.save()
    assert found([network], place="NW5 2AA") == [near.pk, far.pk, nowhere.pk]
    assert found([network], place="NW5 2AA", within=ANYWHERE) == [near.pk, far.pk, away.pk, nowhere.pk]


def test_a_service_says_whether_it_serves_the_place(network):
    all_over = service(network, "All over")
    here = service(network, "Here", catchment=f.square(-0.14, 51.55))
    elsewhere = service(network, "Elsewhere", catchment=f.square(-0.20, 51.52))
    serves = {hit.service_id: hit.serves for hit in ask([network], place="NW5 2AA", within=ANYWHERE).hits}
    assert serves == {all_over.pk: True, here.pk: True, elsewhere.pk: False}
    assert set(found([network], place="NW5 2AA")) == {all_over.pk, here.pk}
    assert set(found([network], place="NW5 2AA", within=ANYWHERE, serves=True)) == {all_over.pk, here.pk}


def test_places_are_postcodes_their_halves_and_names(network):
    f.AreaFactory(name="Kilburn", boundary=f.square(-0.2, 51.54))
    f.AreaFactory(name="Kilburn", boundary=f.square(-1.4, 53.0))
    other = f.NetworkFactory(area__name="Elsewhere", area__boundary=f.square(-1.4, 53.0))
    Postcode.objects.create(code="NW11ZZ", point=Point(-0.3, 51.6, srid=4326))
    asked = {text: find_place(Search(place=text), [network.pk]) for text in ("nw52aa", "NW5", "nw5 2", "kilburn")}
    assert {text: place and place.name for text, place in asked.items()} == {
        "nw52aa": "NW5 2AA",
        "NW5": "NW5",
        "nw5 2": "NW5 2",
        "kilburn": "Kilburn",
    }
    assert asked["kilburn"].point.distance(Point(-0.2, 51.54, srid=4326)) < 0.01
    for nowhere in ("NW5 9ZZ", "Atlantis", other.area.name, "N"):
        assert find_place(Search(place=nowhere), [network.pk]) is None, nowhere
    assert find_place(Search(place="Kilburn"), []) is None  # a site without networks
    near = find_place(Search(near="51.5501,-0.1399"), [network.pk])
    assert (near.point.x, near.point.y) == (-0.1399, 51.5501)


def test_a_place_among_the_words_is_the_place(network):
    f.AreaFactory(name="King's Cross", boundary=f.square(-0.12, 51.53))
    network.area.boundary = f.square(-0.14, 51.55)
    network.area.save()
    read = {
        typed: read_place(Search(q=typed), [network.pk])
        for typed in ("NW5 2AA", "nw52aa", "NW5", "debt NW5 2AA", "food in kings cross", "B12 injections", "cross food")
    }
    assert {typed: (search.q, search.place) for typed, search in read.items()} == {
        "NW5 2AA": ("", "NW5 2AA"),
        "nw52aa": ("", "NW5 2AA"),
        "NW5": ("", "NW5"),
        "debt NW5 2AA": ("debt", "NW5 2AA"),
        "food in kings cross": ("food", "King's Cross"),
        "B12 injections": ("B12 injections", ""),
        "cross food": ("cross food", ""),
    }
    beside = Search(q="food kings cross", place="NW5", page=2)
    assert read_place(beside, [network.pk]) == beside
    assert read_place(Search(q="NW5 2AA", page=2), [network.pk]).page == 2


@pytest.mark.parametrize(
    "typed", ["kings cross", "KING\u2019S CROSS", "Kings Crss", "knigs cross", "King's Cross Road", "kings"]
)
def test_names_of_places_are_forgiving(network, typed):
    f.AreaFactory(name="King's Cross", boundary=f.square(-0.12, 51.53))
    assert find_place(Search(place=typed), [network.pk]).name == "King's Cross"


def test_a_category_brings_those_below_and_above_it(network):
    food = f.CategoryFactory(network=network, name="Food", slug="food")
    parcels = f.CategoryFactory(network=network, parent=food, name="Parcels", slug="parcels")
    meals = f.CategoryFactory(network=network, parent=food, name="Meals", slug="meals")
    one, two, three = (
        service(network, name, categories=[it]) for name, it in (("A", food), ("B", parcels), ("C", meals))
    )
    assert found([network], category=("food",)) == [one.pk, two.pk, three.pk]
    assert found([network], category=("parcels",)) == [one.pk, two.pk]
    assert found([network], category=("meals", "parcels")) == [one.pk, two.pk, three.pk]


def test_other_networks_are_not_searched(network):
    ours = service(network, "Food parcels")
    theirs = service(f.NetworkFactory(), "Food parcels")
    assert found([network], q="food") == [ours.pk]
    assert found([network, theirs.network], q="food") == [ours.pk, theirs.pk]
    assert found([], q="food") == []


class Town:
    """Services of all kinds, drawn from a seed."""

    def __init__(self, seed: int) -> None:
        self.random = random = Random(seed)
        Postcode.objects.get_or_create(code="NW52AA", defaults={"point": Point(-0.14, 51.55, srid=4326)})
        self.networks = [f.NetworkFactory(country=country) for country in ("ENG", "SCT")]
        self.categories = {network: self._categories(network) for network in self.networks}
        self.options = {network: self._options(network) for network in self.networks}
        self.services = [self._service(number) for number in range(40)]
        assert PublicListing.objects.filter(is_listed=True).count() < 40, random

    def _categories(self, network):
        food = f.CategoryFactory(network=network, slug="food", name="Food")
        below = [f.CategoryFactory(network=network, slug=slug, name=slug, parent=food) for slug in ("parcels", "meals")]
        return [food, *below, f.CategoryFactory(network=network, slug="debt", name="Debt")]

    def _options(self, network):
        gender, tongue = (f.DemographicFactory(network=network, name=name) for name in ("Gender", "Language"))
        named = [(gender, "Woman"), (gender, "Man"), (tongue, "Somali"), (tongue, "Polish"), (tongue, "French")]
        return [f.DemographicOptionFactory(demographic=demographic, name=name) for demographic, name in named]

    def _service(self, number: int) -> Service:
        random, network = self.random, self.random.choice(self.networks)
        one = service(
            network,
            f"{random.choice(['Food', 'Warm', 'Quiet'])} {random.choice(['club', 'van', 'room'])} {number}",
            is_public=random.random() < 0.9,
            cost=random.choice(["", "free", "charged"]),
            pathways=random.sample(ReferralPathway.values, 2),
            closed_on_bank_holidays=random.random() < 0.5,
            catchment=random.choice([None, f.square(-0.14, 51.55), f.square(-0.2, 51.52)]),
            categories=random.sample(self.categories[network], random.choice([0, 1, 2])),
        )
        if random.random() < 0.8:
            place = Point(-0.14 + random.uniform(-0.05, 0.05), 51.55 + random.uniform(-0.03, 0.03), srid=4326)
            features = random.sample(AccessFeature.values, 3)
            one.venue = f.VenueFactory(organisation=one.organisation, point=place, access_features=features)
            one.save()
        for option in random.sample(self.options[network], random.choice([0, 0, 1, 2])):
            Restriction.objects.create(service=one, option=option)
        if random.random() < 0.4:
            Restriction.objects.create(
                service=one, age_from=random.choice([None, 18, 60]), age_to=random.choice([65, 90])
            )
        self._open(one)
        return one

    def _open(self, one: Service) -> None:
        random = self.random
        clock = [time(0), time(1, 30), time(9), time(12), time(18), time(23)]
        for weekday in random.sample(range(7), random.choice([0, 2, 4, 7])):
            season = random.choice([{}, {}, {"valid_from": date(2026, 6, 1)}, {"valid_to": date(2026, 10, 24)}])
            opens, closes = random.choice(clock), random.choice(clock)
            OpeningHours.objects.create(service=one, weekday=weekday, opens=opens, closes=closes, **season)
        for moment in MOMENTS:
            if random.random() < 0.3:
                day = moment.date() + timedelta(days=random.choice([-1, 0, 1, 3]))
                times = random.choice(
                    [{}, {"opens": time(0), "closes": time(13)}, {"opens": time(22), "closes": time(2)}]
                )
                OpeningException.objects.create(
                    service=one, first_day=day, last_day=day + timedelta(days=random.choice([0, 1])), **times
                )


@pytest.mark.parametrize("seed", range(4))
def test_open_now_and_open_on_are_what_the_timetable_says(seed):
    town = Town(seed)
    shown = Service.objects.filter(listing__is_listed=True).select_related("network")
    for now in MOMENTS:
        today = now.date()
        begins = {
            one.pk: openings(Timetable.of(one), today - timedelta(days=1), today + timedelta(days=6)) for one in shown
        }
        is_open = {
            pk for pk, openings in begins.items() if any(opening.starts <= now < opening.ends for opening in openings)
        }
        assert set(_all(town.networks, now, open_now=True)) == is_open
        for ahead in range(7):
            day = today + timedelta(days=ahead)
            on_day = {one.pk for one in shown if list(Timetable.of(one).openings_on(day))}
            assert set(_all(town.networks, now, day=(day.weekday(),))) == on_day


def _all(networks: Sequence[Network], now: datetime, **asked) -> list[int]:
    """Return the keys of all pages."""
    keys: list[int] = []
    page = 1
    while hits := ask(networks, now=now, search=Search(**asked, page=page)).hits:
        keys += [hit.service_id for hit in hits]
        page += 1
    assert len(set(keys)) == len(keys)
    return keys


SEARCHES = [
    {},
    {"q": "food"},
    {"place": "NW5 2AA", "within": 2},
    {"category": ("food",), "open_now": True},
    {"q": "club van", "place": "NW5 2AA", "free": True, "serves": True},
    {"suits": ("gender.woman", "language.somali"), "age": "26-64"},
    {"access": (AccessFeature.values[0],), "day": (0, 6)},
    {"referral": tuple(ReferralPathway.values[:2]), "suits": ("language.polish",), "category": ("parcels", "debt")},
]


@pytest.mark.parametrize("asked", SEARCHES, ids=lambda asked: ",".join(asked) or "all")
def test_the_number_beside_a_choice_is_what_choosing_it_gives(asked):
    town = Town(5)
    search = Search(**asked)
    answer = ask(town.networks, search=search)
    assert answer.total == len(_all(town.networks, MOMENTS[2], **asked))
    for (kind, value), number in answer.counts.items():
        if (chosen := _choosing(search, kind, value)) is not None:
            assert ask(town.networks, search=chosen).total == number, (kind, value)
    assert {kind for kind, _ in answer.counts} >= {"open_now", "free"}


def _choosing(search: Search, kind: str, value: str) -> Search | None:
    """Return the search with that choice: alone in its filter, or beside what is chosen where all have to be met."""
    if kind in ("open_now", "free", "serves"):
        return replace(search, **{kind: True}) if kind != "serves" or search.has_place else None
    if kind == "age":
        return replace(search, age=value)
    if kind == "day":
        return replace(search, day=(int(value),))
    if kind == "access":
        return replace(search, access=tuple({*search.access, value}))
    if kind == "suits":
        others = tuple(one for one in search.suits if one.partition(".")[0] != value.partition(".")[0])
        return replace(search, suits=(*others, value))
    return replace(search, **{kind: (value,)}) if kind in ("category", "referral") else None


def _clusters(networks: Sequence[Network], q: str, synonyms=(), box=(-1, 51, 1, 52)) -> list[int]:
    """Return the keys of what the map shows."""
    keys = [network.pk for network in networks]
    words = parse_words(q, keys, Vocabulary.of(synonyms))
    got = clusters(Search(q=q), networks, Filters.of(keys), words, None, now=at(MOMENTS[2]), zoom=18, box=box)
    return sorted(key for cluster in got for key, _ in cluster.services)


def test_a_part_of_the_map_shows_what_has_some_words_only_where_the_list_does(network):
    both, bed = service(network, "Warm bed"), service(network, "Bed linen")
    for one, east in ((both, -0.5), (bed, 0.5)):
        one.venue = f.VenueFactory(organisation=one.organisation, point=Point(east, 51.55, srid=4326))
        one.save()
    east_half = (0, 51, 1, 52)
    assert _clusters([network], "warm bed") == [both.pk]
    assert _clusters([network], "warm bed", box=east_half) == []
    assert _clusters([network], "bed") == sorted([both.pk, bed.pk])
    assert _clusters([network], "linen warm", box=east_half) == [bed.pk]
    warmest = service(network, "Warm linen", venue=both.venue)
    assert found([network], q="warm linen pillow") == [warmest.pk]
    assert _clusters([network], "warm linen pillow", box=east_half) == []  # the best of all is elsewhere


def test_clusters_hold_each_service_with_a_place_once():
    town = Town(6)
    keys = [network.pk for network in town.networks]
    mapped = Service.objects.filter(listing__point__isnull=False, listing__is_listed=True).count()
    for zoom in (6, 11, 14, 18):
        search = Search()
        box = (-1, 51, 1, 52)
        got = clusters(
            search,
            town.networks,
            Filters.of(keys),
            parse_words("", keys, Vocabulary.of()),
            None,
            now=at(MOMENTS[2]),
            zoom=zoom,
            box=box,
        )
        assert sum(cluster.number for cluster in got) == mapped
        assert all(-0.2 < cluster.longitude < -0.08 and 51.51 < cluster.latitude < 51.59 for cluster in got)
        named = [key for cluster in got for key, _ in cluster.services]
        assert len(set(named)) == len(named)
    assert len(got) > 5


def test_every_state_stands_in_the_address_and_nonsense_is_left_out():
    address = "q=food+bank&place=NW5&within=2&category=debt&category=food&day=1&open_now=1&age=65&suits=gender.woman"
    address += "&access=lift&referral=self&free=1&serves=1&sort=name&page=3"
    search = Search.of(QueryDict(address))
    assert search.query_string() == f"?{address}"
    assert Search.of(QueryDict(search.query_string()[1:])) == search
    assert Search.of(QueryDict("place=NW5&within=any")).query_string() == "?place=NW5&within=any"
    nonsense = "within=7&day=9&day=x&age=12&sort=price&page=-1&page=zero&near=1&open_now=yes&within=٣"
    assert Search.of(QueryDict(nonsense)) == Search()
    assert set(AGE_BANDS) == {"0-17", "18-25", "26-64", "65"}


def test_queries_stay_the_same_however_much_there_is(network, django_assert_num_queries):
    for number in range(3):
        service(network, f"Food {number}", categories=[f.CategoryFactory(network=network)])
        with django_assert_num_queries(5):  # categories, groups, words, the place, and what is found
            ask([network], q="food", place="NW5 2AA")
