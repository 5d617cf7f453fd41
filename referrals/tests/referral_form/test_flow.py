"""Charts and answers at random, through the form as browsers send it: the same comes of it with scripts and without."""

from random import Random

import pytest

from referrals.enums import QuestionKind
from referrals.models import Question, Referral
from referrals.questions import evaluate, load_flow_chart
from referrals.tests import factories as f
from referrals.tests.depth import draw_cases
from referrals.tests.referral_form.referrer import SEND, Referrer


def draw_chart(northside, random: Random) -> None:
    """Questions of every kind; options that reveal later ones, add needs of every level, or are urgent."""
    kinds = [QuestionKind.ONE, QuestionKind.SEVERAL, QuestionKind.TEXT]
    questions = [
        f.QuestionFactory(
            network=northside.network, kind=random.choice(kinds), is_active=random.random() < 0.9, position=position
        )
        for position in range(7)
    ]
    needs = [northside.food, northside.parcels, northside.baby, northside.debt]
    for position, question in enumerate(questions):
        for _ in range(0 if question.kind == QuestionKind.TEXT else random.randint(1, 3)):
            option = f.QuestionOptionFactory(question=question, is_urgent=random.random() < 0.2)
            later = questions[position + 1 :]
            option.reveals.set(random.sample(later, min(len(later), random.randint(0, 2))))
            option.needs.set(random.sample(needs, random.randint(0, 2)))


def draw_answers(random: Random) -> dict[str, list[str]]:
    """Answer every question beforehand, whether or not it will be asked."""
    answers: dict[str, list[str]] = {}
    for question in Question.objects.prefetch_related("options").order_by("pk"):
        options = [str(option.pk) for option in question.options.all()]
        if question.kind == QuestionKind.TEXT:
            given = ["In words."]
        elif question.kind == QuestionKind.ONE:
            given = [random.choice([*options, "unsure"])]
        else:
            given = random.sample(options, random.randint(0, len(options)))
        answers[f"answer_{question.pk}"] = given
    return answers


def fields_on(referrer: Referrer) -> list[str]:
    named = [tag["name"] for tag in referrer.page.select("#questions [name^=answer_]")]
    return list(dict.fromkeys(named))


def answer_page_by_page(referrer: Referrer, answers: dict[str, list[str]]) -> Referrer:
    while referrer.step == "What is needed":
        referrer.fill(**{name: answers[name] or None for name in fields_on(referrer)})
        go_on(referrer)
        assert not referrer.page.select(".attention.error"), referrer.attention
    return referrer


def go_on(referrer: Referrer) -> Referrer:
    """Press Continue, or Continue anyway where an open question with an urgent answer was pointed out."""
    return referrer.press(referrer.all(".actions .button")[0])


def answer_one_by_one(referrer: Referrer, answers: dict[str, list[str]], random: Random) -> Referrer:
    """As htmx does it: after each change the form is sent with "look", and its parts replace those on the page."""
    open_questions = fields_on(referrer)
    done: set[str] = set()
    while open_questions:
        name = random.choice(open_questions)
        done.add(name)
        referrer.fill(**{name: answers[name] or None})
        data = {key: values for key, values in referrer.fields.lists() if values} | {"action": "look"}
        referrer.show(referrer.client.post(referrer.url, data, headers={"HX-Request": "true"}))
        open_questions = [name for name in fields_on(referrer) if name not in done]
    go_on(referrer)
    return go_on(referrer) if referrer.page.select(".attention.wait") else referrer


@pytest.mark.parametrize("seed", draw_cases("charts at random", range(40), share=1 / 8))
def test_with_scripts_and_without_the_same_is_asked_needed_and_stored(northside, seed):
    random = Random(seed)
    draw_chart(northside, random)
    answers = draw_answers(random)
    chart = load_flow_chart([northside.network.pk])
    chosen = {
        int(name.removeprefix("answer_")): {int(key) for key in keys if key.isdigit()} for name, keys in answers.items()
    }
    expected = evaluate(chart, chosen)
    ticked = set() if expected.needs else {northside.debt.pk}

    for way in (answer_page_by_page, lambda referrer, answers: answer_one_by_one(referrer, answers, random)):
        referrer = way(northside.refer_to_needs().fill(needs=list(ticked) or None), answers)
        assert referrer.step == "Who can help", referrer.attention
        referrer.press("Continue to the coordinators").choose("Maya agrees").press(SEND)
        referral = Referral.objects.latest("pk")
        given = [key for key in expected.shown if answers[f"answer_{key}"]]
        assert [answer.question_id for answer in referral.answers.order_by("position")] == given
        assert {need.category_id for need in referral.needs.all()} == expected.needs | ticked
        assert referral.is_urgent == expected.is_urgent
