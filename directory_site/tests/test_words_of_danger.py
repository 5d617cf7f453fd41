"""Whoever types words of danger sees whom to ring, whatever else the page shows."""

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st

from directory_site.models import DangerWords
from directory_site.search import DangerMatcher
from directory_site.search.danger_reader import tells_of_danger
from directory_site.search.dictionary import is_english
from directory_site.seed import make_site
from directory_site.seed.content import read_danger
from directory_site.spelling import plain_words
from directory_site.tests.town import URGENT, Town
from referrals.tests.depth import gate_or_all

TERMS = [term for words in read_danger().values() for term in words.split(", ")]
STARTER = DangerMatcher.of(TERMS)
HERE = Path(__file__).parent
IN_DANGER = """sucidal; sucide; suicidle thoughts; I WANT TO DIE!!; i just want to bloody die; wnat to die; want to dei
    killmyself; im going to kil myself; selfharm; Self\u2013Harm; cuting myself; don\u2019t want to live any more
    dont want to live; he hit me and the kids; my husband beats me; domestic vilence; chest pian; i cant breath
    my boyfriend is violent; kms
    i wanna end it; kill my self; jump off the bridge; took loads of pills; dad beats my mum; hes got a knife
    im not safe at home; he put his hands round my neck; baby isnt breathing; what\u2019s the point of living
    she throws plates at me; I do not want to be here any more; I cannot go on
    i dont wanna be hear anymor; dont want to be hear no more; i wana dissapear; i want 2 die; noone wud miss me
    i just wanna be ded; dont want 2 b here; took 2 many pills; he hit mi; want to end my live
    cant stop cuting; im not safe; dont want to liv anymore; took tooo many pills; im gonnna kill him
    maz mnie bije; bije mnie mąż; chce umrzec; nie chce zyc; zgwalcona; tata bije; maz sie zneca; chce sie powiesic
    nie chcę żyć; wzielam za duzo tabletek; jestem w niebezpieczenstwie; boli mnie w klatce"""
NOT_IN_DANGER = """die cast; my wife died; die hard; dead end job; hit the gym; beat the cold; cuts to benefits
    kill weeds; die cast models; hitting the gym; cut my hedge; end my tenancy; odd jobs; sore throat
    want to live independently; take my driving test; locked out; hang out with friends; tired all the time
    want to dye my hair; killed by cold; scared of heights; stroke club; bus strike; live music
    want to hear live music; live in carer; 2 bed flat; too many people; sick of my job; my flat is not safe
    i hear voices
    chcę jeść; mąż umarł; zabić czas; nie mogę znaleźć pracy; ciąć drewno; boję się dentysty"""


def phrases(text: str) -> list[str]:
    return [phrase.strip() for line in text.splitlines() for phrase in line.split(";")]


@pytest.fixture
def town(db) -> Town:
    DangerWords.objects.create(danger="Suicide", words="want to die, chcę umrzeć")
    return Town()


def test_every_term_of_the_starter_list_is_found_in_a_sentence():
    assert len(TERMS) > 300
    assert [term for term in TERMS if not STARTER.are_in(f"help, {term} and so on".upper())] == []


def test_mistyped_danger_is_found_too():
    assert [words for words in phrases(IN_DANGER) if not STARTER.are_in(words)] == []


def test_ordinary_words_are_no_danger():
    ordinary = (HERE / "ordinary_words.txt").read_text(encoding="utf-8").split()
    assert [words for words in (*phrases(NOT_IN_DANGER), *ordinary) if STARTER.are_in(words)] == []


@given(st.sampled_from([term for term in TERMS if re.search("[a-z]{7}", term)]), st.data())
@settings(max_examples=gate_or_all(50, 1000))
def test_a_letter_left_out_of_a_long_word_hides_no_danger(term, data):
    word = re.search("[a-z]{7,}", term)[0]
    at = data.draw(st.integers(0, len(word) - 1))
    mistyped = word[:at] + word[at + 1 :]
    assert STARTER.are_in(term.replace(word, mistyped)) or any(map(is_english, plain_words(mistyped)))


@pytest.mark.parametrize(
    "address",
    [
        "/directory/?q=i+want+to+die",  # no result
        "/directory/?q=advice+want+to+die",
        "/directory/?q=want+to+die&place=NW5+2AA&category=food&open_now=1&sort=name",
        "/directory/?q=advice+want+to+die&page=2",
        "/directory/?place=want+to+die",
        "/pl/directory/?q=chc%C4%99+umrze%C4%87",
    ],
)
def test_the_numbers_stand_above_the_form_and_the_results(town, client, address):
    finder = BeautifulSoup(client.get(address).content, "html.parser").select_one(".finder")
    above = finder.select_one("#ask").find_previous_sibling()
    assert [link["href"] for link in above.select(".urgent-now a")] == [f"tel:{URGENT['phone']}"]


def test_nobody_else_sees_them_there(town, client):
    assert b"urgent-now" not in client.get("/directory/?q=food").content


def test_editors_add_a_word_that_counts_at_once(town, client):
    assert b"urgent-now" not in client.get("/directory/?q=xyzzy").content
    DangerWords.objects.create(danger="Another", words="xyzzy")
    assert b"urgent-now" in client.get("/directory/?q=xyzzy").content


def test_a_site_without_numbers_of_its_own_shows_the_countrys(town, client):
    town.site.urgent_help = []
    town.site.save()
    page = BeautifulSoup(client.get("/directory/?q=want+to+die").content, "html.parser")
    assert [link.get_text() for link in page.select(".urgent-now a")] == ["999", "116 123", "0808 2000 247"]


def test_a_new_site_knows_the_starter_list_and_what_editors_delete_stays_away(db):
    make_site()
    assert {row.danger: ", ".join(row.terms) for row in DangerWords.objects.all()} == {
        danger: words.casefold() for danger, words in read_danger().items()
    }
    DangerWords.objects.first().delete()
    number = DangerWords.objects.count()
    make_site()
    assert DangerWords.objects.count() == number


@pytest.mark.django_db
def test_a_long_story_is_read_to_its_end():
    DangerWords.objects.create(danger="Suicide", words="want to die")
    story = "She has three children and a cold flat, and the bailiffs come. " * 70
    assert not tells_of_danger(story)
    assert tells_of_danger(f"{story} I think she wnats to die.")
