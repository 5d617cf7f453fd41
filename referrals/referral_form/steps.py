"""The steps of the form, in order. The page of a step is templates/referral_form/<key>.html."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from referrals.referral_form.fields import StepForm
from referrals.referral_form.forms import ConsentForm, SuggestionsForm
from referrals.referral_form.needs_form import NeedsForm
from referrals.referral_form.person_form import PersonForm


@dataclass(frozen=True, slots=True)
class Step:
    key: str
    label: str | Promise
    form: type[StepForm]

    @property
    def template(self) -> str:
        return f"referral_form/{self.key}.html"

    @property
    def number(self) -> int:
        return STEPS.index(self) + 1

    @property
    def previous(self) -> "Step | None":
        return STEPS[self.number - 2] if self.number > 1 else None

    @property
    def next(self) -> "Step | None":
        return STEPS[self.number] if self.number < len(STEPS) else None


STEPS = (
    Step("person", _("The person"), PersonForm),
    Step("needs", _("What is needed"), NeedsForm),
    Step("suggestions", _("Who can help"), SuggestionsForm),
    Step("consent", _("Consent"), ConsentForm),
)


def find_step(key: str) -> Step:
    return next(step for step in STEPS if step.key == key)
