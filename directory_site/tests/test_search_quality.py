"""Sixty things that people type, and the service of the demonstration network that each has to find."""

import json
from pathlib import Path

import pytest
from django.utils import timezone

from directory_site.first_site import make_site
from directory_site.models import SynonymGroup
from directory_site.search import Filters, Search, find, understand
from referrals.demo import load_demo
from referrals.models import Network, PublicListing

QUERIES = json.loads((Path(__file__).parent / "queries.json").read_text(encoding="utf-8"))
ENOUGH = 57


@pytest.mark.django_db
def test_what_people_type_finds_what_they_mean():
    """The service stands among the first three for all but a few, which are told when they are too many."""
    load_demo(referrals=0)
    make_site()
    networks = list(Network.objects.all())
    keys, synonyms = [network.pk for network in networks], [group.terms for group in SynonymGroup.objects.all()]
    filters, titles = Filters.of(keys), dict(PublicListing.objects.values_list("pk", "title"))
    missed = {}
    for words, wanted in QUERIES:
        assert wanted in titles.values(), wanted
        answer = find(Search(q=words), networks, filters, understand(words, keys, synonyms), None, now=timezone.now())
        first = [titles[hit.service_id] for hit in answer.hits[:3]]
        if wanted not in first:
            missed[words] = first
    assert len(QUERIES) == 60
    assert len(QUERIES) - len(missed) >= ENOUGH, missed
