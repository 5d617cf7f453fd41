"""The try-out box: would this service be suggested to such a person, and why or why not?"""

from dataclasses import dataclass

from django import forms
from django.http import QueryDict

from backoffice.services.restrictions import OLDEST
from referrals.matching import PersonFacts, suggest
from referrals.matching.exclusions import exclusion_reasons
from referrals.models import Category, Demographic, Network, Service
from referrals.models.geography import postcode_in_words
from referrals.places import FoundPostcode, find_postcode

PREFIX = "try"


class TrialForm(forms.Form):
    """A person as the referral form would know them. An empty field is a question the referrer did not answer."""

    postcode = forms.CharField(label="Postcode", required=False, max_length=60)
    age = forms.IntegerField(label="Age", required=False, min_value=0, max_value=OLDEST)
    need = forms.ModelChoiceField(label="Needs", queryset=Category.objects.none(), empty_label=None)

    def __init__(self, network: Network, data: QueryDict | None = None, *, like: Service | None = None) -> None:
        """The need is preset to one that the service `like` meets."""
        super().__init__(data, prefix=PREFIX)
        self.network = network
        self.fields["need"].queryset = Category.objects.filter(network=network).offered()
        if like:
            self.fields["need"].initial = like.categories.first()
        for demographic in Demographic.objects.filter(network=network).prefetch_related("options"):
            choices = [("", "Not said"), *((option.pk, option.name) for option in demographic.options.all())]
            self.fields[f"answer_{demographic.pk}"] = forms.TypedChoiceField(
                label=demographic.name, choices=choices, coerce=int, empty_value=None, required=False
            )

    def clean_postcode(self) -> FoundPostcode | None:
        typed = self.cleaned_data["postcode"]
        if not typed:
            return None
        found = find_postcode(typed, network=self.network)
        if found.point is None:
            raise forms.ValidationError(f"{found.problem} Please check it, or leave it empty.")
        return found

    def person(self) -> PersonFacts:
        data = self.cleaned_data
        postcode = data["postcode"]
        answers = {value for name, value in data.items() if name.startswith("answer_") and value is not None}
        return PersonFacts(
            point=postcode.point if postcode else None,
            place=postcode_in_words(postcode.name) if postcode else "",
            age=data["age"],
            option_ids=frozenset(answers),
        )


@dataclass(frozen=True, slots=True)
class Trial:
    """reasons: why it would be suggested or not. problems: errors of the box itself."""

    is_suggested: bool = False
    reasons: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    @classmethod
    def of(cls, posted: QueryDict, service: Service) -> "Trial | None":
        """Try the service. Return None if the form was not sent by the box's own button."""
        if f"{PREFIX}-ask" not in posted:
            return None
        form = TrialForm(service.network, posted)
        if not form.is_valid():
            return cls(problems=tuple(error for errors in form.errors.values() for error in errors))
        need, person = form.cleaned_data["need"], form.person()
        found = suggest(service.network, [need.pk], person, service_ids=[service.pk], limit=1)
        if found:
            return cls(is_suggested=True, reasons=found[0].reasons)
        return cls(reasons=tuple(exclusion_reasons(service, [need.pk], person)))
