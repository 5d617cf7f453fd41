"""What editors may keep for searches, and what the migration gave to sites that were there before."""

from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError

from directory_site.models import DangerWords, PhraseMeaning
from directory_site.models.search_words import split_terms
from directory_site.seed.content import read_danger
from directory_site.tests.sites import public_site
from referrals.tests import factories as f

pytestmark = pytest.mark.django_db
MIGRATION = import_module("directory_site.migrations.0010_search_words")
GAINED = import_module("directory_site.migrations.0016_more_words_of_danger")
LATER = import_module("directory_site.migrations.0013_later_words_of_danger")


@pytest.mark.parametrize("nothing", [",", " , ,\n", ";"])
@pytest.mark.parametrize("field", ["phrases", "meaning"])
def test_commas_alone_are_no_words(nothing, field):
    row = PhraseMeaning(**{"phrases": "lost my baby", "meaning": "bereavement"} | {field: nothing})
    with pytest.raises(ValidationError, match="at least one word"):
        row.full_clean()


@pytest.mark.parametrize("again", ["Cant  cope", "can\u2019t cope", "can't-cope"])
def test_a_phrase_has_one_meaning_however_it_is_written(again):
    PhraseMeaning.objects.create(phrases="can't cope", meaning="counselling")
    with pytest.raises(ValidationError, match="has a meaning already: can't cope → counselling"):
        PhraseMeaning(phrases=f"overwhelmed, {again}", meaning="support in a crisis").full_clean()


def test_every_site_in_use_gets_the_words_of_danger_and_a_made_one_the_phrases_too():
    by_hand = public_site(f.NetworkFactory())
    MIGRATION.fill(apps, None)
    assert "want to die" in DangerWords.objects.get(danger="Suicide").terms
    assert not PhraseMeaning.objects.exists()
    by_hand.refresh_from_db()
    assert "danger:Suicide" in by_hand.made


def test_taken_back_and_done_again_it_does_the_same():
    site = public_site()
    site.made = ["settings"]
    site.save()
    numbers = []
    for _ in range(2):
        MIGRATION.fill(apps, None)
        site.refresh_from_db()
        numbers.append((DangerWords.objects.count(), PhraseMeaning.objects.count(), len(site.made)))
        MIGRATION.forget(apps, None)
        site.refresh_from_db()
        assert site.made == ["settings"]
        DangerWords.objects.all().delete()
        PhraseMeaning.objects.all().delete()
    assert numbers[0] == numbers[1]
    assert min(numbers[0]) > 10


def test_a_new_database_gets_nothing():
    public_site()
    MIGRATION.fill(apps, None)
    assert not DangerWords.objects.exists()


def test_what_it_fills_in_stands_in_itself(monkeypatch):
    """A later change of the starter list must not change what the migration did, nor break it."""
    monkeypatch.setattr("directory_site.seed.content.FOLDER", None)
    public_site(f.NetworkFactory())
    MIGRATION.fill(apps, None)
    assert DangerWords.objects.count() == len(MIGRATION.DANGER)


def test_what_an_earlier_form_of_the_list_lacked_is_added_once():
    site = public_site(f.NetworkFactory())
    site.made = ["danger:Suicide", "danger:Poisoning", "danger:Held and used"]
    site.save()
    DangerWords.objects.create(danger="Suicide", words="our own word, suicide")  # of an earlier form
    DangerWords.objects.create(danger="Poisoning", words="rat poison")  # of the last one, cut down by an editor
    for _ in range(2):
        LATER.fill_up(apps, None)
        suicide = DangerWords.objects.get(danger="Suicide").terms
        assert suicide[:2] == ["our own word", "suicide"]
        assert set(suicide) == {"our own word", *split_terms(MIGRATION.DANGER["Suicide"])}
        assert DangerWords.objects.get(danger="Poisoning").terms == ["rat poison"]
        assert {*MIGRATION.DANGER} - {row.danger for row in DangerWords.objects.all()} == {"Held and used"}
    site.refresh_from_db()
    assert sorted(site.made) == sorted(f"danger:{danger}" for danger in MIGRATION.DANGER)


def test_the_last_form_of_the_list_lacks_nothing():
    site = public_site(f.NetworkFactory())
    MIGRATION.fill(apps, None)
    before = list(DangerWords.objects.values_list("danger", "words"))
    site.refresh_from_db()
    LATER.fill_up(apps, None)
    assert list(DangerWords.objects.values_list("danger", "words")) == before
    made = site.made
    site.refresh_from_db()
    assert site.made == made


def test_a_new_database_waits_for_its_site():
    LATER.fill_up(apps, None)
    assert not DangerWords.objects.exists()


def test_what_the_starter_list_gains_reaches_sites_in_use_but_not_a_list_that_an_editor_deleted():
    DangerWords.objects.create(danger="Suicide", words="our own word, sick of life")
    GAINED.add(apps, None)
    terms = DangerWords.objects.get().terms
    assert terms[:3] == ["our own word", "sick of life", "fed up of living"]
    assert set(GAINED.GAINED["Suicide"].split(", ")) <= {*terms}
    assert all(words in read_danger()[danger] for danger, words in GAINED.GAINED.items())
