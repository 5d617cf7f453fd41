"""The forms beside the maps. Each sends its answers with GET, and the view leads to the address that says the same."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst

from backoffice.coverage.question import METRES_AT_MOST, PLACES_AT_MOST, read_coordinates
from referrals.enums import Weekday
from referrals.models import Category, Network, Service
from referrals.network.coverage import Change, Close, Grow, Open, PartOfDay, SetCapacity
from referrals.places import find_postcode
from referrals.user_input.long_select import LongSelect


class _CategoryField(forms.ModelChoiceField):
    def label_from_instance(self, category: Category) -> str:
        return "\u2003" * category.tree_depth + category.name


class AskForm(forms.Form):
    """What is looked at. `networks` are those that the user may choose from."""

    network = forms.ChoiceField(label="Network")
    category = _CategoryField(label="What is needed", required=False, empty_label="Anything", queryset=None)
    day = forms.ChoiceField(label="Open on", required=False, choices=[("", "Any day"), *Weekday.choices])
    part = forms.ChoiceField(
        label="At what time",
        required=False,
        choices=[("", "Any time"), *((part.value, capfirst(part.label)) for part in PartOfDay)],
    )

    def __init__(self, *args: object, network: Network, networks: list[Network], **options: object) -> None:
        super().__init__(*args, **options)
        self.fields["network"].choices = [(one.slug, one.name) for one in networks]
        if len(networks) == 1:
            self.fields["network"].widget = forms.HiddenInput()
        chosen = self.initial.get("category")
        offered = Category.objects.offered(also=[chosen.pk] if chosen else [])  # an address may ask for a retired one
        self.fields["category"].queryset = offered.in_tree_order([network.pk])


def _metres(label: str, **options: object) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=1, max_value=METRES_AT_MOST, **options)


def _places(label: str, *, least: int = 1, **options: object) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=least, max_value=PLACES_AT_MOST, **options)


class ServiceChangeForm(forms.Form):
    service = forms.ModelChoiceField(label="Service", queryset=None, widget=LongSelect)
    farther = _metres("Reaches farther, by metres", required=False)
    places_then = _places("Places, instead of those it has", least=0, required=False)
    closes = forms.BooleanField(label="Closes", required=False)

    def __init__(self, *args: object, services: list[Service], **options: object) -> None:
        super().__init__(*args, **options)
        self.fields["service"].queryset = Service.objects.filter(pk__in=[one.pk for one in services])
        self.fields["service"].choices = [
            ("", "Choose a service"),
            *((one.pk, f"{one.organisation}: {one.activity}") for one in services),
        ]

    def clean(self) -> dict:
        values = super().clean()
        if not self.errors and not self.changes():
            raise ValidationError("Say what changes: how far it reaches, how many places it has, or that it closes.")
        return values

    def changes(self) -> list[Change]:
        service, farther, places = (self.cleaned_data.get(name) for name in ("service", "farther", "places_then"))
        if self.cleaned_data.get("closes"):
            return [Close(service.pk)]
        found: list[Change] = [Grow(service.pk, farther)] if farther else []
        return [*found, SetCapacity(service.pk, places)] if places is not None else found


class NewServiceForm(forms.Form):
    at = forms.CharField(
        label="Postcode, or a place on the map",
        max_length=60,
        help_text="A postcode such as NW1 8QL, or press a hexagon on the first map.",
    )
    within = _metres("Reaches, in metres", initial=800)
    new_places = _places("Places", initial=20)

    def __init__(self, *args: object, network: Network, **options: object) -> None:
        super().__init__(*args, **options)
        self.network = network

    def clean_at(self) -> tuple[float, float]:
        text = self.cleaned_data["at"]
        if place := read_coordinates(text):
            return place
        found = find_postcode(text, network=self.network)
        if found.point is None:
            raise ValidationError(found.problem or "We do not know where that is. Try another postcode near by.")
        return round(found.point.x, 5), round(found.point.y, 5)

    def changes(self) -> list[Change]:
        return [Open(*self.cleaned_data["at"], self.cleaned_data["within"], self.cleaned_data["new_places"])]


class BestSitesForm(forms.Form):
    best_places = _places("Places", initial=20)
    best_metres = _metres("Reaches, in metres", initial=800)
