"""What is asked about the person once the needs are known: age, household, demographics."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from functools import cached_property
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils import timezone
from django.utils.dates import MONTHS as MONTHS_IN_WORDS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from referrals.models import Demographic
from referrals.models.people import age_between
from referrals.referral_form.fields import NOT_REMEMBERED, Caution, StepForm
from referrals.referral_form.input_fields import number_field, text_field
from referrals.referral_form.signed_state import Typed
from referrals.referral_form.ticks import Checkboxes, Radios
from referrals.translations import translate_field
from referrals.user_input.ages import AgeField
from referrals.user_input.dates import is_possible_birthday

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
LONG_LIST = 8  # answers; a longer list is shown as a drop-down
UNSAID = "unsaid"  # "Prefer not to say": an answer on the page, none in the record
BORN = ("born_day", "born_month", "born_year")


class AboutForm(StepForm):
    """Fields that some services, or the network, need to know are asked at once, the others behind "Tell more"."""

    born_day = text_field(pgettext_lazy("of a date", "Day"), length=2, inputmode="numeric", **NOT_REMEMBERED)
    born_month = text_field(pgettext_lazy("of a date", "Month"), length=9, **NOT_REMEMBERED)
    born_year = text_field(pgettext_lazy("of a date", "Year"), length=4, inputmode="numeric", **NOT_REMEMBERED)
    age = AgeField(
        label=gettext_lazy("Age"),
        help_text=gettext_lazy("A baby's in months: 8 months."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"max_length": gettext_lazy("Write the age in years, or a baby's in months, such as 8 months.")},
    )
    adults = number_field(gettext_lazy("Adults"), highest=30)
    children = number_field(gettext_lazy("Children under 18"), highest=30)

    def __init__(self, *, demographics: Sequence[Demographic], **given: Any) -> None:
        self.demographics = demographics
        super().__init__(**given)

    def add_fields(self, given: Typed) -> None:
        for part in BORN:
            self.fields[part].widget.attrs["aria-describedby"] = "id_born_helptext id_born_error"
        for demographic in self.demographics:
            self.fields[demographic_name(demographic.pk)] = _demographic_field(demographic)

    @property
    def decisive(self) -> AbstractSet[str]:
        """Hook: the names of the fields to ask at once. "age" stands for the date of birth too."""
        return frozenset()

    @property
    def asks_age(self) -> bool:
        return "age" in self.decisive

    @cached_property
    def decisive_fields(self) -> list[BoundField]:
        return [field for field in self._demographic_fields() if field.name in self.decisive]

    @cached_property
    def further_fields(self) -> list[BoundField]:
        return [field for field in self._demographic_fields() if field.name not in self.decisive]

    @cached_property
    def is_more_open(self) -> bool:
        """Whether "Tell more" is unfolded: something in it is answered, or wrong."""
        names = [field.name for field in self.further_fields] + ["adults", "children"]
        names += [] if self.asks_age else [*BORN, "age"]
        return any(self[name].value() or name in self.errors for name in names)

    def _demographic_fields(self) -> list[BoundField]:
        return [self[demographic_name(demographic.pk)] for demographic in self.demographics]

    def clean(self) -> None:
        self.cleaned_data["born"] = self._read_born()

    def _read_born(self) -> date | None:
        day, month, year = (self.cleaned_data.get(part, "") for part in BORN)
        if not (day or month or year):
            return None
        try:
            born = date(int(year), _read_month(month), int(day))
        except ValueError:
            self.add_error("born_day", _("Write a date of birth such as 27 3 1985, or give the age instead."))
            return None
        if not is_possible_birthday(born):
            words = _("The date of birth must be in the past 120 years, its year in four digits.")
            self.add_error("born_day", words)
            return None
        return born

    def find_cautions(self) -> list[Caution]:
        born, age = self.cleaned_data["born"], self.cleaned_data["age"]
        if not born or age is None:
            return []
        today = timezone.localdate()
        if age.fits(born, today):
            return []
        ages = {"reckoned": age_between(born, today), "given": age.in_words}
        text = _("Somebody born on that day is %(reckoned)s, not %(given)s. Which is right? The date of birth counts.")
        return [Caution(f"age:{born}:{age.years}:{age.months}", "age", text % ages)]

    def about(self) -> dict[str, Any]:
        """Return what this step knows of PersonDetails."""
        given = self.cleaned_data
        age = None if given["born"] else given["age"]
        answers = [given[demographic_name(demographic.pk)] for demographic in self.demographics]
        keys = {key for answer in answers for key in (answer if isinstance(answer, list) else [answer])}
        return {
            "date_of_birth": given["born"],
            "age": age.years if age else None,
            "age_months": age.months if age else None,
            "option_ids": frozenset(int(key) for key in keys - {"", UNSAID}),
        }


def demographic_name(key: int) -> str:
    return f"about_{key}"


def _read_month(text: str) -> int:
    """Read "3", "March", "mar", and the name of a month in the language of the page. Raises ValueError."""
    begun = text.strip().lower()[:3]
    for names in ((None, *MONTHS), (None, *(str(MONTHS_IN_WORDS[month]).lower()[:3] for month in range(1, 13)))):
        if begun in names:
            return names.index(begun)
    return int(text)


def _demographic_field(demographic: Demographic) -> forms.Field:
    name = translate_field(demographic, "name")
    choices = [(str(option.pk), translate_field(option, "name")) for option in demographic.options.all()]
    options: dict[str, Any] = {
        "label": name,
        "help_text": translate_field(demographic, "help_text"),
        "required": False,
        "error_messages": {"invalid_choice": _("Choose again: %(question)s.") % {"question": name.lower()}},
    }
    if demographic.takes_several:
        return forms.MultipleChoiceField(choices=choices, widget=Checkboxes, **options)
    choices.append((UNSAID, _("Prefer not to say")))
    if len(choices) > LONG_LIST:
        return forms.ChoiceField(choices=[("", _("Choose")), *choices], widget=forms.Select, **options)
    return forms.ChoiceField(choices=choices, widget=Radios, **options)
