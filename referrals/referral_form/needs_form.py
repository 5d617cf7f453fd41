"""The second step: the flow chart's questions, the list of categories, free text, and what matters about the person."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from referrals.enums import CHOICE_KINDS, QuestionKind
from referrals.matching import Restricting
from referrals.models import Category, Network
from referrals.questions import Box, Evaluation, FlowChart, evaluate
from referrals.referral_form.about_form import AboutForm, demographic_name
from referrals.referral_form.fields import NOT_REMEMBERED, Caution
from referrals.referral_form.signed_state import Typed
from referrals.referral_form.ticks import Checkboxes, Radios, Tick
from referrals.translations import translate_field
from referrals.words_of_danger import tells_of_danger
from referrals.workflow import AnswerGiven

NOT_SURE_IN_ENGLISH = ("unsure", "Something else, or not sure")
NOT_SURE = ("unsure", gettext_lazy("Something else, or not sure"))


def _answer_name(question_id: int) -> str:
    return f"answer_{question_id}"


@dataclass(frozen=True, slots=True)
class Branch:
    """A first-level category with its checkboxes, drawn; the one without a name has the categories without children."""

    name: str
    checkboxes: SafeString


class NeedsForm(AboutForm):
    """Asks only what the answers so far lead to. If sending it adds questions, it is shown again."""

    needs = forms.MultipleChoiceField(
        label=gettext_lazy("What kind of help is needed?"),
        required=False,
        widget=Checkboxes,
        error_messages={"invalid_choice": gettext_lazy("The list has changed. Choose again what is needed.")},
    )
    details = forms.CharField(
        label=gettext_lazy("In your own words"),
        required=False,
        max_length=5000,
        help_text=gettext_lazy(
            "What has happened, what would help, and what an organisation should know before it gets in touch."
        ),
        widget=forms.Textarea(attrs={"rows": 6, **NOT_REMEMBERED}),
    )

    evaluation: Evaluation

    def __init__(
        self,
        *,
        networks: Sequence[Network],
        categories: Sequence[Category],
        untouched: dict[str | None, list[tuple[Network, list[Branch]]]],
        chart: FlowChart,
        asked: AbstractSet[str],
        is_self: bool,
        details_length: int,
        find_restricting: Callable[[AbstractSet[int]], Restricting],
        propose: Callable[..., list[Category]],
        **given: Any,
    ) -> None:
        """`asked` are the fields that the page asked for; `details_length` is how many characters usually suffice.

        `find_restricting` tells, for keys of needs, what some service has to know about the person; `propose` the needs
        that a text speaks of besides the `chosen_need_ids`.
        """
        self.networks = networks
        self.categories = categories
        self.untouched = untouched
        self.chart = chart
        self.asked = asked
        self.is_self = is_self
        self.find_restricting = find_restricting
        self.propose = propose
        self.details_length = details_length
        super().__init__(**given)

    def add_fields(self, given: Typed) -> None:
        super().add_fields(given)
        chart = self.chart
        chosen = {
            box.id: {choice.id for choice in box.choices if str(choice.id) in given.get(_answer_name(box.id), ())}
            for box in chart.boxes
        }
        self.evaluation = evaluate(chart, chosen)
        offered = {str(category.pk): category for category in self.categories if not category.retired_at}
        self.ticked = frozenset(offered[key].pk for key in given.get("needs", ()) if key in offered)
        fields = {
            _answer_name(box_id): self._answer_field(box)
            for box_id in self.evaluation.shown
            if (box := chart.box(box_id))
        }
        self.fields = fields | self.fields
        self.fields["needs"].choices = [(key, translate_field(category, "name")) for key, category in offered.items()]

    def _answer_field(self, box: Box) -> forms.Field:
        # A question that has only just appeared cannot have been answered, and ticking needs in the list is enough.
        required = box.is_required and not self.ticked and (not self.is_bound or _answer_name(box.id) in self.asked)
        text = translate_field(box, *self._texts_of_question)
        options = {"label": text, "help_text": translate_field(box, "help_text"), "required": required}
        options["error_messages"] = {
            "required": _("Please answer: %(question)s") % {"question": text},
            "invalid_choice": _("Choose again."),
        }
        if box.kind not in CHOICE_KINDS:
            return _typed_field(box.kind, options)
        options["choices"] = _translated_choices(box)
        if box.kind == QuestionKind.SEVERAL:
            return forms.MultipleChoiceField(widget=Checkboxes, **options)
        return forms.ChoiceField(widget=Radios, **options)

    @cached_property
    def question_fields(self) -> list[BoundField]:
        return [self[_answer_name(box_id)] for box_id in self.evaluation.shown]

    @cached_property
    def need_ids(self) -> frozenset[int]:
        """The needs from answers and checkboxes together."""
        known = {category.pk for category in self.categories}
        return self.ticked | (self.chart.narrow(self.evaluation.needs, also=self.ticked) & known)

    @cached_property
    def decisive(self) -> AbstractSet[str]:
        found = self.find_restricting(self.need_ids)
        required = {demographic.pk for demographic in self.demographics if demographic.is_required}
        return {demographic_name(key) for key in found.demographic_ids | required} | (
            {"age"} if found.asks_age else set()
        )

    @cached_property
    def urgent_fields(self) -> set[str]:
        """The names of the questions of which an urgent answer is chosen."""
        urgent = {
            _answer_name(box.id): {str(choice.id) for choice in box.choices if choice.is_urgent}
            for box in self.chart.boxes
        }
        given = {field.name: field.value() or [] for field in self.question_fields}
        return {
            name
            for name, value in given.items()
            if not urgent[name].isdisjoint(value if isinstance(value, list) else [value])
        }

    @cached_property
    def is_in_danger(self) -> bool:
        return tells_of_danger(*self._texts())

    @cached_property
    def cannot_wait(self) -> bool:
        """Whether the page shows first whom to ring: an answer is urgent, or the text tells of danger."""
        return self.evaluation.is_urgent or self.is_in_danger

    @cached_property
    def proposed(self) -> list[Category]:
        """What the words speak of and nobody has ticked: to be asked, never added by itself."""
        return self.propose("\n".join(self._texts()), chosen_need_ids=self.need_ids)

    def _texts(self) -> list[str]:
        return [self[name].value() or "" for name, field in self.fields.items() if isinstance(field, forms.CharField)]

    @cached_property
    def on_page(self) -> set[str]:
        """The names of the fields that the page asks for: questions, and what decides about services."""
        return {field.name for field in self.question_fields} | self.decisive

    @cached_property
    def new_fields(self) -> list[BoundField]:
        """What the page asks for that the page before did not."""
        names = [field.name for field in self.question_fields] + (["age"] if self.asks_age else [])
        names += [field.name for field in self.decisive_fields]
        return [self[name] for name in names if name not in self.asked]

    @property
    def asks_more(self) -> bool:
        return bool(self.new_fields)

    @cached_property
    def category_branches(self) -> list[tuple[Network, list[Branch]]]:
        if self["needs"].value():
            return self._draw_branches()
        language = get_language()
        if language not in self.untouched:
            self.untouched[language] = self._draw_branches()
        return self.untouched[language]

    def _draw_branches(self) -> list[tuple[Network, list[Branch]]]:
        field = self["needs"]
        ticks = {tick.value: tick for tick in field.field.widget.list_ticks(field.value(), field.auto_id)}
        return [
            (
                network,
                [
                    Branch(name, field.field.widget.draw_ticks(field.html_name, of_branch))
                    for name, of_branch in _branches(network, self.categories, ticks)
                ],
            )
            for network in self.networks
        ]

    @property
    def is_list_open(self) -> bool:
        """Open without questions, once something is ticked, or on an error."""
        return not self.evaluation.shown or bool(self["needs"].value()) or (self.is_bound and "needs" in self.errors)

    @property
    def needs_from_answers(self) -> list[Category]:
        return [category for category in self.categories if category.pk in self.evaluation.needs]

    def clean(self) -> None:
        super().clean()
        if "needs" in self.errors or any(_answer_name(key) not in self.asked for key in self.evaluation.shown):
            return
        asked = {category.network_id for category in self.categories if category.pk in self.need_ids}
        __, *linked = self.networks  # the form's own network is there in any case
        if not asked and not any(name in self.errors for name in self.on_page):
            self.add_error("needs", _("Choose at least one kind of help, above or from the list."))
        if not asked:
            return
        for network in linked:
            if network.pk not in asked:
                words = _("Choose at least one kind of help for %(network)s too.") % {"network": network.name}
                self.add_error("needs", words)

    def find_cautions(self) -> list[Caution]:
        cautions = super().find_cautions()
        length, wanted = len(self.cleaned_data["details"]), self.details_length
        if length < wanted and not self.cannot_wait:  # nobody in danger is asked for more words
            more, first = _("Can you say a little more?"), _("Can you say in a sentence or two what has happened?")
            why = _("The more an organisation knows, the sooner it can say yes.")
            text = f"{more if length else first} {why}"
            cautions.append(Caution("details", "details", text))
        return [*self._find_unanswered_cautions(), *cautions]

    def _find_unanswered_cautions(self) -> list[Caution]:
        """Questions about danger that were left open: bailiffs who come on Friday are not found by their absence."""
        boxes = [box for key in self.evaluation.shown if (box := self.chart.box(key))]
        return [
            Caution(
                f"open:{box.id}", name, _("You have not answered: %(question)s") % {"question": self.fields[name].label}
            )
            for box in boxes
            if any(choice.is_urgent for choice in box.choices)
            and not self.cleaned_data[name := _answer_name(box.id)]
            and name in self.asked
        ]

    @property
    def _texts_of_question(self) -> tuple[str, ...]:
        return ("text_to_self", "text") if self.is_self else ("text",)

    def answers_in_words(self) -> list[tuple[str, str]]:
        """Return question and answer as the page has them; `answers` has them as organisations read them."""
        in_words = []
        for answer in self.answers():
            name, text = _answer_name(answer.question_id), answer.text
            field, given = self.fields[name], self.cleaned_data[name]
            if isinstance(field, forms.ChoiceField):
                keys = given if isinstance(given, list) else [given]
                text = ", ".join(str(words) for key, words in field.choices if key in keys)
            in_words.append((field.label, text))
        return in_words

    def answers(self) -> tuple[AnswerGiven, ...]:
        """Return the answers in English, whatever the language of the page."""
        given = []
        for box_id in self.evaluation.shown:
            box, value = self.chart.box(box_id), self.cleaned_data[_answer_name(box_id)]
            if box is None or value in ("", None, []):
                continue
            keys: list[str] = []
            if box.kind in CHOICE_KINDS:
                keys = value if isinstance(value, list) else [value]
                value = ", ".join(text for key, text in _choices(box) if key in keys)
            given.append(
                AnswerGiven(
                    question_id=box.id,
                    question_text=(self.is_self and box.text_to_self) or box.text,
                    text=date_format(value, "j F Y") if isinstance(value, date) else str(value),
                    option_ids=[choice.id for choice in box.choices if str(choice.id) in keys],
                    network_id=box.network_id,
                )
            )
        return tuple(given)


def _typed_field(kind: str, options: dict[str, Any]) -> forms.Field:
    messages = options.pop("error_messages")
    match kind:
        case QuestionKind.NUMBER:
            widget = forms.TextInput(attrs={"inputmode": "numeric", "maxlength": "9", **NOT_REMEMBERED})
            text = _("%(question)s: write a whole number, such as 3.") % {"question": options["label"]}
            wrong = dict.fromkeys(("invalid", "min_value"), text)
            return forms.IntegerField(min_value=0, widget=widget, error_messages=messages | wrong, **options)
        case QuestionKind.DATE:
            widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", **NOT_REMEMBERED})
            wrong = {"invalid": _("%(question)s: write a date, such as 31/5/2026.") % {"question": options["label"]}}
            return forms.DateField(widget=widget, error_messages=messages | wrong, **options)
        case QuestionKind.SHORT:
            widget = forms.TextInput(attrs=NOT_REMEMBERED)
            return forms.CharField(max_length=200, widget=widget, error_messages=messages, **options)
    widget = forms.Textarea(attrs={"rows": 2, **NOT_REMEMBERED})
    return forms.CharField(max_length=1000, widget=widget, error_messages=messages, **options)


def _choices(box: Box) -> list[tuple[str, str]]:
    choices = [(str(choice.id), choice.text) for choice in box.choices]
    return [*choices, NOT_SURE_IN_ENGLISH] if box.offers_not_sure else choices


def _translated_choices(box: Box) -> list[tuple[str, str]]:
    own = {"Yes": _("Yes"), "No": _("No")} if box.kind == QuestionKind.YES_NO else {}
    choices = [(str(one.id), own.get(one.text) or translate_field(one, "text")) for one in box.choices]
    return [*choices, NOT_SURE] if box.offers_not_sure else choices


def _branches(
    network: Network, categories: Iterable[Category], ticks: Mapping[str, Tick]
) -> Iterator[tuple[str, list[Tick]]]:
    """Lay out one network's category tree, as the name of each branch and its checkboxes.

    A parent's own checkbox comes last in its branch, as "something else"; categories without children come last of all.
    What is retired has no checkbox.
    """
    own = sorted((row for row in categories if row.network_id == network.pk), key=lambda row: row.tree_ordering)
    without_children = []
    for root in own:
        if root.tree_depth:
            continue
        below = [category for category in own if category.tree_path[0] == root.pk and category != root]
        tick = ticks.get(str(root.pk))
        if not below:
            without_children += [tick] if tick else []
            continue
        offered = [ticks[str(child.pk)] for child in below if str(child.pk) in ticks]
        if tick:
            offered.append(tick._replace(label=_("Something else of this kind")))
        if offered:
            yield translate_field(root, "name"), offered
    if without_children:
        yield "", without_children
