"""The sentence that says who will be suggested."""

from datetime import UTC, datetime

import pytest

from referrals.matching.audience import describe_audience, describe_suggested_people, suggested_people_in_words
from referrals.models import Service
from referrals.tests.factories import (
    DemographicFactory,
    DemographicOptionFactory,
    NetworkFactory,
    RestrictionFactory,
    ServiceFactory,
    square,
)

WOMEN, NON_BINARY, SOMALI, ARABIC = "women", "non-binary people", "speakers of Somali", "speakers of Arabic"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "Everyone who lives in Northside."),
        ({"has_catchment": True}, "Everyone who lives in the area drawn on the map."),
        ({"age_from": 60}, "People aged 60 or over who live in Northside."),
        ({"age_to": 25}, "People aged 25 or under who live in Northside."),
        ({"age_from": 0, "age_to": 4}, "People aged 4 or under who live in Northside."),
        ({"age_from": 18, "age_to": 18}, "People aged 18 who live in Northside."),
        ({"groups": [[WOMEN]]}, "Women who live in Northside."),
        (
            {"groups": [[WOMEN]], "age_from": 60, "has_catchment": True},
            "Women aged 60 or over who live in the area drawn on the map.",
        ),
        (
            {"groups": [[WOMEN, NON_BINARY]], "age_from": 18, "age_to": 25},
            "Women and non-binary people, aged 18 to 25, who live in Northside.",
        ),
        ({"groups": [["people who live alone"]]}, "People who live alone, who live in Northside."),
        (
            {"groups": [[WOMEN], [SOMALI, ARABIC]]},
            "Women who are also speakers of Somali or speakers of Arabic, who live in Northside.",
        ),
        (
            {"groups": [[WOMEN], [SOMALI], ["carers"]], "age_from": 18},
            "Women who are also speakers of Somali, and also carers, aged 18 or over, who live in Northside.",
        ),
        ({"groups": [["a", "b", "c", "d"]]}, "A, b and 2 other groups, who live in Northside."),
        (
            {"groups": [[WOMEN]], "obstacles": ["the service is paused", "its capacity is 0"]},
            "Nobody at the moment: the service is paused and its capacity is 0. Otherwise women who live in Northside.",
        ),
        (
            {"obstacles": ["its capacity is 0"]},
            "Nobody at the moment: its capacity is 0. Otherwise everyone who lives in Northside.",
        ),
    ],
)
def test_it_reads_naturally(given, sentence):
    assert suggested_people_in_words(**{"has_catchment": False, "area_name": "Northside", **given}) == sentence


@pytest.mark.django_db
class TestOfAService:
    @pytest.fixture
    def network(self):
        return NetworkFactory(area__name="Northside")

    def answer(self, network, name, plural="", **demographic):
        return DemographicOptionFactory(
            demographic=DemographicFactory(network=network, **demographic), name=name, plural=plural
        )

    def stored(self, service):
        rows = Service.objects.select_related("network__area")
        return rows.prefetch_related("restrictions__option__demographic").get(pk=service.pk)

    def test_restrictions_come_in_the_order_of_the_form(self, network, django_assert_num_queries):
        service = ServiceFactory(network=network, catchment=square(-0.15, 51.54))
        last = self.answer(network, "Carer", "carers", position=2)
        first = self.answer(network, "Woman", "women", position=1)
        for option in (last, first):
            RestrictionFactory(service=service, option=option)
        RestrictionFactory(service=service, age_from=18)
        service = self.stored(service)
        with django_assert_num_queries(0):
            assert describe_suggested_people(service) == (
                "Women who are also carers, aged 18 or over, who live in the area drawn on the map."
            )
            assert describe_audience(service) == "Women who are also carers, aged 18 or over"

    def test_an_answer_without_a_word_for_its_group_is_quoted(self, network):
        service = ServiceFactory(network=network)
        RestrictionFactory(service=service, option=self.answer(network, "Another way"))
        assert describe_audience(self.stored(service)) == 'People who answered "Another way"'

    def test_the_public_reads_the_first_of_many_groups_in_a_list_and_all_of_them_on_the_page(self, network):
        service, demographic = ServiceFactory(network=network), DemographicFactory(network=network)
        for name in ("carers", "students", "tenants", "veterans"):
            option = DemographicOptionFactory(demographic=demographic, name=name, plural=name)
            RestrictionFactory(service=service, option=option)
        service = self.stored(service)
        assert describe_audience(service) == "Carers, students and 2 other groups"
        assert describe_audience(service, in_full=True) == "Carers, students, tenants and veterans"

    def test_a_service_for_everyone_says_so_in_the_back_office_only(self, network):
        service = self.stored(ServiceFactory(network=network))
        assert describe_suggested_people(service) == "Everyone who lives in Northside."
        assert describe_audience(service) == ""

    @pytest.mark.parametrize(
        ("state", "words"),
        [
            ({"capacity": 0}, "its capacity is 0"),
            ({"paused_at": datetime(2026, 5, 1, tzinfo=UTC)}, "the service is paused"),
            ({"archived_at": datetime(2026, 5, 1, tzinfo=UTC)}, "the service is archived"),
        ],
    )
    def test_obstacles_come_first(self, network, state, words):
        service = self.stored(ServiceFactory(network=network, **state))
        sentence = f"Nobody at the moment: {words}. Otherwise everyone who lives in Northside."
        assert describe_suggested_people(service) == sentence
