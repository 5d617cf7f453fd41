"""Questions as a workbook of XLSForm: pyxform reads it, and in again it gives the same flow."""

import io
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from pyxform.xls2xform import convert

from referrals.import_export.reading import Unreadable
from referrals.import_export.xlsforms import read_xlsform, write_xlsform
from referrals.models import Category, Network
from referrals.questions import Box, Choice, load_flow_chart, store_draft
from referrals.questions.adopting import adopt_draft, copy_boxes
from referrals.questions.draft import load_draft
from referrals.questions.publishing import digest_draft
from referrals.refusals import Refusal
from referrals.tests import factories as f

NETWORK = Network(pk=7, name="Northside", slug="north-side")
NEEDS = [Category(pk=key, name=f"Need {key}", slug=f"need-{key}") for key in range(1, 5)]

# Words that spreadsheets would run, quote or trim; not the white space at their ends, which people do not mean.
words = st.text("abcé ='+-@\"“${}&<", min_size=1, max_size=12).map(str.strip).filter(bool)


def translations_of(*names: str) -> st.SearchStrategy[dict[str, dict[str, str]]]:
    texts = st.dictionaries(st.sampled_from(names), words, min_size=1)
    return st.dictionaries(st.sampled_from(["pl", "cy"]), texts)


@st.composite
def flows(draw) -> tuple[Box, ...]:
    """Flows that the database would take: no loops, no two answers alike, no answers to what is typed."""
    size, boxes, key = draw(st.integers(1, 5)), [], 100
    for number in range(1, size + 1):
        kind = draw(st.sampled_from(["one", "several", "yes_no", "number", "date", "short", "text"]))
        texts = draw(st.lists(words, max_size=3, unique=True))
        texts = ["Yes", "No"] if kind == "yes_no" else texts if kind in ("one", "several") else []
        choices = []
        for text in texts:
            key += 1
            later = st.lists(st.integers(number + 1, size), max_size=2, unique=True) if number < size else st.just([])
            choices.append(
                Choice(
                    id=key,
                    text=text,
                    translations=draw(translations_of("text")),
                    reveals=tuple(sorted(draw(later))),
                    needs=draw(st.frozensets(st.integers(1, 4), max_size=2)),
                    is_urgent=draw(st.booleans()),
                )
            )
        boxes.append(
            Box(
                id=number,
                network_id=7,
                text=draw(words),
                translations=draw(translations_of("text", "text_to_self", "help_text")),
                text_to_self=draw(st.one_of(st.just(""), words)),
                help_text=draw(st.one_of(st.just(""), words)),
                kind=kind,
                is_required=draw(st.booleans()),
                offers_not_sure=draw(st.booleans()),
                is_active=draw(st.booleans()),
                choices=tuple(choices),
            )
        )
    return tuple(boxes)


@given(flows())
def test_out_and_in_again_gives_the_same_flow(boxes):
    read = read_xlsform(write_xlsform(NETWORK, boxes, NEEDS), NETWORK, boxes, NEEDS)
    assert (read.boxes, read.problems) == (boxes, [])


def example() -> tuple[Box, ...]:
    house = (Choice(id=10, text="Yes"), Choice(id=11, text="No", reveals=(2, 3), needs=frozenset({1}), is_urgent=True))
    kinds = ["several", "number", "date", "short", "text"]
    others = [
        Box(
            id=key,
            network_id=7,
            text=f"Question {key}?",
            kind=kind,
            choices=(Choice(id=20, text="A baby"),) * (key == 2),
        )
        for key, kind in enumerate(kinds, start=2)
    ]
    return (Box(id=1, network_id=7, text="Is there food?", kind="yes_no", is_required=True, choices=house), *others)


def test_pyxform_makes_a_form_of_it():
    made = convert(io.BytesIO(write_xlsform(NETWORK, example(), NEEDS)), file_type=".xlsx")
    assert "selected( /" in made.xform
    assert "Is there food?" in made.xform


def workbook(survey: list[dict], choices: list[dict] = ()) -> bytes:
    book = Workbook()
    for name, rows in (("survey", survey), ("choices", choices)):
        sheet = book.active if name == "survey" else book.create_sheet(name)
        sheet.title = name
        heads = list(dict.fromkeys(head for row in rows for head in row))
        sheet.append(heads)
        for row in rows:
            sheet.append([row.get(head) for head in heads])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def problems(survey: list[dict], choices: list[dict] = ()) -> list[tuple[str, int]]:
    return [(one.sheet, one.row) for one in read_xlsform(workbook(survey, choices), NETWORK, (), NEEDS).problems]


FOOD = {"type": "select_one yes", "name": "food", "label": "Is there food?"}
ANSWERS = [
    {"list_name": "yes", "name": "y", "label": "Yes", "needs": None},
    {"list_name": "yes", "name": "n", "label": "No", "needs": "need-1, need-2"},
]
WHO = {"type": "text", "name": "who", "label": "Who?", "relevant": "${food} = 'n'"}


def test_a_form_of_other_tools_is_read():
    read = read_xlsform(workbook([FOOD | {"calculation": "x"}, WHO], ANSWERS), NETWORK, (), NEEDS)
    food, who = read.boxes
    assert read.problems == []
    assert [choice.reveals for choice in food.choices] == [(), (who.id,)]
    assert food.choices[1].needs == {1, 2}
    assert max(food.id, who.id, *(choice.id for choice in food.choices)) < 0


@pytest.mark.parametrize(
    ("survey", "choices", "found"),
    [
        ([FOOD, FOOD], ANSWERS, [("survey", 3)]),
        ([FOOD], [], [("survey", 2)]),
        ([FOOD, WHO | {"relevant": "${food} > 3"}], ANSWERS, [("survey", 3)]),
        ([FOOD, WHO | {"relevant": "${drink} = 'n'"}], ANSWERS, [("survey", 3)]),
        ([FOOD | {"relevant": "${food} = 'n'"}], ANSWERS, [("survey", 2)]),
        ([FOOD, WHO | {"type": "geopoint"}], ANSWERS, [("survey", 3)]),
        ([FOOD, WHO | {"label": None}], ANSWERS, [("survey", 3)]),
        ([FOOD, WHO | {"label": "x" * 301}], ANSWERS, [("survey", 3)]),
        ([FOOD | {"required": "perhaps"}], ANSWERS, [("survey", 2)]),
        ([FOOD], [*ANSWERS, ANSWERS[0]], [("choices", 4)]),
        ([FOOD], [*ANSWERS, ANSWERS[0] | {"name": "m", "label": "Maybe", "needs": "unknown"}], [("choices", 4)]),
    ],
)
def test_what_cannot_be_used_is_told_by_sheet_and_row(survey, choices, found):
    assert problems(survey, choices) == found


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"a,b\n", id="CSV"),
        pytest.param(b"PK\x03\x04damaged", id="damaged"),
        pytest.param(workbook([{"kind": "x"}]), id="another table"),
        pytest.param(workbook([WHO | {"name": f"w{n}"} for n in range(201)]), id="too many questions"),
        pytest.param(workbook([FOOD], [ANSWERS[0] | {"name": f"n{n}"} for n in range(101)]), id="too many answers"),
    ],
)
def test_what_is_no_form_is_refused(content):
    with pytest.raises(Unreadable):
        read_xlsform(content, NETWORK, (), NEEDS)


def test_a_text_that_a_spreadsheet_would_run_is_not_run():
    content = write_xlsform(NETWORK, (Box(id=1, text="=1+1", kind="short"),), [])
    assert load_workbook(io.BytesIO(content))["survey"]["C2"].value == "'=1+1"


POLISH = {"pl": {"text": "Czy jest jedzenie?", "help_text": "Na dziś"}}


def test_pyxform_finds_the_translations_in_the_columns_of_their_languages():
    house, *others = example()
    house = replace(house, help_text="For today", translations=POLISH)
    made = convert(io.BytesIO(write_xlsform(NETWORK, (house, *others), NEEDS)), file_type=".xlsx").xform
    texts = {
        (block.get("lang"), value.text)
        for block in ElementTree.fromstring(made).iterfind(".//{*}translation")  # noqa: S314 - our own workbook
        for value in block.iterfind(".//{*}value")
    }
    assert {("English (en)", "Is there food?"), ("English (en)", "For today")} <= texts
    assert {("Polish (pl)", "Czy jest jedzenie?"), ("Polish (pl)", "Na dziś")} <= texts


def test_a_workbook_decides_the_languages_that_it_has_columns_for_and_no_others():
    choice = Choice(id=10, text="No", translations={"pl": {"text": "Nie"}, "cy": {"text": "Nac oes"}})
    boxes = (Box(id=1, network_id=7, text="Is there food?", translations=POLISH, choices=(choice,)),)
    survey = {"type": "select_one q1", "name": "q1", "label::English (en)": "Food?", "hint::Polski (pl)": "Dziś"}
    answer = {"list_name": "q1", "name": "a10", "label": "No", "label::Polish (pl)": None, "label::French (fr)": "Non"}
    [box] = read_xlsform(workbook([survey], [answer]), NETWORK, boxes, NEEDS).boxes
    assert (box.text, box.translations) == ("Food?", {"pl": {"text": "Czy jest jedzenie?", "help_text": "Dziś"}})
    assert box.choices[0].translations == {"cy": {"text": "Nac oes"}}
    assert problems([FOOD | {"label::Polish (pl)": "x" * 301}], ANSWERS) == [("survey", 2)]


@pytest.mark.django_db
def test_what_is_adopted_replaces_the_draft_under_keys_of_its_own():
    network, user = f.NetworkFactory(), f.UserFactory(is_superuser=True)
    f.QuestionOptionFactory(question__network=network)
    read = read_xlsform(workbook([FOOD, WHO], [row | {"needs": None} for row in ANSWERS]), network, (), [])
    seen = digest_draft(load_draft(network.pk))
    adopt_draft(network.pk, read.boxes, actor=user, seen_draft=seen)
    food, who = load_draft(network.pk)
    assert (food.text, [choice.reveals for choice in food.choices]) == ("Is there food?", [(), (who.id,)])
    with pytest.raises(Refusal, match="changed"):
        adopt_draft(network.pk, read.boxes, actor=user, seen_draft=seen)


@pytest.mark.django_db
def test_another_networks_questions_are_copied_with_the_needs_that_are_here_too():
    theirs, ours, user = f.NetworkFactory(), f.NetworkFactory(), f.UserFactory(is_superuser=True)
    option = f.QuestionOptionFactory(question__network=theirs)
    same, other = f.CategoryFactory(network=theirs, slug="food"), f.CategoryFactory(network=theirs, name="Only theirs")
    here = f.CategoryFactory(network=ours, slug="food")
    option.needs.set([same, other])
    boxes, missing = copy_boxes(load_draft(theirs.pk), [same, other], [here])
    adopt_draft(ours.pk, boxes, actor=user, seen_draft=digest_draft(()))
    [box] = load_draft(ours.pk)
    assert (box.text, box.choices[0].needs, missing) == (option.question.text, {here.pk}, ["Only theirs"])
    assert load_draft(theirs.pk)[0].id == option.question_id
    store_draft(ours, ())
    assert load_flow_chart([ours.pk]).boxes == ()
