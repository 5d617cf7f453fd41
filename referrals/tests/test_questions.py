"""The flow chart: what is asked, what is needed, how urgent it is, on any chart that anybody can draw."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referrals.questions import Box, Choice, Evaluation, FlowChart, evaluate, find_reached, load_flow_chart
from referrals.tests import factories as f


def chart_of(*boxes: Box) -> FlowChart:
    return FlowChart(boxes)


def test_the_first_questions_are_those_that_nothing_reveals():
    chart = chart_of(Box(id=1, choices=(Choice(id=10, reveals=(2,)),)), Box(id=2), Box(id=3))
    assert evaluate(chart, {}) == Evaluation((1, 3), frozenset(), False, frozenset())


def test_a_follow_up_comes_straight_after_the_question_that_calls_for_it():
    chart = chart_of(
        Box(id=1, choices=(Choice(id=10, reveals=(3, 4)),)),
        Box(id=2),
        Box(id=3, choices=(Choice(id=30, reveals=(5,)),)),
        Box(id=4),
        Box(id=5),
    )
    assert evaluate(chart, {1: [10], 3: [30]}).shown == (1, 3, 5, 4, 2)


def test_options_add_needs_and_mark_as_urgent():
    chart = chart_of(
        Box(id=1, choices=(Choice(id=10, needs=frozenset({7})), Choice(id=11, needs=frozenset({8}), is_urgent=True)))
    )
    assert evaluate(chart, {1: [10]}) == Evaluation((1,), frozenset({7}), False, frozenset())
    assert evaluate(chart, {1: [10, 11]}) == Evaluation((1,), frozenset({7, 8}), True, frozenset({8}))


def test_an_urgent_answer_without_a_need_is_about_the_one_that_led_to_its_question():
    food, parcels, debt = 7, 8, 9
    boxes = (
        Box(
            id=1,
            choices=(Choice(id=10, needs=frozenset({food}), reveals=(2, 3)), Choice(id=11, needs=frozenset({debt}))),
        ),
        Box(id=2, choices=(Choice(id=20, is_urgent=True),)),
        Box(id=3, choices=(Choice(id=30, needs=frozenset({parcels})),)),
    )
    chart = FlowChart(boxes, {parcels: frozenset({food})})
    assert evaluate(chart, {1: [10, 11], 2: [20]}).urgent_needs == {food}
    assert evaluate(chart, {1: [10, 11], 2: [20], 3: [30]}).urgent_needs == {parcels}
    assert evaluate(chart, {1: [10, 11], 3: [30]}).urgent_needs == set()


def test_an_answer_to_a_hidden_question_is_ignored():
    chart = chart_of(
        Box(id=1, choices=(Choice(id=10, reveals=(2,)), Choice(id=11))),
        Box(id=2, choices=(Choice(id=20, needs=frozenset({7}), is_urgent=True),)),
    )
    assert evaluate(chart, {1: [10], 2: [20]}) == Evaluation((1, 2), frozenset({7}), True, frozenset({7}))
    assert evaluate(chart, {1: [11], 2: [20]}) == Evaluation((1,), frozenset(), False, frozenset())


def test_an_option_of_another_question_is_ignored():
    chart = chart_of(Box(id=1, choices=(Choice(id=10),)), Box(id=2, choices=(Choice(id=20, needs=frozenset({7})),)))
    assert evaluate(chart, {1: [20]}).needs == frozenset()


def test_switching_off_a_question_hides_its_follow_ups():
    chart = chart_of(Box(id=1, is_active=False, choices=(Choice(id=10, reveals=(2,)),)), Box(id=2), Box(id=3))
    assert evaluate(chart, {1: [10]}).shown == (3,)


def test_a_chart_of_ten_thousand_questions_in_a_row_ends():
    depth = 10_000
    chart = FlowChart(
        tuple(Box(id=n, choices=(Choice(id=n, reveals=(n + 1,), needs=frozenset({n})),)) for n in range(depth))
    )
    outcome = evaluate(chart, {n: [n] for n in range(depth)})
    assert outcome.shown == tuple(range(depth))
    assert len(outcome.needs) == depth


@st.composite
def charts(draw) -> FlowChart:
    """Any graph: loops, arrows to questions that are not there, questions switched off."""
    size = draw(st.integers(0, 9))
    keys = st.integers(0, size + 1)
    boxes, option = [], 100
    for key in range(size):
        choices = []
        for _ in range(draw(st.integers(0, 3))):
            option += 1
            reveals = tuple(draw(st.lists(keys, max_size=3, unique=True)))
            needs = draw(st.frozensets(st.integers(0, 5), max_size=2))
            choices.append(Choice(id=option, reveals=reveals, needs=needs, is_urgent=draw(st.booleans())))
        boxes.append(Box(id=key, is_active=draw(st.integers(0, 4)) > 0, choices=tuple(choices)))
    ancestors: dict[int, frozenset[int]] = {}
    for need in range(6):  # a category stands below an earlier one, or at the top
        parent = draw(st.integers(-1, need - 1))
        ancestors[need] = ancestors[parent] | {parent} if parent >= 0 else frozenset()
    return FlowChart(tuple(boxes), ancestors)


@st.composite
def answered(draw) -> tuple[FlowChart, dict[int, set[int]]]:
    chart = draw(charts())
    chosen = {}
    for box in chart.boxes:
        options = [choice.id for choice in box.choices]
        chosen[box.id] = set(draw(st.lists(st.sampled_from(options), unique=True))) if options else set()
    return chart, chosen


def reachable(chart: FlowChart, chosen: dict[int, set[int]]) -> set[int]:
    """What is asked, worked out the slow way: let the set grow until nothing more comes to it."""
    active = {box.id: box for box in chart.boxes if box.is_active}
    revealed = {target for box in chart.boxes for choice in box.choices for target in choice.reveals}
    asked = {key for key in active if key not in revealed}
    while True:
        more = {
            target
            for key in asked
            for choice in active[key].choices
            if choice.id in chosen[key]
            for target in choice.reveals
            if target in active
        }
        if more <= asked:
            return asked
        asked |= more


@given(answered())
def test_exactly_the_reachable_questions_are_asked_each_once(case):
    chart, chosen = case
    shown = evaluate(chart, chosen).shown
    assert len(shown) == len(set(shown))
    assert set(shown) == reachable(chart, chosen)


def count_options(chart: FlowChart, chosen: dict[int, set[int]]) -> list[Choice]:
    """Return the options chosen on questions that are asked."""
    asked = reachable(chart, chosen)
    return [choice for box in chart.boxes if box.id in asked for choice in box.choices if choice.id in chosen[box.id]]


@given(answered())
def test_needs_and_urgency_come_from_the_options_chosen_on_the_questions_asked(case):
    chart, chosen = case
    outcome, counted = evaluate(chart, chosen), count_options(chart, chosen)
    called_for = frozenset().union(*(choice.needs for choice in counted))
    assert outcome.is_urgent == any(choice.is_urgent for choice in counted)
    assert outcome.needs <= called_for
    assert bool(outcome.needs) == bool(called_for)
    urgent = set()
    for box in chart.boxes:
        led_here = [choice for choice in counted if box.id in choice.reveals]
        for choice in box.choices:
            if choice in counted and choice.is_urgent:
                urgent.update(*(one.needs for one in ([choice] if choice.needs else led_here)))
    assert outcome.urgent_needs == {need for need in outcome.needs if urgent & {need, *chart.ancestors[need]}}


@given(answered())
def test_a_need_is_left_out_only_for_a_more_exact_one(case):
    chart, chosen = case
    outcome, counted = evaluate(chart, chosen), count_options(chart, chosen)
    above = {wider for need in outcome.needs for wider in chart.ancestors[need]}
    assert not outcome.needs & above
    wide = frozenset().union(*chart.ancestors.values())
    with_needs = {box.id for box in chart.boxes if any(choice in counted and choice.needs for choice in box.choices)}
    for choice in counted:
        left_out = choice.needs - outcome.needs
        assert left_out <= wide
        # Either a narrower need of the same branch counts, or the option's follow-ups have called for others.
        assert left_out <= above or find_reached(chart, choice.reveals) & with_needs


@given(answered(), st.data())
def test_a_further_answer_hides_no_question_and_takes_no_urgency_away(case, data):
    chart, chosen = case
    fewer = {key: {option for option in options if data.draw(st.booleans())} for key, options in chosen.items()}
    less, more = evaluate(chart, fewer), evaluate(chart, chosen)
    assert set(less.shown) <= set(more.shown)
    assert less.is_urgent <= more.is_urgent


@given(answered(), st.data())
def test_dropping_answers_to_hidden_questions_changes_nothing(case, data):
    chart, chosen = case
    outcome = evaluate(chart, chosen)
    assert evaluate(chart, {key: options for key, options in chosen.items() if key in outcome.shown}) == outcome


@pytest.mark.django_db
def test_loading_keeps_the_order_of_networks_questions_and_options(django_assert_num_queries):
    late, early = f.NetworkFactory(), f.NetworkFactory()
    second = f.QuestionFactory(network=early, position=2, kind="several", is_required=True, help_text="Help")
    first = f.QuestionFactory(network=early, position=1)
    other = f.QuestionFactory(network=late, position=0)
    need = f.CategoryFactory(network=early)
    down = f.QuestionOptionFactory(question=first, position=2, text="Down", is_urgent=True)
    up = f.QuestionOptionFactory(question=first, position=1, text="Up")
    down.reveals.set([second])
    down.needs.set([need])
    with django_assert_num_queries(3):
        chart = load_flow_chart([early.pk, late.pk])
    assert [box.id for box in chart.boxes] == [first.pk, second.pk, other.pk]
    assert chart.box(first.pk).choices == (
        Choice(id=up.pk, text="Up"),
        Choice(id=down.pk, text="Down", reveals=(second.pk,), needs=frozenset({need.pk}), is_urgent=True),
    )
    assert chart.box(second.pk) == Box(
        id=second.pk, network_id=early.pk, text=second.text, help_text="Help", kind="several", is_required=True
    )
