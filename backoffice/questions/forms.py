"""One question of the draft with its answers, as it is edited on the screen of the questions."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from django import forms
from django.forms import BaseFormSet, BoundField, formset_factory

from referrals.enums import CHOICE_KINDS, QuestionKind
from referrals.models import Category, Question, QuestionOption
from referrals.questions import Box, Choice, FlowChart, find_reached
from referrals.questions.draft import FIELDS
from referrals.questions.editing import MOST_OPTIONS
from referrals.translations import Translations, merge_translations

BLANK_LINES = 2
YES_NO = ("Yes", "No")
_NEW_LENGTH = Question._meta.get_field("text").max_length

Languages = Sequence[tuple[str, str]]


class TranslatedForm(forms.Form):
    """Has a field for each text in each language: "text_pl" for "text"."""

    model: type[Question | QuestionOption]

    def __init__(self, *args: object, languages: Languages, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.languages = languages
        for code, _ in languages:
            for name, length in self.model.translation_lengths().items():
                widget = forms.TextInput(attrs={"lang": code})
                self.fields[f"{name}_{code}"] = forms.CharField(required=False, max_length=length, widget=widget)

    @classmethod
    def initial_translations(cls, translations: Translations) -> dict[str, str]:
        return {f"{name}_{code}": text for code, texts in translations.items() for name, text in texts.items()}

    def merge_into(self, old: Translations) -> Translations:
        """Return `old` with what was typed. A field that was not on the page changes nothing."""
        given: dict[str, dict[str, str]] = {code: {} for code, _ in self.languages}
        for code, texts in given.items():
            for name in self.model.translated_fields:
                if self.add_prefix(f"{name}_{code}") in self.data:
                    texts[name] = self.cleaned_data[f"{name}_{code}"]
        return merge_translations(old, given)


@dataclass(frozen=True, slots=True)
class TextInput:
    """One text in another language. `label` says which; `english` is what it translates."""

    field: BoundField
    label: str
    english: str

    @property
    def is_missing(self) -> bool:
        return bool(self.english) and not self.field.value()


@dataclass(frozen=True, slots=True)
class LanguageFold:
    language: str
    inputs: list[TextInput]

    @property
    def missing(self) -> int:
        return sum(one.is_missing for one in self.inputs)

    @property
    def has_errors(self) -> bool:
        return any(one.field.errors for one in self.inputs)


class QuestionForm(TranslatedForm, forms.ModelForm):
    model = Question
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Question
        fields = FIELDS
        labels = {"text": "Question", "kind": "Answered by"}
        widgets = {
            "text": forms.TextInput,
            "text_to_self": forms.TextInput,
            "help_text": forms.TextInput,
            "kind": forms.Select,
        }


class OptionForm(TranslatedForm):
    """A line without words is no answer."""

    model = QuestionOption

    key = forms.IntegerField(widget=forms.HiddenInput, required=False)
    text = forms.CharField(label="Answer", required=False, max_length=QuestionOption._meta.get_field("text").max_length)
    reveals = forms.MultipleChoiceField(
        label="Leads to", required=False, widget=forms.CheckboxSelectMultiple, choices=()
    )
    follow_up = forms.CharField(label="Leads to a new question", required=False, max_length=_NEW_LENGTH)
    needs = forms.MultipleChoiceField(
        label="Adds the needs", required=False, widget=forms.CheckboxSelectMultiple, choices=()
    )
    is_urgent = forms.BooleanField(label="Urgent", required=False)

    def __init__(
        self,
        *args: object,
        questions: Sequence[tuple[str, str]],
        categories: Sequence[tuple[str, str]],
        **kwargs: object,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reveals"].choices = questions
        self.fields["needs"].choices = categories

    @property
    def ticked(self) -> list[str]:
        """What stands beside the folded lists: how much is ticked in each."""
        return [f"{len(value)} chosen" if (value := self[name].value()) else "none" for name in ("reveals", "needs")]


class BaseOptions(BaseFormSet):
    def add_fields(self, form: forms.Form, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["ORDER"].label = "Place"
        form.fields["DELETE"].label = "Delete"


OptionFormSet = formset_factory(OptionForm, BaseOptions, extra=0, can_order=True, can_delete=True, max_num=MOST_OPTIONS)


class QuestionEditor:
    """The two forms of one question. `old` is the question as it is stored, None for a new one."""

    def __init__(
        self,
        *,
        boxes: Sequence[Box],
        categories: Sequence[Category],
        network_id: int,
        languages: Languages,
        old: Box | None,
        data: Mapping | None = None,
        blank_lines: int = BLANK_LINES,
    ) -> None:
        self.boxes, self.old, self.network_id, self.languages = boxes, old, network_id, languages
        box = old or Box(id=0)
        used = {need for choice in box.choices for need in choice.needs}
        stored = {name: getattr(box, name) for name in FIELDS}
        self.form = QuestionForm(
            data,
            initial={**stored, **QuestionForm.initial_translations(box.translations), "seen": self._seen},
            prefix="question",
            languages=languages,
        )
        initial = [
            {
                "key": choice.id,
                "text": choice.text,
                **OptionForm.initial_translations(choice.translations),
                "reveals": list(map(str, choice.reveals)),
                "needs": list(map(str, choice.needs)),
                "is_urgent": choice.is_urgent,
            }
            for choice in box.choices
        ]
        self.options = OptionFormSet(
            data,
            initial=initial,
            prefix="options",
            form_kwargs={
                "languages": languages,
                "questions": self._possible_follow_ups(),
                "categories": [
                    (str(one.pk), "\u2003" * one.tree_depth + one.name)
                    for one in categories
                    if not one.retired_at or one.pk in used
                ],
            },
        )
        self.options.extra = blank_lines

    @property
    def _seen(self) -> str:
        """What travels with the form: how an old question was, or the newest key when a new one was begun."""
        return digest_of(self.old) if self.old else str(max((box.id for box in self.boxes), default=0))

    @property
    def newest_seen(self) -> int | None:
        typed = self.form.cleaned_data["seen"]
        return int(typed) if self.old is None and typed.isdecimal() and len(typed) < 19 else None

    def _possible_follow_ups(self) -> list[tuple[str, str]]:
        """All questions but this one and those that lead to it."""
        chart = FlowChart(tuple(self.boxes))
        key = self.old.id if self.old else 0
        return [
            (str(box.id), box.text) for box in self.boxes if box.id != key and key not in find_reached(chart, [box.id])
        ]

    @property
    def folds(self) -> list[LanguageFold]:
        """The texts of the question in each other language. "Yes" and "No" are words of ours."""
        form = self.form
        lines = [] if form["kind"].value() == QuestionKind.YES_NO else list(enumerate(self.options, start=1))
        return [
            LanguageFold(
                language,
                [
                    *(
                        TextInput(form[f"{name}_{code}"], form[name].label, form[name].value() or "")
                        for name in Question.translated_fields
                    ),
                    *(
                        TextInput(line[f"text_{code}"], f"Answer {number}", line["text"].value() or "")
                        for number, line in lines
                    ),
                ],
            )
            for code, language in self.languages
        ]

    def is_valid(self) -> bool:
        if not (self.form.is_valid() & self.options.is_valid()):
            return False
        if self.old and self.form.cleaned_data["seen"] != digest_of(self.old):
            self.form.data = self.form.data.copy()
            self.form.data["question-seen"] = digest_of(self.old)
            self.form.add_error(
                None,
                "Somebody has changed this question since you opened it. What you see here is yours: if you save "
                "again, it replaces theirs.",
            )
        kind, texts = self.form.cleaned_data["kind"], [choice.text for choice, _ in self._lines]
        if len(set(texts)) < len(texts):
            self.form.add_error(None, "Two answers have the same words.")
        if len(texts) > MOST_OPTIONS:
            self.form.add_error(None, f"A question can have at most {MOST_OPTIONS} answers.")
        if kind == QuestionKind.YES_NO and texts and sorted(texts) != sorted(YES_NO):
            self.form.add_error("kind", "A yes or no question has exactly the answers “Yes” and “No”.")
        if kind not in CHOICE_KINDS and texts:
            self.form.add_error("kind", "What is typed has no answers to choose from: delete them, or choose another.")
        return self.form.is_valid()

    @cached_property
    def _lines(self) -> list[tuple[Choice, str]]:
        """The answers that are to be stored, in order, each with the text of a new question that it leads to."""
        ordered = sorted(
            (line for line in self.options.forms if line.cleaned_data.get("text") and not line.cleaned_data["DELETE"]),
            key=lambda line: (line.cleaned_data["ORDER"] is None, line.cleaned_data["ORDER"] or 0),
        )
        own = {choice.id: choice.translations for choice in self.old.choices} if self.old else {}
        return [
            (
                Choice(
                    id=given["key"] or 0,
                    text=given["text"],
                    translations=line.merge_into(own.get(given["key"], {})),
                    reveals=tuple(map(int, given["reveals"])),
                    needs=frozenset(map(int, given["needs"])),
                    is_urgent=given["is_urgent"],
                ),
                given["follow_up"],
            )
            for line, given in ((line, line.cleaned_data) for line in ordered)
        ]

    @property
    def box(self) -> Box:
        given = self.form.cleaned_data
        choices = tuple(choice for choice, _ in self._lines)
        if given["kind"] == QuestionKind.YES_NO and not choices:
            choices = tuple(Choice(id=0, text=text) for text in YES_NO)
        box = self.old or Box(id=0, network_id=self.network_id)
        return replace(
            box,
            **{name: given[name] for name in FIELDS},
            translations=self.form.merge_into(box.translations),
            choices=choices,
        )

    @property
    def follow_ups(self) -> list[tuple[int, str]]:
        return [(place, text) for place, (_, text) in enumerate(self._lines) if text]


def digest_of(box: Box) -> str:
    """Something short that is different once the question was changed."""
    return hashlib.sha256(repr(_sorted(box)).encode()).hexdigest()[:16]


def _sorted(box: Box) -> tuple:
    return (replace(box, choices=()), [(replace(one, needs=frozenset()), sorted(one.needs)) for one in box.choices])
