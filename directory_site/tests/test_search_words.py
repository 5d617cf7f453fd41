"""What editors may keep for searches, and what the migration gave to sites that were there before."""

from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError

from directory_site.models import DangerWords, PhraseMeaning
from directory_site.tests.sites import public_site
from referrals.tests import factories as f

pytestmark = pytest.mark.django_db
MIGRATION = import_module("directory_site.migrations.0010_search_words")


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
