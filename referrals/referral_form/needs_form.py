"""The needs step: the flow chart's questions, the list of categories, and free text."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django import forms
from django.forms.boundfield import BoundField, BoundWidget

from referrals.enums import QuestionKind
from referrals.models import Category, Network
from referrals.questions import Box, Evaluation, FlowChart, evaluate
from referrals.referral_form.fields import NOT_REMEMBERED, Caution, StepForm
from referrals.referral_form.signed_state import Typed
from referrals.words_of_danger import tells_of_danger
from referrals.workflow import AnswerGiven

NO_ANSWER = ("", "No answer")


def _answer_name(question_id: int) -> str:
    return f"answer_{question_id}"


@dataclass(slots=True)
class Branch:
    """A first-level category with its checkboxes; the one without a name holds the categories without children."""

    name: str
    checkboxes: list[BoundWidget] = field(default_factory=list)


class NeedsForm(StepForm):
    """Asks only the questions that the answers so far lead to. If sending it adds questions, it is shown again."""

    needs = forms.MultipleChoiceField(
        label="What kind of help is needed?",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "The list has changed. Choose again what is needed."},
    )
    details = forms.CharField(
        label="In your own words",
        required=False,
        max_length=5000,
        help_text="What has happened, what would help, and what an organisation should know before it gets in touch.",
        widget=forms.Textarea(attrs={"rows": 6, **NOT_REMEMBERED}),
    )

    evaluation: Evaluation

    def __init__(
        self,
        *,
        networks: Sequence[Network],
        categories: Sequence[Category],
        chart: FlowChart,
        asked: AbstractSet[int],
        details_length: int,
        **given: Any,
    ) -> None:
        """`asked` are the questions that were on the page; `details_length` is how many characters usually suffice."""
        self.networks = networks
        self.categories = categories
        self.chart = chart
        self.asked = asked
        self.details_length = details_length
        super().__init__(**given)

    def add_fields(self, given: Typed) -> None:
        chart = self.chart
        chosen = {
            box.id: {choice.id for choice in box.choices if str(choice.id) in given.get(_answer_name(box.id), ())}
            for box in chart.boxes
        }
        self.evaluation = evaluate(chart, chosen)
        has_needs = bool(given.get("needs"))
        fields = {
            _answer_name(box_id): self._answer_field(box, has_needs=has_needs)
            for box_id in self.evaluation.shown
            if (box := chart.box(box_id))
        }
        self.fields = fields | self.fields
        self.fields["needs"].choices = [
            (str(category.pk), category.name) for category in self.categories if not category.retired_at
        ]

    def _answer_field(self, box: Box, *, has_needs: bool) -> forms.Field:
        # A question that has only just appeared cannot have been answered, and ticking needs in the list is enough.
        required = box.is_required and not has_needs and (not self.is_bound or box.id in self.asked)
        options = {"label": box.text, "help_text": box.help_text, "required": required}
        options["error_messages"] = {"required": f"Please answer: {box.text}", "invalid_choice": "Choose again."}
        choices = [(str(choice.id), choice.text) for choice in box.choices]
        if box.kind == QuestionKind.TEXT:
            return forms.CharField(
                max_length=1000, widget=forms.Textarea(attrs={"rows": 2, **NOT_REMEMBERED}), **options
            )
        if box.kind == QuestionKind.SEVERAL:
            return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **options)
        unanswered = [] if box.is_required else [NO_ANSWER]
        return forms.ChoiceField(choices=choices + unanswered, widget=forms.RadioSelect, initial="", **options)

    @property
    def question_fields(self) -> list[BoundField]:
        return [self[_answer_name(box_id)] for box_id in self.evaluation.shown]

    @cached_property
    def cannot_wait(self) -> bool:
        """Whether the page shows first whom to ring: an answer is urgent, or the text tells of danger."""
        texts = [self[name].value() or "" for name, field in self.fields.items() if isinstance(field, forms.CharField)]
        return self.evaluation.is_urgent or any(map(tells_of_danger, texts))

    @property
    def new_questions(self) -> list[BoundField]:
        return [self[_answer_name(box_id)] for box_id in self.evaluation.shown if box_id not in self.asked]

    @property
    def asks_more(self) -> bool:
        return bool(self.new_questions)

    @property
    def category_branches(self) -> list[tuple[Network, list[Branch]]]:
        checkboxes = {widget.data["value"]: widget for widget in self["needs"].subwidgets}
        return [(network, _branches(network, self.categories, checkboxes)) for network in self.networks]

    @property
    def is_list_open(self) -> bool:
        """Open without questions, once something is ticked, or on an error."""
        return not self.evaluation.shown or bool(self["needs"].value()) or (self.is_bound and "needs" in self.errors)

    @property
    def need_ids(self) -> frozenset[int]:
        """The needs from answers and checkboxes together. Only for a valid form."""
        known = {category.pk for category in self.categories}
        return frozenset(map(int, self.cleaned_data["needs"])) | (self.evaluation.needs & known)

    @property
    def needs_from_answers(self) -> list[Category]:
        return [category for category in self.categories if category.pk in self.evaluation.needs]

    def clean(self) -> None:
        if "needs" in self.errors or self.asks_more:
            return
        asked = {category.network_id for category in self.categories if category.pk in self.need_ids}
        for network in self.networks:
            if network.pk not in asked:
                whom = f" for {network.name}" if len(self.networks) > 1 else ""
                self.add_error("needs", f"Choose at least one kind of help{whom} from the list.")

    def find_cautions(self) -> list[Caution]:
        length, wanted = len(self.cleaned_data["details"]), self.details_length
        if length >= wanted or self.cannot_wait:  # nobody in danger is asked for more words
            return []
        amount = f"You have written {length} of" if length else "You have written nothing yet of"
        return [
            Caution(
                "details",
                "details",
                f"{amount} the {wanted} characters that usually tell enough. The more an organisation knows, the "
                "sooner it can say yes.",
            )
        ]

    def answers(self) -> tuple[AnswerGiven, ...]:
        given = []
        for box_id in self.evaluation.shown:
            box, value = self.chart.box(box_id), self.cleaned_data[_answer_name(box_id)]
            if box is None or not value:
                continue
            if box.kind != QuestionKind.TEXT:
                value = ", ".join(choice.text for choice in box.choices if str(choice.id) in value)
            given.append(AnswerGiven(question_id=box.id, question_text=box.text, text=value))
        return tuple(given)


def _branches(network: Network, categories: Iterable[Category], checkboxes: dict[str, BoundWidget]) -> list[Branch]:
    """Lay out one network's category tree.

    A parent's own checkbox comes last in its branch, as "something else"; categories without children come last of all.
    What is retired has no checkbox.
    """
    own = sorted((row for row in categories if row.network_id == network.pk), key=lambda row: row.tree_ordering)
    without_children = Branch("")
    branches = []
    for root in own:
        if root.tree_depth:
            continue
        below = [category for category in own if category.tree_path[0] == root.pk and category != root]
        own_checkbox = [checkboxes[str(root.pk)]] if str(root.pk) in checkboxes else []
        if not below:
            without_children.checkboxes += own_checkbox
            continue
        for checkbox in own_checkbox:
            checkbox.data["label"] = "Something else of this kind"
        offered = [checkboxes[str(child.pk)] for child in below if str(child.pk) in checkboxes]
        branches.append(Branch(root.name, offered + own_checkbox))
    return [branch for branch in [*branches, without_children] if branch.checkboxes]
