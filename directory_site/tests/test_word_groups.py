"""Needs read from a referrer's words, by the words that a new site starts with and the demonstration's categories."""

import json
from pathlib import Path

import pytest
from django.conf import settings

from directory_site.models import PhraseMeaning, SynonymGroup
from directory_site.search.word_groups import read_word_groups
from directory_site.seed.content import read_phrases, read_synonyms
from referrals.models import Category, Network
from referrals.need_words import propose_needs
from referrals.tests import factories as f

# What is written, and every need in it, told apart by "/".
SENTENCES = {
    "Her hours were cut and there is no food in the house until Friday.": "Emergency food parcels / Food",
    "He has been going to a food bank every week since June.": "Emergency food parcels / Food",
    "They can't afford food and the kids are hungry.": "Emergency food parcels / Food",
    "Would like a cheap food shop near the estate.": "Food pantries and low-cost groceries / Food",
    "Lives alone, cannot cook since the stroke.": "Meals delivered to the home",
    "Letters from bailiffs about council tax arrears.": "Debt advice / Arrears and eviction / Money and debt",
    "She is in debt to three lenders and does not open the post.": "Debt advice / Money and debt",
    "Universal Credit was stopped last month and nobody says why.": "Benefits advice",
    "Needs someone to check which benefits she can claim.": "Benefits advice",
    "The prepayment meter has run out and the heating is off.": "Energy and water bills",
    "No heating since Monday, and a baby in the flat.": "Energy and water bills",
    "Sleeping in his car for two weeks.": "Sleeping rough / Emergency shelter / Temporary accommodation",
    "Became homeless when the relationship ended.": "Sleeping rough / Housing and homelessness",
    "The landlord served a section 21 and the court date is in May.": "Arrears and eviction",
    "An eviction notice came through the door.": "Arrears and eviction",
    "Moved into an empty flat without any furniture, not even a bed.": "Furniture and household goods",
    "There is mould in the bedroom and the landlord won't do repairs.": "Repairs and safety at home / Housing advice",
    "He has not been able to register with a GP.": "Finding a GP or dentist",
    "Terrible toothache and no dentist takes her on.": "Finding a GP or dentist",
    "Drinking too much since the redundancy, and he says so himself.": "Drugs and alcohol",
    "Smokes cannabis all day and wants to stop.": "Drugs and alcohol / Finding a GP or dentist",
    "Panic attacks on the bus, so she no longer goes out.": "Counselling and talking therapy / Support in a crisis",
    "He says that he wants to end it all.": "Support in a crisis",
    "His wife died in March and he hardly speaks.": "Bereavement",
    "Grieving for her son.": "Bereavement",
    "Very lonely since the move, knows nobody here.": "Befriending",
    "A befriender who visits would mean a lot.": "Befriending",
    "The baby needs nappies and milk.": "Baby clothes, milk and equipment",
    "A playgroup for the toddler, within walking distance.": "Play groups and clubs",
    "School uniform for two girls before September.": "School uniform and costs",
    "Her husband hits her when he has been drinking.": "Domestic abuse / Drugs and alcohol",
    "Scared of her partner, who reads her messages.": "Domestic abuse",
    "Is looking for a refuge outside the borough.": "Refuge / Domestic abuse",
    "Lost her job in the spring and is out of work.": "Finding work / Benefits advice",
    "Wants to learn English in the evenings.": "English classes (ESOL)",
    "Would like to volunteer with animals.": "Volunteering",
    "Has no laptop and no wifi at home.": "Devices and data / Getting online",
    "Cares for his mother, who has dementia, day and night.": "Support for carers",
    "Needs a stairlift or at least grab rails in the bath.": "Equipment and adaptations / Repairs and safety at home",
    "Her freedom pass was refused.": "Travel costs and passes",
}
NOTHING = [
    "No debts, no problems with drink or drugs.",
    "She does not need furniture or a food parcel.",
    "Has no mental health issues and does not want counselling.",
    "Please ring after five, the house is quiet then.",
    "The council worker who knows the family is on leave.",
    "Works in a restaurant, and his course ends in June.",
    "",
    "\0",
    "🙂 " * 50,
]


@pytest.fixture
def network(db) -> Network:
    SynonymGroup.objects.all().delete()
    PhraseMeaning.objects.all().delete()
    SynonymGroup.objects.bulk_create(SynonymGroup(words=line.replace(", ", "\n")) for line in read_synonyms())
    PhraseMeaning.objects.bulk_create(
        PhraseMeaning(phrases=said, meaning=meant) for said, meant in read_phrases().items()
    )
    network = f.NetworkFactory()
    file = Path(settings.BASE_DIR) / "fixtures" / "northside" / "categories.json"
    for top in json.loads(file.read_text(encoding="utf-8")):
        parent = f.CategoryFactory(network=network, name=top["name"], slug=top["slug"])
        for below in top.get("children", []):
            f.CategoryFactory(network=network, name=below["name"], slug=below["slug"], parent=parent)
    return network


def proposed(text: str, network: Network) -> list[str]:
    return [category.name for category in propose_needs(text, [network], [])]


def test_what_is_proposed_is_nearly_always_meant_and_most_of_what_is_meant_is_proposed(network):
    found = {text: proposed(text, network) for text in SENTENCES}
    wrong = {text: extra for text, names in found.items() if (extra := [*filter(_not_in(text), names)])}
    missed = [text for text, names in found.items() if not any(name in SENTENCES[text] for name in names)]
    number = sum(map(len, found.values()))
    assert sum(map(len, wrong.values())) <= number * 0.05, wrong
    assert len(missed) <= len(SENTENCES) * 0.15, missed


def _not_in(text: str):
    return lambda name: name not in SENTENCES[text].split(" / ")


def test_what_is_denied_or_said_beside_the_matter_is_not_proposed(network):
    assert {text: names for text in NOTHING if (names := proposed(text, network))} == {}


def test_it_costs_three_queries_however_much_is_written(network, django_assert_num_queries):
    with django_assert_num_queries(3):
        proposed("Food. Debt. " * 500, network)


def test_every_word_that_editors_keep_is_read(db):
    SynonymGroup.objects.all().delete()
    PhraseMeaning.objects.all().delete()
    SynonymGroup.objects.create(words="bike\nbicycle")
    PhraseMeaning.objects.create(phrases="two wheels", meaning="bike")
    assert sorted(read_word_groups()) == [(["bike", "bicycle"], ["bike", "bicycle"]), (["two wheels"], ["bike"])]
    assert Category.objects.count() == 0
