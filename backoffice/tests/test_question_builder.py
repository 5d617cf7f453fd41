"""The draft on one screen: edited, put in order, looked at, published, and returned to what it was."""

import io
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from referrals.models import FlowExample, Question, QuestionOption
from referrals.questions.adopting import adopt_draft
from referrals.questions.draft import load_draft
from referrals.questions.editing import MOST_OPTIONS, MOST_QUESTIONS, save_question
from referrals.questions.publishing import digest_draft
from referrals.refusals import Refusal
from referrals.tests import factories as f
from referrals.tests.referral_form.referrer import Referrer

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(ours, signed_in):
    return signed_in(ours.coordinator)


def page(ours, name: str = "", *keys: int) -> str:
    return reverse(f"backoffice:questions{name}", args=[ours.network.pk, *keys])


def sent(*lines: dict, **question: object) -> dict:
    """Return what the browser sends of one question with these answers."""
    given = {"text": "Is there food?", "kind": "one", "is_active": "on"} | question
    data = {f"question-{name}": value for name, value in given.items()}
    data |= {"options-TOTAL_FORMS": len(lines), "options-INITIAL_FORMS": 0}
    return data | {f"options-{n}-{name}": value for n, line in enumerate(lines) for name, value in line.items()}


def of_question(response) -> dict:
    """Return what a browser would send of the question that is open on the page."""
    editor = response.context["editor"]
    data = {"options-INITIAL_FORMS": len(editor.options.forms), "options-TOTAL_FORMS": len(editor.options.forms)}
    for form in [editor.form, *editor.options.forms]:
        data |= {form[name].html_name: value for name in form.fields if (value := form[name].value())}
    return data


def test_a_question_is_saved_with_its_answers_what_they_lead_to_add_and_how_urgent_they_are(ours, client):
    lines = [
        {"text": "Yes"},
        {"text": ""},
        {"text": "No", "reveals": [ours.question.pk], "follow_up": "Who is hungry?", "needs": [ours.category.pk]},
    ]
    lines[2]["is_urgent"] = "on"
    response = client.post(page(ours, "_add"), sent(*lines, is_required="on"))
    question = Question.objects.get(text="Is there food?")
    assert response["Location"] == f"{page(ours)}#question-{question.pk}"
    assert (question.is_required, [option.text for option in question.options.all()]) == (True, ["Yes", "No"])
    no = question.options.get(text="No")
    assert {one.text for one in no.reveals.all()} == {ours.question.text, "Who is hungry?"}
    assert (list(no.needs.all()), no.is_urgent) == ([ours.category], True)
    assert [box.id for box in load_draft(ours.network.pk)][-2:] == [
        question.pk,
        Question.objects.get(text="Who is hungry?").pk,
    ]


def test_an_edit_keeps_the_keys_of_answers_and_follows_their_places(ours, client):
    client.post(page(ours, "_add"), sent({"text": "Yes"}, {"text": "No"}))
    question = Question.objects.get(text="Is there food?")
    yes, no = question.options.all()
    data = of_question(client.get(page(ours), {"open": question.pk}))
    data |= {"options-0-ORDER": 2, "options-1-ORDER": 1, "options-1-text": "None", "options-2-text": "A little"}
    response = client.post(page(ours, "_save", question.pk), data)
    assert response.status_code == 302, (
        response.context["editor"].form.errors,
        response.context["editor"].options.errors,
    )
    stored = question.options.values_list("pk", "text")
    assert list(stored)[:2] == [(no.pk, "None"), (yes.pk, "Yes")]
    assert [text for _, text in stored] == ["None", "Yes", "A little"]
    data = of_question(client.get(page(ours), {"open": question.pk})) | {"options-0-DELETE": "on"}
    client.post(page(ours, "_save", question.pk), data)
    assert [option.text for option in question.options.all()] == ["Yes", "A little"]


def test_the_texts_are_translated_where_the_question_is_edited_and_shown_as_missing_until_then(ours, client):
    client.post(page(ours, "_add"), sent({"text": "Yes"}, {"text": "A little"}, help_text="For today"))
    question = Question.objects.get(text="Is there food?")
    response = client.get(page(ours), {"open": question.pk})
    assert [(fold.language, fold.missing) for fold in response.context["editor"].folds] == [("Welsh", 4), ("Polish", 4)]
    assert dict(client.get(page(ours)).context["questions"][-1].untranslated) == {"Welsh": 4, "Polish": 4}
    data = of_question(response) | {"question-text_pl": "Czy jest jedzenie?", "question-help_text_pl": "Na dziś"}
    data |= {"options-0-text_pl": "Tak", "options-1-text_pl": "Trochę", "options-1-ORDER": 1, "options-0-ORDER": 2}
    data |= {"options-2-text": "No", "options-2-text_pl": "Nie", "options-2-text_cy": "x" * 201}
    assert "at most 200 characters" in client.post(page(ours, "_save", question.pk), data).text
    client.post(page(ours, "_save", question.pk), data | {"options-2-text_cy": ""})
    box = load_draft(ours.network.pk)[-1]
    assert box.translations == {"pl": {"text": "Czy jest jedzenie?", "help_text": "Na dziś"}}
    polish = [(one.text, one.translations["pl"]["text"]) for one in box.choices]
    assert polish == [("A little", "Trochę"), ("Yes", "Tak"), ("No", "Nie")]
    untranslated = client.get(page(ours, "_publish")).context["untranslated"]
    assert untranslated == [("Welsh", 8, 8), ("Polish", 3, 8)]


def test_a_translation_is_taken_out_again_and_one_into_a_language_that_is_not_offered_stays(ours, client):
    Question.objects.filter(pk=ours.question.pk).update(translations={"cy": {"text": "Beth?"}, "pl": {"text": "Co?"}})
    ours.network.form_languages = ["pl"]
    ours.network.save()
    response = client.get(page(ours), {"open": ours.question.pk})
    assert [fold.language for fold in response.context["editor"].folds] == ["Polish"]
    client.post(page(ours, "_save", ours.question.pk), of_question(response) | {"question-text_pl": ""})
    assert load_draft(ours.network.pk)[0].translations == {"cy": {"text": "Beth?"}}


def test_whoever_saves_second_is_told_and_may_save_again(ours, client):
    data = of_question(client.get(page(ours), {"open": ours.question.pk}))
    Question.objects.filter(pk=ours.question.pk).update(text="Changed meanwhile?")
    response = client.post(page(ours, "_save", ours.question.pk), data)
    assert "Somebody has changed this question" in response.text
    client.post(page(ours, "_save", ours.question.pk), of_question(response))
    ours.question.refresh_from_db()
    assert ours.question.text == data["question-text"]


def test_a_save_that_waited_for_another_is_told_and_nothing_is_lost(ours):
    box = next(box for box in load_draft(ours.network.pk) if box.id == ours.question.pk)
    save_question(replace(box, text="Mine?"), actor=ours.coordinator, seen=box)
    with pytest.raises(Refusal, match="Somebody else has just saved this question"):
        save_question(replace(box, text="Yours?"), actor=ours.coordinator, seen=box)
    ours.question.refresh_from_db()
    assert ours.question.text == "Mine?"


def test_a_new_question_that_is_sent_twice_is_there_once(ours, client):
    data = sent({"text": "Yes"}, text="Twice?", seen=client.get(page(ours), {"open": "new"}).context["editor"]._seen)
    for _ in range(2):
        response = client.post(page(ours, "_add"), data, follow=True)
    assert "has just been added" in response.text
    assert Question.objects.filter(text="Twice?").count() == 1
    data["question-seen"] = client.get(page(ours), {"open": "new"}).context["editor"]._seen
    client.post(page(ours, "_add"), data)  # the same words on purpose
    assert Question.objects.filter(text="Twice?").count() == 2


def test_words_of_all_kinds_are_only_words(ours, client):
    """They once were a pattern to be filled in: one question with a brace, and no screen opened any more."""
    words = "{0} {x!r} {{7*7}} {% x %} %s %(a)s <b>\u202e"
    client.post(page(ours, "_add"), sent({"text": words, "follow_up": words, "needs": [ours.category.pk]}, text=words))
    shown = words.removesuffix("\u202e")
    assert Question.objects.filter(text=shown).count() == 2
    for name in ("", "_publish", "_examples", "_history"):
        assert client.get(page(ours, name)).status_code == 200
    changes = client.get(page(ours, "_publish")).context["changes"]
    assert f"The answer “{shown}” to “{shown}” leads to “{shown}” now." in changes
    assert "<b>" not in client.get(page(ours)).text


def test_there_are_only_so_many_questions_and_answers(ours, client):
    last = load_draft(ours.network.pk)[-1]
    boxes = tuple(replace(last, id=-number, choices=()) for number in range(1, MOST_QUESTIONS + 1))
    look = {"actor": ours.coordinator, "seen_draft": digest_draft(load_draft(ours.network.pk))}
    with pytest.raises(Refusal, match="at most 200 questions"):
        adopt_draft(ours.network.pk, (*boxes, replace(last, id=-999)), **look)
    adopt_draft(ours.network.pk, boxes, **look)
    assert "at most 200 questions" in client.post(page(ours, "_add"), sent({"text": "Yes"})).text
    lines = [{"text": f"Answer {number}"} for number in range(MOST_OPTIONS + 1)]
    assert "at most 60 answers" in client.post(page(ours, "_add"), sent(*lines)).text


@pytest.mark.parametrize(
    ("kind", "lines", "problem"),
    [
        ("number", [{"text": "Many"}], "What is typed has no answers"),
        ("yes_no", [{"text": "Maybe"}], "exactly the answers"),
        ("one", [{"text": "Yes"}, {"text": "Yes"}], "Two answers have the same words."),
    ],
)
def test_what_does_not_go_together_is_refused_beside_the_field(ours, client, kind, lines, problem):
    assert problem in client.post(page(ours, "_add"), sent(*lines, kind=kind)).text
    assert not Question.objects.filter(text="Is there food?").exists()


def test_a_yes_or_no_question_gets_its_answers_by_itself(ours, client):
    client.post(page(ours, "_add"), sent({"text": ""}, kind="yes_no"))
    assert [one.text for one in QuestionOption.objects.filter(question__text="Is there food?")] == ["Yes", "No"]


def test_a_question_cannot_be_made_to_lead_back_to_itself(ours, client):
    followed = ours.question_option.reveals.get()
    offered = client.get(page(ours), {"open": followed.pk}).context["editor"].options[0].fields["reveals"].choices
    assert str(ours.question.pk) not in dict(offered)
    line = {"text": "Yes", "reveals": [ours.question.pk]}
    assert "Select a valid choice" in client.post(page(ours, "_save", followed.pk), sent(line)).text


def test_a_question_is_moved_by_its_buttons_and_by_being_dropped(ours, client):
    first, second = (box.id for box in load_draft(ours.network.pk))
    third = f.QuestionFactory(network=ours.network, position=9).pk

    def order_after(key: int, **data) -> list[int]:
        client.post(page(ours, "_move", key), data)
        return [box.id for box in load_draft(ours.network.pk)]

    assert order_after(third, to="up") == [first, third, second]
    assert order_after(first, to="down") == [third, first, second]
    assert order_after(third, to="up") == [third, first, second]
    assert order_after(second, before=third) == [second, third, first]
    assert order_after(second, before="") == [third, first, second]
    assert order_after(first, before=f.QuestionFactory().pk) == [third, first, second]


def test_deleting_says_what_it_would_do_and_keeps_what_was_answered(ours, client):
    text = client.get(page(ours, "_delete", ours.question.pk)).text
    followed = ours.question_option.reveals.get()
    assert f"Everybody would be asked “{followed.text}”" in text
    assert "1 answer that it was given stays" in text
    client.post(page(ours, "_delete", ours.question.pk))
    assert not Question.objects.filter(pk=ours.question.pk).exists()
    assert ours.referral.answers.get().question_text == "Ours SECRET Q?"


def test_the_screen_costs_the_same_however_many_questions_there_are(ours, client, django_assert_num_queries):
    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(page(ours), {"open": ours.question.pk}).status_code == 200
        return len(captured)

    count()
    few = count()
    for number in range(12):
        option = f.QuestionOptionFactory(question__network=ours.network, text=f"Answer {number}")
        option.needs.add(ours.category)
        option.reveals.add(ours.question)
    assert count() == few


def test_a_workbook_is_looked_at_first_and_one_with_faults_changes_nothing(ours, client):
    content = client.get(page(ours, "_download")).content
    file = SimpleUploadedFile("questions.xlsx", content)
    response = client.post(page(ours, "_bring_in"), {"file": file})
    assert (response.context["changes"], "Nothing is different" in response.text) == ([], True)
    book = load_workbook(io.BytesIO(content))
    book["survey"]["C2"] = "What is needed?"
    changed = io.BytesIO()
    book.save(changed)
    response = client.post(page(ours, "_bring_in"), {"file": SimpleUploadedFile("q.xlsx", changed.getvalue())})
    assert response.context["changes"] == ["“Ours 0 question?” reads “What is needed?” now."]
    assert not Question.objects.filter(text="What is needed?").exists()
    client.post(page(ours, "_adopt"), {"packed": response.context["packed"]})
    assert Question.objects.get(pk=ours.question.pk).text == "What is needed?"
    client.post(page(ours, "_adopt"), {"packed": response.context["packed"]})  # looked at another draft
    book["survey"]["A2"] = "geopoint"
    changed = io.BytesIO()
    book.save(changed)
    response = client.post(page(ours, "_bring_in"), {"file": SimpleUploadedFile("q.xlsx", changed.getvalue())})
    assert "row 2: Questions of the type “geopoint” cannot be asked here." in response.text


def test_only_networks_that_one_coordinates_can_be_copied_from(ours, theirs, client):
    assert "From another of your networks" not in client.get(page(ours, "_bring_in")).text
    assert client.post(page(ours, "_bring_in"), {"source": theirs.network.pk}).context["copied"] is None
    theirs.network.roles.create(user=ours.coordinator, role="coordinator")
    response = client.post(page(ours, "_bring_in"), {"source": theirs.network.pk})
    assert "“Theirs 0 question?” is new" in response.text
    assert f"no category here for {theirs.category}" in response.text
    client.post(page(ours, "_adopt"), {"packed": response.context["packed"]})
    assert {box.text for box in load_draft(ours.network.pk)} == {"Theirs 0 question?", "Theirs 0 follow-up?"}
    assert theirs.network.questions.count() == 2


def test_a_draft_is_tried_at_its_address_by_anybody_and_nothing_is_stored(ours, client):
    referrer = Referrer(client.get(page(ours)).context["try_url"])
    assert "This is a draft of the questions" in referrer.text
    unanswered = client.post(referrer.url, {"state": referrer.page.find("input", {"name": "state"})["value"]})
    assert 'role="alert"' in unanswered.text
    referrer.choose(ours.question_option.text).press("Continue")
    assert "Ours 0 follow-up?" in referrer.text
    referrer.press(referrer.all(".actions .button")[0])
    assert referrer.title == "What these answers give"
    assert referrer.all(".so-far .chip") == [str(ours.category)]
    assert ours.network.referrals.count() == 1
    assert Referrer("/refer/try/made-up/").response.status_code == 404
    example = referrer.page.find("a", string="Save these answers as an example")["href"]
    form = client.get(example).context["form"]
    assert form.initial == {
        "name": ours.question_option.text,
        "options": [str(ours.question_option.pk)],
        "needs": [str(ours.category.pk)],
        "is_urgent": False,
    }
    client.post(page(ours, "_examples"), {name: form[name].value() for name in form.initial})
    assert FlowExample.objects.filter(option_ids=[ours.question_option.pk], need_ids=[ours.category.pk]).exists()
