"""What counts when organisations are ranked: a word for each factor or, if it has to be, a number."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django import forms
from django.forms import BoundField
from django.utils.text import capfirst

from backoffice.suggestions.wording import describe_changes, weight_in_words
from referrals.enums import Importance
from referrals.models import Network
from referrals.models.networks import DEFAULT_WEIGHTS, WEIGHT_AT_MOST

CHANGED_MEANWHILE = (
    "Since you opened this page, {}. What you chose here is not saved yet. If you save again, it replaces that."
)


@dataclass(frozen=True, slots=True)
class Factor:
    word: BoundField
    number: BoundField


class WeightsForm(forms.Form):
    """For each weight a word and, under its name with `_number`, a number, which counts instead if there is one.

    `weights`: what the form proposes; by default those of the network. Of weights without a word, the network's own
    can be chosen like a word, so that saving the form as it is changes nothing.
    """

    version = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, data: Mapping | None = None, *, network: Network, weights: Mapping[str, int] | None = None
    ) -> None:
        super().__init__(data, initial={**(weights or network.weights), "version": version_of(network)})
        for name in DEFAULT_WEIGHTS:
            field = Network._meta.get_field(name)
            label = capfirst(field.verbose_name)
            self.fields[name] = _weight_field(label=label, help_text=field.help_text, widget=forms.RadioSelect)
            self.fields[_number(name)] = _weight_field(label=f"{label}, as a number")
            offered = {*Importance.values, getattr(network, name), _as_weight(self[name].value())} - {None}
            self.fields[name].widget.choices = [
                (weight, weight_in_words(weight))
                for weight in sorted(offered, key=lambda weight: (weight not in Importance.values, -weight))
            ]

    def clean(self) -> dict:
        for name in DEFAULT_WEIGHTS:
            number = self.cleaned_data.get(_number(name))
            if number is not None:
                self.cleaned_data[name] = number
            elif self.cleaned_data.get(name) is None and not {name, _number(name)} & self.errors.keys():
                self.add_error(name, "Choose how much it matters.")
        return self.cleaned_data

    @property
    def weights(self) -> dict[str, int]:
        return {name: self.cleaned_data[name] for name in DEFAULT_WEIGHTS}

    @property
    def factors(self) -> Iterator[Factor]:
        return (Factor(self[name], self[_number(name)]) for name in DEFAULT_WEIGHTS)

    @property
    def problems(self) -> list[tuple[str, str]]:
        """Return (label, what is wrong) of each field, for where the form itself is not shown."""
        return [(field.label, message) for field in self for message in field.errors]

    def refuse_older_version(self, network: Network) -> None:
        """Warn the second of two people who choose at once. If they save again, they replace what the first chose."""
        shown, current = _read_version(self.cleaned_data["version"]), network.weights
        if shown and shown != current:
            self.data = self.data.copy()
            self.data["version"] = version_of(network)
            self.add_error(None, CHANGED_MEANWHILE.format(describe_changes(shown, current)))


def _weight_field(**options: object) -> forms.IntegerField:
    wrong = dict.fromkeys(("invalid", "min_value", "max_value"), f"Write a whole number from 0 to {WEIGHT_AT_MOST:,}.")
    return forms.IntegerField(required=False, min_value=0, max_value=WEIGHT_AT_MOST, error_messages=wrong, **options)


def version_of(network: Network) -> str:
    return "-".join(map(str, network.weights.values()))


def _read_version(text: str) -> dict[str, int]:
    """Return the weights that a form showed; empty if it is none of ours."""
    weights = [weight for part in text.split("-") if (weight := _as_weight(part)) is not None]
    return dict(zip(DEFAULT_WEIGHTS, weights, strict=True)) if len(weights) == len(DEFAULT_WEIGHTS) else {}


def _number(name: str) -> str:
    return f"{name}_number"


def _as_weight(value: object) -> int | None:
    """Return what can be chosen; None of anything else that is sent."""
    text = str(value)
    is_weight = text.isascii() and text.isdecimal() and len(text) <= len(str(WEIGHT_AT_MOST))
    return int(text) if is_weight and int(text) <= WEIGHT_AT_MOST else None
