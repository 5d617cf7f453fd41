import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from referrals.models import Postcode
from referrals.tests.factories import (
    INSIDE,
    CategoryFactory,
    DemographicOptionFactory,
    NetworkFactory,
    OrganisationFactory,
    RestrictionFactory,
    ServiceFactory,
)

pytestmark = pytest.mark.django_db
WEDNESDAY = "2026-05-13T12:00"


@pytest.fixture
def network():
    network = NetworkFactory(slug="northside")
    food = CategoryFactory(network=network, slug="food", name="Emergency food")
    CategoryFactory(network=network, slug="debt", name="Debt advice")
    pantry = OrganisationFactory(network=network, name="Kilburn Pantry")
    service = ServiceFactory(
        network=network, organisation=pantry, activity__name="Parcels", categories=[food], venue=None
    )
    woman = DemographicOptionFactory(demographic__network=network, demographic__name="Gender", name="Woman")
    DemographicOptionFactory(demographic=woman.demographic, name="Man")
    RestrictionFactory(service=service, option=woman)
    Postcode.objects.create(code="NW52AB", point=INSIDE)
    return network


def run(*arguments):
    output, errors = StringIO(), StringIO()
    call_command("suggest", *arguments, stdout=output, stderr=errors)
    return output.getvalue(), errors.getvalue()


def test_prints_what_the_form_would_suggest(network):
    output, errors = run("--network", "northside", "--postcode", "nw5 2ab", "--need", "food", "--at", WEDNESDAY)
    assert output.splitlines() == [
        "1. Kilburn Pantry: Parcels (165 points)",
        "   Covers NW5 2",
        "   Helps with emergency food",
        '   Only for people who answered "Woman": please check',
        "   Has room: all 10 places are free",
    ]
    assert errors == ""


def test_prints_one_json_document(network):
    arguments = ["--network", "northside", "--postcode", "NW52AB", "--need", "food", "debt", "--age", "30"]
    output, _ = run(*arguments, "--answers", '{"gender": ["woman"]}', "--at", WEDNESDAY, "--json")
    service = network.services.get()
    assert json.loads(output) == {
        "network": "northside",
        "postcode": "NW5 2AB",
        "located": True,
        "at": "2026-05-13T12:00:00+01:00",
        "needs": ["food", "debt"],
        "suggestions": [
            {
                "service": service.pk,
                "organisation": service.organisation_id,
                "organisation_name": "Kilburn Pantry",
                "activity": "Parcels",
                "needs_met": ["food"],
                "score": 135.0,
                "has_room": True,
                "reasons": [
                    "Covers NW5 2",
                    "Meets emergency food, not debt advice",
                    'For people who answered "Woman"',
                    "Has room: all 10 places are free",
                ],
            }
        ],
    }


def test_says_when_no_organisation_suits(network):
    asked = ["--network", "northside", "--postcode", "NW5 2AB", "--need", "food"]
    assert run(*asked, "--answers", '{"Gender": "Man"}')[0] == "No organisation suits.\n"


def test_an_unknown_postcode_is_reported_and_ranked_without_a_place(network):
    output, errors = run("--network", "northside", "--postcode", "NW5 2ZZ", "--need", "food")
    assert output.splitlines()[1] == "   We do not know where NW5 2 lies: please check"
    assert errors == "We do not know NW5 2ZZ. It may be newer than our list of postcodes.\n"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"--network": "southside"}, "There is no network 'southside'. There are: northside."),
        ({"--need": "fod"}, "There is no need 'fod'. There are: debt, food."),
        ({"--postcode": "ABC"}, "“ABC” is not a postcode, nor the first half of one."),
        ({"--answers": '{"Gendr": "Woman"}'}, "There is no demographic 'Gendr'. There are: Gender."),
        ({"--answers": '{"Gender": "Women"}'}, "There is no answer 'Women'. There are: Man, Woman."),
        ({"--answers": "[]"}, '--answers must be an object such as {"Gender": "Woman"}.'),
        ({"--at": "noon"}, "'noon' is not a time. Write it like 2026-05-13T12:00."),
    ],
)
def test_unknown_names_are_refused_with_the_valid_ones(network, changed, message):
    arguments = {"--network": "northside", "--need": "food"} | changed
    with pytest.raises(CommandError) as refused:
        run(*(part for pair in arguments.items() for part in pair))
    assert str(refused.value) == message
