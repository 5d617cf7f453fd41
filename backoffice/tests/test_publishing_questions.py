"""A draft is looked at, published, and returned to what it was before; examples are run first."""

import threading

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection, transaction

from backoffice.tests.test_question_builder import page
from referrals.models import FlowExample, FlowVersion, Question, QuestionOption
from referrals.questions import publish, return_to_version
from referrals.questions.content import write_content
from referrals.questions.draft import load_draft
from referrals.questions.publishing import digest_draft
from referrals.refusals import Refusal
from referrals.tests import factories as f
from referrals.tests.threads import wait_for_lock

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(ours, signed_in):
    return signed_in(ours.coordinator)


def test_publishing_tells_what_is_different_and_which_paths_there_are(ours, client):
    ours.question.text = "What is needed?"
    ours.question.save()
    response = client.get(page(ours, "_publish"))
    assert "“Ours 0 question?” reads “What is needed?” now." in response.text
    assert response.context["report"].paths.dead_ends  # the question that follows has no answers
    assert "has no answers to choose from" in response.text
    Question.objects.filter(revealed_by__isnull=False).update(kind="text")
    response = client.get(page(ours, "_publish"))
    assert (response.context["report"].paths.number, response.context["faults"]) == (1, [])
    assert response.context["report"].not_asked == ["What is needed?", "Ours 0 follow-up?"]
    form = response.context["form"]
    client.post(page(ours, "_publish"), {**form.initial, "note": "Clearer."})
    newest = FlowVersion.objects.filter(network=ours.network).first()
    assert (newest.number, newest.note, newest.published_by) == (2, "Clearer.", ours.coordinator)
    assert LogEntry.objects.filter(change_message__contains="version 2").exists()


def test_a_dead_end_is_not_published(ours, client):
    form = client.get(page(ours, "_publish")).context["form"]
    f.QuestionFactory(network=ours.network)
    form = client.get(page(ours, "_publish")).context["form"]
    text = client.post(page(ours, "_publish"), form.initial, follow=True).text
    assert "has no answers to choose from" in text
    assert FlowVersion.objects.filter(network=ours.network).count() == 1


def test_a_draft_that_was_changed_since_it_was_looked_at_is_not_published(ours, client):
    Question.objects.filter(revealed_by__isnull=False).update(kind="text")
    form = client.get(page(ours, "_publish")).context["form"]
    Question.objects.update(text="Changed?")
    assert "changed since you looked" in client.post(page(ours, "_publish"), form.initial, follow=True).text


def test_an_example_that_fails_holds_the_draft_back_unless_said_otherwise(ours, client):
    Question.objects.filter(revealed_by__isnull=False).update(kind="text")
    ours.question_option.needs.clear()
    response = client.get(page(ours, "_publish"))
    assert f"It must give {ours.category} and does not." in response.text
    initial = response.context["form"].initial
    assert "would not come out" in client.post(page(ours, "_publish"), initial, follow=True).text
    client.post(page(ours, "_publish"), {**initial, "despite_examples": "on"})
    assert FlowVersion.objects.filter(network=ours.network).count() == 2


def test_examples_are_added_looked_at_and_deleted(ours, client):
    data = {"name": "Nobody eats", "options": [ours.question_option.pk], "needs": [], "is_urgent": "on"}
    client.post(page(ours, "_examples"), data)
    example = FlowExample.objects.get(name="Nobody eats")
    text = client.get(page(ours, "_examples")).text
    assert "It must be urgent and is not." in text
    assert f"It gives {ours.category} as well." in text
    assert "already" in client.post(page(ours, "_examples"), data).text
    client.post(page(ours, "_example_delete", example.pk))
    assert not FlowExample.objects.filter(pk=example.pk).exists()


def test_an_example_that_is_sent_twice_at_the_same_moment_is_there_once(ours, client, monkeypatch):
    monkeypatch.setattr(FlowExample, "validate_constraints", lambda self, exclude=None: None)  # both have just looked
    data = {"name": "Twice", "options": [ours.question_option.pk]}
    for _ in range(2):
        response = client.post(page(ours, "_examples"), data)
    assert "has an example of this name already" in response.text
    assert FlowExample.objects.filter(name="Twice").count() == 1


def test_returning_makes_a_new_version_that_equals_the_old_and_the_draft_too(ours, client):
    first = FlowVersion.objects.get(network=ours.network)
    Question.objects.filter(revealed_by__isnull=False).update(kind="text")
    ours.question.delete()
    publish(ours.network, actor=ours.coordinator, despite_examples=True)
    shown = client.get(page(ours, "_version", 1))
    assert "“Ours 0 question?” is new" in shown.text
    client.post(page(ours, "_version", 1), {"seen_number": 2})
    newest = FlowVersion.objects.filter(network=ours.network).first()
    assert (newest.number, newest.content) == (3, first.content)
    assert write_content(load_draft(ours.network.pk)) == first.content
    assert Question.objects.filter(pk=ours.question_option.question_id).exists()
    with pytest.raises(Refusal, match="Meanwhile"):
        return_to_version(ours.network, 2, actor=ours.coordinator, seen_number=2)


@pytest.mark.django_db(transaction=True)
def test_two_who_publish_at_once_get_one_outcome_and_the_second_is_told_what_the_first_did():
    network = f.NetworkFactory()
    option = f.QuestionOptionFactory(question__network=network, question__text="Is there food?")
    first, second = (f.UserFactory(name=name, is_superuser=True) for name in ("Ada", "Ben"))
    told: list[str] = []

    def publish_second() -> None:
        try:
            publish(network, actor=second, seen_number=0, seen_draft=digest)
        except Refusal as refusal:
            told.append(str(refusal))
        connection.close()

    digest = digest_draft(load_draft(network.pk))
    other = threading.Thread(target=publish_second)
    with transaction.atomic():
        publish(network, actor=first, seen_number=0, seen_draft=digest)
        QuestionOption.objects.filter(pk=option.pk).update(text="None")
        other.start()
        wait_for_lock()
    other.join(timeout=30)
    assert FlowVersion.objects.get(network=network).published_by == first
    [words] = told
    assert "Meanwhile Ada has published version 1: “Is there food?” is new" in words
    assert "Yours is not published." in words
