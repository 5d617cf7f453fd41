"""Publishing: what is asked stays as it was published, for the form that was begun and for the referral."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from referrals.models import Answer, Category, FlowVersion, Question, QuestionOption, Referral
from referrals.questions import Box, Choice, evaluate, load_published_chart, publish, store_draft
from referrals.questions.content import SCHEMA, read_content, write_content
from referrals.questions.draft import load_draft
from referrals.refusals import AlreadyDone, NotAllowed
from referrals.tests import factories as f
from referrals.tests.referral_form.conftest import Northside
from referrals.tests.referral_form.referrer import SEND, Referrer
from referrals.workflow import merge_categories

words = st.text(max_size=12)


@st.composite
def boxes(draw) -> tuple[Box, ...]:
    keys = draw(st.lists(st.integers(1, 2**40), max_size=6, unique=True))
    choices = st.builds(
        Choice,
        id=st.integers(1, 2**40),
        text=words,
        reveals=st.lists(st.sampled_from(keys or [1]), unique=True, max_size=3).map(tuple),
        needs=st.frozensets(st.integers(1, 99), max_size=3),
        is_urgent=st.booleans(),
    )
    return tuple(
        draw(
            st.builds(
                Box,
                id=st.just(key),
                network_id=st.just(7),
                text=words,
                text_to_self=words,
                help_text=words,
                kind=st.sampled_from(["one", "several", "text"]),
                is_required=st.booleans(),
                offers_not_sure=st.booleans(),
                is_active=st.booleans(),
                choices=st.lists(choices, max_size=3).map(tuple),
            )
        )
        for key in keys
    )


@given(boxes())
def test_what_is_written_is_read_again(chart):
    assert read_content(write_content(chart), 7) == chart


def test_a_version_of_a_later_release_is_not_misread():
    with pytest.raises(ValueError, match="schema"):
        read_content({"schema": SCHEMA + 1, "questions": []}, 7)


@pytest.fixture
def coordinator(northside):
    user = f.UserFactory()
    user.network_roles.create(network=northside.network, role="coordinator")
    return user


@pytest.fixture
def northside(db) -> Northside:
    """Asks whether there is food; "No" needs parcels."""
    northside = Northside()
    northside.house = f.QuestionFactory(network=northside.network, text="Is there food?")
    northside.yes = f.QuestionOptionFactory(question=northside.house, text="Yes")
    northside.no = f.QuestionOptionFactory(question=northside.house, text="No")
    northside.no.needs.set([northside.parcels])
    return northside


def test_publishing_counts_up_and_needs_something_new_and_a_coordinator(northside, coordinator):
    first = publish(northside.network, actor=coordinator, note="Begun.")
    assert (first.number, first.published_by, first.note) == (1, coordinator, "Begun.")
    with pytest.raises(AlreadyDone, match="version 1"):
        publish(northside.network, actor=coordinator)
    northside.house.delete()
    assert publish(northside.network, actor=coordinator).number == 2
    with pytest.raises(NotAllowed):
        publish(northside.network, actor=f.UserFactory())


@pytest.mark.parametrize("change", [{"number": 9}, {"content": {}}])
def test_a_version_is_never_changed(northside, coordinator, change):
    publish(northside.network, actor=coordinator)
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        FlowVersion.objects.update(**change)


def test_an_edit_is_not_asked_before_it_is_published(northside, coordinator):
    publish(northside.network, actor=coordinator)
    Question.objects.update(text="Any bread?")
    referrer = Referrer("/refer/northside/").fill(for_whom="self", name="Maya", phone="07700 900123").press("Continue")
    assert "Is there food?" in referrer.text
    publish(northside.network, actor=coordinator)
    referrer = Referrer("/refer/northside/").fill(for_whom="self", name="Maya", phone="07700 900123").press("Continue")
    assert "Any bread?" in referrer.text


def test_a_form_that_was_begun_ends_under_its_version_whatever_is_published_meanwhile(northside, coordinator):
    began = publish(northside.network, actor=coordinator)
    referrer = Referrer("/refer/northside/").fill(for_whom="self", name="Maya", phone="07700 900123").press("Continue")
    for number in range(10):
        Question.objects.update(text=f"Edit {number}?")
        QuestionOption.objects.filter(pk=northside.no.pk).update(is_urgent=True, text=f"No {number}")
        publish(northside.network, actor=coordinator)
    northside.house.delete()
    publish(northside.network, actor=coordinator)
    referrer.choose("No").press("Continue").press("Continue to the coordinators").choose("I agree").press(SEND)
    referral = Referral.objects.get()
    assert (referral.is_urgent, [need.category for need in referral.needs.all()]) == (False, [northside.parcels])
    assert list(referral.flow_versions.all()) == [began]
    answer = referral.answers.get()
    assert (answer.question_text, answer.text, answer.option_ids) == ("Is there food?", "No", [northside.no.pk])
    assert (answer.network, answer.question) == (northside.network, None)


def test_each_linked_network_asks_in_a_version_of_its_own(northside, coordinator):
    linked = northside.link_network("Legal advice")
    f.QuestionFactory(network=linked, text="Any letters from a court?")
    need = f.CategoryFactory(network=linked, name="Debt")
    f.publish_drafts()
    both = [northside.network.pk, linked.pk]
    referrer = northside.refer_to_needs(networks=[linked.pk])
    assert "Any letters from a court?" in referrer.text
    referrer.choose("No", need.name).press("Continue")
    referrer.press(referrer.all(".actions .button")[0]).choose("Maya agrees").press(SEND)
    asked = Referral.objects.get().flow_versions.values_list("network", flat=True)
    assert sorted(asked) == both
    assert set(Answer.objects.values_list("network", flat=True)) == {northside.network.pk}


def test_a_merged_category_stands_for_the_other_at_once(northside, coordinator):
    version = publish(northside.network, actor=coordinator)
    merge_categories(northside.parcels.pk, into_id=northside.baby.pk, actor=coordinator)
    chart = load_published_chart([version.pk], list(Category.objects.in_tree_order([northside.network])))
    assert evaluate(chart, {northside.house.pk: [northside.no.pk]}).needs == {northside.baby.pk}


def test_a_version_is_read_once_by_a_process(northside, coordinator, django_assert_num_queries):
    version = publish(northside.network, actor=coordinator)
    for number in (1, 0):
        with django_assert_num_queries(number):
            load_published_chart([version.pk], [])


def test_the_draft_becomes_any_version_again_under_its_keys(northside, coordinator):
    northside.yes.reveals.set([f.QuestionFactory(network=northside.network, position=3, kind="short")])
    version = publish(northside.network, actor=coordinator)
    elsewhere = f.QuestionOptionFactory()
    Question.objects.filter(network=northside.network).delete()
    f.QuestionOptionFactory(question__network=northside.network)
    store_draft(northside.network, read_content(version.content, northside.network.pk))
    assert write_content(load_draft(northside.network.pk)) == version.content
    assert QuestionOption.objects.filter(pk=elsewhere.pk).exists()
    with pytest.raises(ValueError, match="another network"):
        store_draft(northside.network, load_draft(elsewhere.question.network_id))


def test_the_migration_publishes_what_is_asked_and_finds_the_options_that_were_chosen(northside):
    northside.yes.reveals.set([f.QuestionFactory(network=northside.network, position=3, kind="text")])
    referral = f.ReferralFactory(network=northside.network)
    for position, text in enumerate(["Yes; No", "No", "Yes and No", "Something else, or not sure"]):
        Answer.objects.create(
            referral=referral, network=northside.network, question=northside.house, text=text, position=position
        )
    migration = import_module("referrals.migrations.0053_publish_what_is_asked")
    migration.publish_what_is_asked(apps, None)
    with connection.cursor() as cursor:
        cursor.execute(migration.FIND_OPTIONS)
    version = FlowVersion.objects.get()
    assert version.content == write_content(load_draft(northside.network.pk))
    found = Answer.objects.order_by("position").values_list("option_ids", flat=True)
    assert list(found) == [[northside.yes.pk, northside.no.pk], [northside.no.pk], [], []]
