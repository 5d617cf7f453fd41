"""What a search must not do again, or not at all, since it takes time."""

import re
from concurrent.futures import ThreadPoolExecutor
from time import sleep

from django.contrib.gis.geos import Point
from django.core.cache import caches
from django.db import connection

from directory_site.search import DangerMatcher, Filters, Search, Vocabulary, Words, dictionary
from directory_site.search.places import Place
from directory_site.search.statement import SearchInput, find_statement, parameters
from directory_site.search.words import Query
from directory_site.tests.search.asking import MOMENTS
from directory_site.tests.town import Town


def statement(sort: str) -> str:
    words = Words((Query("'food'", "'food'", 4.0), Query("'cook'", "'cook' | 'meal'", 4.0)))
    given = SearchInput(Search(q="food cook", sort=sort), [], Filters({}, {}, {}), words, None, MOMENTS[2])
    return find_statement(given)


def test_texts_are_ranked_only_for_the_best_match():
    assert "ts_rank" in statement("best")
    assert "ts_rank" not in statement("name")


def test_nothing_wider_is_looked_for_where_a_word_has_no_synonyms():
    assert "%(wide_name_1)s" in statement("name")
    assert "%(wide_name_0)s" not in statement("name")


def test_the_services_near_a_place_are_found_by_an_index(db):
    """However few rows a test has: no other index is there, and the planner is told not to read from end to end."""
    place = Place(Point(-0.14, 51.55, srid=4326), "NW5 2AA")
    given = SearchInput(Search(place="NW5 2AA"), [], Filters({}, {}, {}), Words(), place, MOMENTS[2])
    near = re.search(r"ST_DWithin\(.*?%\(metres\)s\)", find_statement(given))[0]
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes WHERE tablename = 'referrals_publiclisting'")
        for (index,) in cursor.fetchall():
            if not index.endswith("_pkey") and index != "listing_place":
                cursor.execute(f'DROP INDEX "{index}"')
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")  # leaves bitmaps of indexes
        cursor.execute(f"EXPLAIN SELECT FROM referrals_publiclisting WHERE is_listed AND {near}", parameters(given))
        assert "Bitmap Index Scan on listing_place" in str(cursor.fetchall())


def test_only_what_fails_no_other_filter_is_asked_for_its_hours():
    free, open_now = (
        SearchInput(Search(free=True, open_now=asked), [], Filters({}, {}, {}), Words(), None, MOMENTS[2])
        for asked in (False, True)
    )
    assert "cardinality(missed_so_far) = 0" in find_statement(free)
    assert "cardinality(missed_so_far) IN (0, 1)" in find_statement(open_now)


def test_a_dictionary_is_read_once_however_many_ask_at_the_same_moment(monkeypatch):
    read = []

    class Slow:
        @staticmethod
        def get_dictionary(language):
            if language not in read:  # as simplemma keeps what it has read
                sleep(0.05)
                read.append(language)
            return {language: language}

    monkeypatch.setattr(dictionary, "LOW_MEMORY_DICTIONARY_FACTORY", Slow)
    monkeypatch.setattr(dictionary, "_dictionaries", {})
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(dictionary.is_english, ["en"] * 8))
    assert read == ["en"]


def test_the_words_that_editors_keep_are_prepared_once_for_a_content_version(db, client, settings, monkeypatch):
    Town()
    settings.CACHE_PAGES = True
    caches["pages"].clear()
    made = []
    for one in (Vocabulary, DangerMatcher):
        make = one.of
        monkeypatch.setattr(one, "of", lambda *given, make=make, one=one: made.append(one.__name__) or make(*given))
    for words in ("food", "parcels"):
        assert client.get(f"/directory/?q={words}", secure=True).status_code == 200
    assert sorted(made) == ["DangerMatcher", "Vocabulary"]


def test_a_mistyped_word_is_compared_only_with_words_much_like_it(monkeypatch):
    danger = DangerMatcher.of(f"{one}{other}qqqq now" for one in "abcdefghij" for other in "klmnopqrst")
    compared = []
    monkeypatch.setattr(
        "directory_site.search.danger._differ_by_a_slip", lambda one, other: compared.append(other) or False
    )
    danger.are_in("xyzzyxyz " * 60)
    assert compared == []
    danger.are_in("akqqqqq")
    assert "akqqqq" in compared
