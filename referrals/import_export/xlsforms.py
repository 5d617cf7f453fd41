"""A network's questions as a workbook in the shape of XLSForm (https://xlsform.org), which other tools read.

The sheets "survey", "choices" and "settings". A question that answers lead to is `relevant` where one of them is
selected. Besides the columns of XLSForm, `survey` has `self_label` (how it is put to the person), `not_sure`, `asked`
and `kind` (yes_no where that is what it is), and `choices` has `needs` (short names of categories) and `urgent`.
Texts in other languages have columns of their own, as in "label::Polish (pl)".
"""

import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, count

from openpyxl import Workbook

from referrals.enums import CHOICE_KINDS, QuestionKind
from referrals.import_export.formulas import escape_formula
from referrals.import_export.reading import Unreadable, read_sheets
from referrals.models import Category, Network, Question, QuestionOption
from referrals.models.translated import TranslatedModel
from referrals.questions import Box, Choice, FlowChart, find_reached
from referrals.questions.editing import MOST_OPTIONS, MOST_QUESTIONS
from referrals.translations import (
    Translations,
    language_in_english,
    languages_among,
    merge_translations,
    other_languages,
)

SURVEY = ("type", "name", "label", "hint", "required", "relevant", "appearance")
SURVEY_MORE = ("self_label", "not_sure", "asked", "kind")
CHOICES = ("list_name", "name", "label")
CHOICES_MORE = ("needs", "urgent")
SETTINGS = ("form_title", "form_id", "default_language")

_TYPES = {
    QuestionKind.ONE: "select_one",
    QuestionKind.YES_NO: "select_one",
    QuestionKind.SEVERAL: "select_multiple",
    QuestionKind.NUMBER: "integer",
    QuestionKind.DATE: "date",
    QuestionKind.SHORT: "text",
    QuestionKind.TEXT: "text",
}
_FIELDS = {"label": "text", "hint": "help_text", "self_label": "text_to_self"}
_TRANSLATED = re.compile(r"(label|hint|self_label)::[^()]*\(([a-z-]+)\)")
_NAME = re.compile(r"[A-Za-z_][\w.-]*")
_SELECTED = re.compile(r"""selected\(\s*\$\{([^}]+)\}\s*,\s*(['"])([^'"]+)\2\s*\)""")
_EQUALS = re.compile(r"""\$\{([^}]+)\}\s*=\s*(['"])([^'"]+)\2""")
_YES = {"yes", "true", "1", "true()"}
_NO = {"no", "false", "0", "false()"}

Rows = Sequence[tuple[int, dict[str, str]]]


@dataclass(frozen=True, slots=True)
class Problem:
    sheet: str
    row: int
    text: str


@dataclass(slots=True)
class ReadForm:
    """New questions and options have keys below 0."""

    boxes: tuple[Box, ...] = ()
    problems: list[Problem] = field(default_factory=list)


def write_xlsform(network: Network, boxes: Sequence[Box], categories: Sequence[Category]) -> bytes:
    slugs = {category.pk: category.slug for category in categories}
    translated = [row.translations for box in boxes for row in (box, *box.choices)]
    codes = [code for code, _ in languages_among({*network.form_languages, *chain.from_iterable(translated)})]
    book = Workbook()
    sheets = {
        "survey": (
            (*SURVEY, *_translated_heads(_FIELDS, codes), *SURVEY_MORE),
            _survey_rows(boxes, codes),
        ),
        "choices": (
            (*CHOICES, *_translated_heads(["label"], codes), *CHOICES_MORE),
            _choice_rows(boxes, slugs, codes),
        ),
        "settings": (SETTINGS, [(network.name, network.slug.replace("-", "_"), "English (en)")]),
    }
    book.remove(book.active)
    for name, (heads, rows) in sheets.items():
        sheet = book.create_sheet(name)
        sheet.append(heads)
        for row in rows:
            sheet.append([escape_formula(cell) for cell in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _translated_heads(columns: Iterable[str], codes: Sequence[str]) -> list[str]:
    return [f"{column}::{language_in_english(code)} ({code})" for column in columns for code in codes]


def _translated_cells(row: Box | Choice, columns: Iterable[str], codes: Sequence[str]) -> list[str]:
    return [row.translations.get(code, {}).get(_FIELDS[column], "") for column in columns for code in codes]


def _survey_rows(boxes: Sequence[Box], codes: Sequence[str]) -> Iterator[tuple[str, ...]]:
    relevant: dict[int, list[str]] = {}
    for box in boxes:
        for choice in box.choices:
            for target in choice.reveals:
                relevant.setdefault(target, []).append(f"selected(${{q{box.id}}}, 'a{choice.id}')")
    for box in boxes:
        kind = _TYPES[QuestionKind(box.kind)]
        yield (
            f"{kind} q{box.id}" if kind.startswith("select") else kind,
            f"q{box.id}",
            box.text,
            box.help_text,
            "yes" if box.is_required else "",
            " or ".join(relevant.get(box.id, ())),
            "multiline" if box.kind == QuestionKind.TEXT else "",
            *_translated_cells(box, _FIELDS, codes),
            box.text_to_self,
            "yes" if box.offers_not_sure else "no",
            "yes" if box.is_active else "no",
            "yes_no" if box.kind == QuestionKind.YES_NO else "",
        )


def _choice_rows(boxes: Sequence[Box], slugs: Mapping[int, str], codes: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for box in boxes:
        for choice in box.choices:
            yield (
                f"q{box.id}",
                f"a{choice.id}",
                choice.text,
                *_translated_cells(choice, ["label"], codes),
                " ".join(sorted(slugs[need] for need in choice.needs if need in slugs)),
                "yes" if choice.is_urgent else "",
            )


def read_xlsform(content: bytes, network: Network, boxes: Sequence[Box], categories: Sequence[Category]) -> ReadForm:
    """Read a workbook against the draft that there is. Raises Unreadable if it is none.

    A question or an option that has the name of one in the draft is that one.
    """
    columns = {"survey": (*SURVEY, *SURVEY_MORE), "choices": (*CHOICES, *CHOICES_MORE)}
    sheets = read_sheets(content, columns, also=_TRANSLATED)
    if not any(row["type"] and row["name"] for _, row in sheets["survey"]):
        raise Unreadable("There is no sheet “survey” with the columns “type”, “name” and “label” in it.")
    if len(sheets["survey"]) > MOST_QUESTIONS:
        raise Unreadable(f"A network can have at most {MOST_QUESTIONS} questions: the sheet “survey” has more rows.")
    lists = Counter(row["list_name"] for _, row in sheets["choices"])
    if lists and max(lists.values()) > MOST_OPTIONS:
        raise Unreadable(f"A question can have at most {MOST_OPTIONS} answers: a list in “choices” has more rows.")
    survey, choices = ([(number, _in_english(row)) for number, row in sheets[name]] for name in columns)
    return _Reader(network, boxes, categories).read(survey, choices)


def _in_english(row: dict[str, str]) -> dict[str, str]:
    """Fill in `label` from "label::English (en)", as other tools write it."""
    named = {head: _TRANSLATED.fullmatch(head) for head in row}
    english = {match[1]: row[head] for head, match in named.items() if match and match[2].partition("-")[0] == "en"}
    return row | {name: row[name] or text for name, text in english.items() if name in row}


class _Reader:
    def __init__(self, network: Network, boxes: Sequence[Box], categories: Sequence[Category]) -> None:
        self.network = network
        self.known = {f"q{box.id}": box for box in boxes}
        self.known_options = {(f"q{box.id}", f"a{choice.id}"): choice for box in boxes for choice in box.choices}
        self.needs = {category.slug: category.pk for category in categories}
        self.languages = dict(other_languages())
        self.new = count(-1, -1)
        self.names: dict[str, list[str]] = {}  # by question, of its options
        self.form = ReadForm()

    def read(self, survey: Rows, choices: Rows) -> ReadForm:
        self.options = self._read_choices(choices)
        found: dict[str, Box] = {}
        relevant: list[tuple[int, str, str]] = []
        for number, row in survey:
            if not row["type"]:
                continue
            if row["name"] in found:
                self._refuse("survey", number, f"There are two questions “{row['name']}”.")
            elif box := self._read_question(number, row):
                found[row["name"]] = box
                relevant.append((number, row["name"], row["relevant"]))
        for number, name, expression in relevant:
            self._lead_on(number, name, expression, found)
        chart = FlowChart(tuple(found.values()))
        for number, name, _ in relevant:
            box = found[name]
            if box.id in find_reached(chart, [target for choice in box.choices for target in choice.reveals]):
                self._refuse("survey", number, "A question cannot lead back to itself.")
        self.form.boxes = chart.boxes
        return self.form

    def _refuse(self, sheet: str, row: int, text: str) -> None:
        self.form.problems.append(Problem(sheet, row, text))

    def _read_choices(self, rows: Rows) -> dict[str, dict[str, Choice]]:
        lists: dict[str, dict[str, Choice]] = {}
        for number, row in rows:
            options = lists.setdefault(row["list_name"], {})
            if not row["list_name"] or not row["name"] or not row["label"]:
                self._refuse("choices", number, "An answer has a list_name, a name and a label.")
                continue
            if row["name"] in options or row["label"] in {option.text for option in options.values()}:
                self._refuse("choices", number, f"The list has an answer “{row['label']}” or its name already.")
                continue
            self._check_length("choices", number, row["label"], QuestionOption, "text")
            slugs = row["needs"].replace(",", " ").split()
            unknown = [slug for slug in slugs if slug not in self.needs]
            if unknown:
                self._refuse("choices", number, f"No category has the short name “{unknown[0]}”.")
            known = self.known_options.get((row["list_name"], row["name"]))
            options[row["name"]] = Choice(
                id=known.id if known else next(self.new),
                translations=self._read_translations("choices", number, row, QuestionOption, known),
                text=row["label"],
                needs=frozenset(self.needs[slug] for slug in slugs if slug in self.needs),
                is_urgent=self._read_flag("choices", number, row["urgent"], default=False),
            )
        return lists

    def _read_question(self, number: int, row: dict[str, str]) -> Box | None:
        kind, _, list_name = row["type"].partition(" ")
        list_name = list_name.strip()
        if not _NAME.fullmatch(row["name"]) or not row["label"]:
            self._refuse("survey", number, "A question has a name, of letters, digits and _, and a label.")
            return None
        found = self._find_kind(kind, row)
        if found is None:
            self._refuse("survey", number, f"Questions of the type “{kind}” cannot be asked here.")
            return None
        options = self.options.get(list_name, {}) if found in CHOICE_KINDS else {}
        if found in CHOICE_KINDS and not options and list_name != row["name"]:  # its own may be empty in a draft
            self._refuse("survey", number, f"The sheet “choices” has no list “{list_name}”.")
        for name in ("label", "hint", "self_label"):
            self._check_length("survey", number, row[name], Question, "text")
        if found == QuestionKind.YES_NO and sorted(one.text for one in options.values()) != ["No", "Yes"]:
            self._refuse("survey", number, "A yes or no question has exactly the answers “Yes” and “No”.")
        self.names[row["name"]] = list(options)
        own = list_name == row["name"]  # a list that several questions share is copied for each
        known = self.known.get(row["name"])
        return Box(
            id=known.id if known else next(self.new),
            translations=self._read_translations("survey", number, row, Question, known),
            network_id=self.network.pk,
            text=row["label"],
            text_to_self=row["self_label"],
            help_text=row["hint"],
            kind=found,
            is_required=self._read_flag("survey", number, row["required"], default=False),
            offers_not_sure=self._read_flag("survey", number, row["not_sure"], default=True),
            is_active=self._read_flag("survey", number, row["asked"], default=True),
            choices=tuple(one if own else replace(one, id=next(self.new)) for one in options.values()),
        )

    def _find_kind(self, kind: str, row: dict[str, str]) -> QuestionKind | None:
        match kind:
            case "select_one":
                return QuestionKind.YES_NO if row["kind"] == "yes_no" else QuestionKind.ONE
            case "select_multiple":
                return QuestionKind.SEVERAL
            case "integer":
                return QuestionKind.NUMBER
            case "date":
                return QuestionKind.DATE
            case "text":
                return QuestionKind.TEXT if "multiline" in row["appearance"] else QuestionKind.SHORT
        return None

    def _lead_on(self, number: int, name: str, expression: str, found: dict[str, Box]) -> None:
        """Let the options that a `relevant` names lead to the question."""
        if not expression:
            return
        for part in re.split(r"\s+or\s+", expression):
            named = _SELECTED.fullmatch(part.strip()) or _EQUALS.fullmatch(part.strip())
            source = found.get(named[1]) if named else None
            names = self.names.get(named[1], []) if named else []
            if not named or source is None or named[3] not in names:
                text = "Only answers to other questions, joined by “or”, can be relevant, as in selected(${q1}, 'no')."
                self._refuse("survey", number, text)
                return
            place = names.index(named[3])
            choices = list(source.choices)
            choices[place] = replace(choices[place], reveals=(*choices[place].reveals, found[name].id))
            found[named[1]] = replace(source, choices=tuple(choices))

    def _read_flag(self, sheet: str, row: int, text: str, *, default: bool) -> bool:
        if not text:
            return default
        if text.casefold() not in _YES | _NO:
            self._refuse(sheet, row, f"“{text}” is neither yes nor no.")
        return text.casefold() in _YES

    def _read_translations(
        self, sheet: str, number: int, row: dict[str, str], model: type[TranslatedModel], known: Box | Choice | None
    ) -> Translations:
        """Return what is known with what the row says. Of a language that has no column, what is known stays."""
        given: dict[str, dict[str, str]] = {}
        for head, text in row.items():
            named = _TRANSLATED.fullmatch(head)
            if named and named[2] in self.languages and _FIELDS[named[1]] in model.translated_fields:
                self._check_length(sheet, number, text, model, _FIELDS[named[1]])
                given.setdefault(named[2], {})[_FIELDS[named[1]]] = text
        return merge_translations(known.translations if known else {}, given)

    def _check_length(self, sheet: str, row: int, text: str, model: type[TranslatedModel], name: str) -> None:
        longest = model._meta.get_field(name).max_length
        if len(text) > longest:
            self._refuse(sheet, row, f"A text can have at most {longest} characters.")
