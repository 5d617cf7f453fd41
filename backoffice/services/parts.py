"""The five parts of the service form, and what of each is still missing."""

from dataclasses import dataclass, field

from django.forms import BaseFormSet

from backoffice.services.forms import ServiceForm
from backoffice.services.restrictions import PREFIX
from referrals.services.fields import FIELD_GROUPS, FieldGroup


@dataclass(frozen=True, slots=True)
class FormPart:
    """A part of the form, with the fields of its group.

    extra_names: fields of the form that the model does not have. formsets: attributes of the form.
    wanted: by field, the words after "Missing:" when it is empty.
    """

    group: FieldGroup
    extra_names: tuple[str, ...] = ()
    formsets: tuple[str, ...] = ()
    wanted: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return self.group.key

    @property
    def title(self) -> str:
        return self.group.title

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.group.model_fields, *self.extra_names)

    @property
    def template(self) -> str:
        return f"backoffice/services/{self.key}.html"


_EXTRA_NAMES = {"public": ("picture_choice",), "restrictions": ("age_from", "age_to")}
_FORMSETS = {"opening": ("hours", "exceptions")}
_WANTED = {
    "details": {"activity": "a name", "categories": "what it helps with"},
    "opening": {"hours": "when it is open"},
    "capacity": {"capacity": "for how many people"},
    "public": {
        "summary": "a summary",
        "contact": "how to reach you",
        "pathways": "how to be referred",
        "cost": "what it costs",
    },
}

PARTS = tuple(
    FormPart(group, _EXTRA_NAMES.get(group.key, ()), _FORMSETS.get(group.key, ()), _WANTED.get(group.key, {}))
    for group in FIELD_GROUPS
)


@dataclass(frozen=True, slots=True)
class PartTab:
    part: FormPart
    number: int
    problems: int
    missing: str
    next_part: FormPart | None

    @property
    def state(self) -> str:
        if self.problems:
            return f"{self.problems} to correct"
        return f"Missing: {self.missing}" if self.missing else "Complete"

    @property
    def tone(self) -> str:
        return "urgent" if self.problems else "wait" if self.missing else "good"


def list_tabs(form: ServiceForm) -> list[PartTab]:
    next_parts = [*PARTS[1:], None]
    tabs = []
    for number, (part, next_part) in enumerate(zip(PARTS, next_parts, strict=True), start=1):
        missing = " and ".join(words for name, words in part.wanted.items() if not _is_filled_in(form, name))
        tabs.append(PartTab(part, number, _count_problems(form, part), missing, next_part))
    return tabs


LINES = {"hours": "Opening days", "exceptions": "Days that are different"}


def list_problems(form: ServiceForm) -> list[tuple[str, str, str]]:
    """Return (id of the field, its label, what is wrong) of each, for the list at the top of the page."""
    found = []
    for name, errors in form.errors.items():
        bound = form[name] if name in form.fields else None
        found += [(bound.auto_id if bound else "", bound.label if bound else "", error) for error in errors]
    for name in ("hours", "exceptions"):
        found += _formset_problems(getattr(form, name))
    return found


def _formset_problems(formset: BaseFormSet) -> list[tuple[str, str, str]]:
    if not formset.is_bound:
        return []
    found = [(f"{formset.prefix}-lines", LINES[formset.prefix], error) for error in formset.non_form_errors()]
    for number, line in enumerate(formset.forms, start=1):
        for name, errors in line.errors.items():
            found += [(line[name].auto_id, f"{LINES[formset.prefix]}, line {number}", error) for error in errors]
    return found


def _count_problems(form: ServiceForm, part: FormPart) -> int:
    names = [name for name in form.errors if name in part.names or (part.key == "restrictions" and PREFIX in name)]
    formsets = [getattr(form, name) for name in part.formsets]
    return len(names) + sum(len(_formset_problems(formset)) for formset in formsets)


def _is_filled_in(form: ServiceForm, name: str) -> bool:
    if name == "hours":
        return bool(_value(form, "by_appointment")) or any(line["days"].value() for line in form.hours.forms)
    if name == "contact":
        return any(_value(form, way) for way in ("phone", "email", "website"))
    return bool(_value(form, name))


def _value(form: ServiceForm, name: str) -> object:
    value = form[name].value() if name in form.fields else None
    return None if value in ("0", "False") else value  # a posted 0, or a box that is not ticked, is text
