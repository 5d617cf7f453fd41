"""What awaits editors in the CMS, and what is kept of searches that found nothing."""

from datetime import timedelta
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import Group, Permission
from django.db import DatabaseError, connection
from django.test import Client
from django.urls import reverse

from directory_site.cms.reports import pages_due_for_review, unfound_words
from directory_site.models import DangerWords, GuidancePage, PhraseMeaning, PlainPage, SynonymGroup, UnfoundWord
from directory_site.models import unfound_words as rules
from directory_site.search.unfound import words_to_keep
from directory_site.tests.conftest import NOON
from directory_site.tests.made_sites import listed, made_site
from referrals.enums import Role, WhatIsWrong
from referrals.models import User
from referrals.tests import factories as f
from referrals.visitor_messages.public_messages import suggest_correction

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_site", "noon")]

TODAY = NOON.date()
LONGEST_WORD = (
    "lopadotemachoselachogaleokranioleipsanodrimhypotrimmatosilphiokarabomelitokatakechymenokichlepikossyphophatto"
    "peristeralektryonoptekephalliokigklopeleiolagoiosiraiobaphetraganopterygon"
)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def editor() -> User:
    made_site(f.NetworkFactory())
    return f.NetworkRoleFactory(role=Role.EDITOR).user


def lines(client: Client) -> list[str]:
    """Return what the panel says, after following each of its links."""
    html = client.get(reverse("wagtailadmin_home")).content
    panel = BeautifulSoup(html, "html.parser").select_one("#waiting-content, #waiting")
    for link in panel.select("li a"):
        assert client.get(link["href"]).status_code == 200, link
    return [" ".join(line.get_text().split()) for line in panel.select("li")]


def is_in_reports(client: Client, report: str) -> bool:
    return f"/reports/{report}/" in client.get(reverse("wagtailadmin_home")).text


def test_an_editor_sees_pages_to_review_and_searches_that_found_nothing(editor):
    GuidancePage.objects.update(reviewed_on=TODAY)
    GuidancePage.objects.filter(slug="no-food-today").update(reviewed_on=TODAY - timedelta(days=365))
    UnfoundWord.objects.create(word="cello", days=3, last_asked=TODAY)
    UnfoundWord.objects.create(word="prison", days=2, last_asked=TODAY)
    PlainPage.objects.exclude(slug="about").update(reviewed_on=TODAY)
    assert [page.slug for page in pages_due_for_review(editor, TODAY)] == ["about", "no-food-today"]
    assert any(line.startswith("1 word that visitors searched for") for line in lines(signed_in(editor)))


def test_corrections_are_for_those_who_may_read_them(editor):
    service = listed(f.NetworkFactory(), "Pantry")
    suggest_correction(service, key=uuid4(), wrong=WhatIsWrong.CLOSED, client=None)
    client = signed_in(editor)
    assert not any("from visitors" in line for line in lines(client))
    f.NetworkRoleFactory(user=editor, network=service.network, role=Role.COORDINATOR)
    assert any(line.startswith("1 message from visitors") for line in lines(client))


@pytest.mark.parametrize("how", ["a synonym", "a meaning", "a danger"])
def test_a_word_goes_from_the_report_once_an_editor_answers_it(how, editor):
    UnfoundWord.objects.create(word="cello", days=5, last_asked=TODAY)
    client = signed_in(editor)
    report = BeautifulSoup(client.get(reverse("unfound_words")).content, "html.parser")
    (link,) = [a for a in report.select("a") if a.get_text() == "Add to words that mean the same"]
    assert "cello</textarea>" in client.get(link["href"]).content.decode()
    answers = {
        "a synonym": lambda: SynonymGroup.objects.create(words="cello\nstrings"),
        "a meaning": lambda: PhraseMeaning.objects.create(phrases="a cello, cello", meaning="music lessons"),
        "a danger": lambda: DangerWords.objects.create(danger="Noise", words="cellos"),
    }
    UnfoundWord.objects.create(word="harp", days=5, last_asked=TODAY)
    answers[how]()
    assert [row.word for row in unfound_words()] == ["harp"]


def test_somebody_who_only_writes_pages_sees_no_searches():
    made_site()
    writer = f.UserFactory()
    writer.groups.add(Group.objects.get(name="Editors"))
    UnfoundWord.objects.create(word="cello", days=5, last_asked=TODAY)
    client = signed_in(writer)
    assert not any("searched" in line for line in lines(client))
    assert is_in_reports(client, "pages-to-review")
    assert not is_in_reports(client, "unfound-words")
    writer.groups.set([Group.objects.create(name="Pictures")])
    writer.groups.get().permissions.add(Permission.objects.get(codename="access_admin"))
    assert not is_in_reports(client, "pages-to-review")
    assert client.get(reverse("unfound_words")).status_code == 302


class TestKeeping:
    def ask(self, words: str) -> list[str]:
        assert Client().get("/directory/", {"q": words}).status_code == 200
        return [row.word for row in UnfoundWord.objects.order_by("word")]

    @pytest.fixture(autouse=True)
    def pantry(self):
        network = f.NetworkFactory()
        made_site(network)
        listed(network, "Pantry")
        DangerWords.objects.update_or_create(danger="Violence", defaults={"words": "beats me"})

    @pytest.mark.parametrize(
        ("words", "kept"),
        [
            ("stairlift", ["stairlift"]),
            ("a stairlift for the pantry", ["stairlift"]),
            ("pantry", []),
            ("kowalczykowski", []),  # a name is in no dictionary
            ("prison Smith", ["prison"]),  # nor is what is written like one kept
            ("he beats me stairlift", []),
            ("NW5 2AA", []),
            ("07700900123", []),
            ("x" * 61, []),
        ],
    )
    def test_only_words_that_tell_of_nobody_are_kept(self, words, kept):
        assert self.ask(words) == kept

    def test_a_search_works_where_nothing_can_be_written(self, monkeypatch):
        def refuse(*args: object) -> None:
            raise DatabaseError("read-only")

        monkeypatch.setattr(rules.UnfoundWordQuerySet, "note", refuse)
        assert self.ask("stairlift") == []

    def test_a_word_counts_once_a_day(self):
        for day in (0, 0, 1, 1, 5):
            UnfoundWord.objects.note(["stairlift"], TODAY + timedelta(days=day))
        row = UnfoundWord.objects.get()
        assert (row.days, row.last_asked) == (3, TODAY + timedelta(days=5))

    def test_a_second_question_of_the_day_writes_nothing(self):
        def version() -> str:  # where PostgreSQL has written the row
            with connection.cursor() as cursor:
                cursor.execute("SELECT ctid FROM directory_site_unfoundword")
                [(place,)] = cursor.fetchall()
                return place

        UnfoundWord.objects.note(["stairlift"], TODAY)
        first = version()
        UnfoundWord.objects.note(["stairlift"], TODAY)
        assert version() == first

    def test_what_is_old_is_forgotten(self):
        for word, days, age in [("often", 3, 90), ("seldom", 2, 30), ("old", 3, 91), ("once", 1, 31)]:
            UnfoundWord.objects.create(word=word, days=days, last_asked=TODAY - timedelta(days=age))
        UnfoundWord.objects.note(["new"], TODAY)
        assert {row.word for row in UnfoundWord.objects.all()} == {"often", "seldom", "new"}

    @pytest.mark.parametrize(("days", "age", "then"), [(3, 91, 1), (3, 90, 4), (2, 31, 1), (2, 30, 3)])
    def test_a_word_that_is_asked_for_past_its_term_begins_anew(self, days, age, then):
        UnfoundWord.objects.create(word="old", days=days, last_asked=TODAY - timedelta(days=age))
        UnfoundWord.objects.note(["old"], TODAY)
        assert UnfoundWord.objects.get().days == then

    def test_a_full_table_takes_no_new_word_and_counts_the_old(self, monkeypatch):
        monkeypatch.setattr(rules, "MAX_ROWS", 2)
        UnfoundWord.objects.note(["one"], TODAY)
        UnfoundWord.objects.note(["two"], TODAY)
        UnfoundWord.objects.note(["one", "three"], TODAY + timedelta(days=1))
        assert {(row.word, row.days) for row in UnfoundWord.objects.all()} == {("one", 2), ("two", 1)}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("10th floor", ["floor"]),  # dictionaries have "10th" too, and a dish of 182 letters
        (f"floor {LONGEST_WORD}", ["floor"]),
        ("ox cart", ["cart"]),
        ("cart Rose Baker", ["cart"]),
        ("self-care", ["self-care"]),
        ("violin cello harp flute", ["cello", "flute", "harp"]),
        ("harp harp", ["harp"]),
    ],
)
def test_a_word_that_is_kept_has_letters_only_and_is_neither_short_nor_long_nor_a_name(typed, kept):
    assert words_to_keep(typed, tuple(typed.lower().split())) == kept
