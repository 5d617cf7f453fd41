"""Forms for changing a catchment. All rows are among those that the user may choose."""

from typing import Any

from django import forms
from django.contrib.gis.geos import MultiPolygon

from referrals.access.choices import choices_for
from referrals.catchments import (
    ReadCatchment,
    areas_to_start_from,
    circle,
    cut,
    fit_to_area,
    join,
    read_catchment,
    read_upload,
    whole_area,
)
from referrals.models import Area, Network, Organisation, Service, Venue
from referrals.places import FoundPostcode, find_postcode
from referrals.words import join_in_words

_NOT_YOURS = "This is not among your choices any more. Please load the page again."
_DONE = {"start": "Started from {}.", "add": "Added {}.", "take": "Took away {}."}
_GIVEN = {"file": "the file", "drawing": "what was drawn", "text": "the text"}


class ScopedForm(forms.Form):
    """Its relations offer what `user` may choose for a service."""

    def __init__(self, user: Any, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        for name in {"network", "organisation", "venue"} & self.fields.keys():
            self.fields[name].queryset = choices_for(Service._meta.get_field(name), user)


def _choice(rows: type, *, required: bool = False) -> forms.ModelChoiceField:
    words = {"required": "Choose the network first.", "invalid_choice": _NOT_YOURS}
    return forms.ModelChoiceField(rows.objects.none(), required=required, error_messages=words)


class KnownPostcodeField(forms.CharField):
    """Cleans to a postcode, or a part of one, whose position is known."""

    default_error_messages = {"required": "Type a postcode."}

    def clean(self, value: Any) -> FoundPostcode | None:
        typed = super().clean(value)
        if not typed:
            return None
        found = find_postcode(typed)
        if found.point is None:
            raise forms.ValidationError(f"{found.problem} Please check it.")
        return found


class PostcodeForm(ScopedForm):
    postcode = KnownPostcodeField(max_length=60)


class SurroundingsForm(ScopedForm):
    network = _choice(Network, required=True)
    organisation = _choice(Organisation)
    venue = _choice(Venue)
    service = forms.IntegerField(required=False, min_value=0)


class ChangeForm(ScopedForm):
    """`present` and `given` are GeoJSON, sent as files, which may be larger than fields. Without `present`, nothing is
    drawn yet, and the catchment is the whole area."""

    network = _choice(Network, required=True)
    how = forms.ChoiceField(choices=[(choice, choice) for choice in ("check", *_DONE)])
    what = forms.ChoiceField(choices=[(choice, choice) for choice in ("area", "areas", "circle", *_GIVEN)])
    present = forms.FileField(required=False, allow_empty_file=True)
    given = forms.FileField(required=False, allow_empty_file=True)
    areas = forms.ModelMultipleChoiceField(
        Area.objects.none(),
        required=False,
        error_messages={"invalid_choice": _NOT_YOURS, "invalid_pk_value": _NOT_YOURS},
    )
    miles = forms.FloatField(
        required=False,
        min_value=0.1,
        max_value=100,
        error_messages={
            "invalid": "Type a number of miles, such as 2 or 0.5.",
            "min_value": "A circle is at least 0.1 miles wide.",
            "max_value": "A circle reaches 100 miles at most.",
        },
    )
    venue = _choice(Venue)
    postcode = KnownPostcodeField(max_length=60, required=False)

    def clean_network(self) -> Network:
        network = self.cleaned_data["network"]
        self.fields["areas"].queryset = areas_to_start_from(self.user, network)
        return network

    def clean(self) -> dict:
        cleaned = super().clean()
        missing = _MISSING.get(cleaned.get("what", ""))
        if missing and not self.errors and missing[0](cleaned):
            raise forms.ValidationError(missing[1])
        return cleaned

    def make_change(self) -> tuple[ReadCatchment, list[str]]:
        """Return the shape after the change, and sentences about what was done. Raises UnusableShape."""
        how, area = self.cleaned_data["how"], self.cleaned_data["network"].area
        shape, name, changes = self._chosen_shape(area)
        if how in ("add", "take") and (how == "take" or self._present()):
            present = read_catchment(self._present(), area).shape if self._present() else whole_area(area)
            shape = join(present, shape) if how == "add" else cut(present, shape)
        read = fit_to_area(shape, area)
        done = [_DONE[how].format(name)] if how in _DONE else []
        return ReadCatchment(read.shape, (*changes, *read.changes)), done

    def _present(self) -> str:
        if not hasattr(self, "_read"):
            file = self.cleaned_data["present"]
            self._read = read_upload(file).strip() if file else ""
        return self._read

    def _chosen_shape(self, area: Area) -> tuple[MultiPolygon, str, tuple[str, ...]]:
        """Return the shape to start from, add or take away, its name, and sentences about what was mended in it."""
        chosen = self.cleaned_data
        if chosen["what"] == "area":
            return whole_area(area), f"the whole area of {area}", ()
        if chosen["what"] == "areas":
            shapes = [chosen_area.boundary for chosen_area in chosen["areas"]]
            return join(*shapes), join_in_words([chosen_area.name for chosen_area in chosen["areas"]]), ()
        if chosen["what"] == "circle":
            middle, venue = chosen["postcode"], chosen["venue"]
            name = middle.name if middle else str(venue)
            miles = f"{chosen['miles']:g} mile{'' if chosen['miles'] == 1 else 's'}"
            return join(circle((middle or venue).point, chosen["miles"])), f"a circle of {miles} round {name}", ()
        read = read_catchment(read_upload(chosen["given"]), area)
        return read.shape, _GIVEN[chosen["what"]], read.changes


# For each kind of shape: when something is missing, and the message for it.
_MISSING = {
    "areas": (lambda cleaned: not cleaned["areas"], "Choose at least one area from the list."),
    "circle": (
        lambda cleaned: (
            not cleaned["miles"] or not (cleaned["postcode"] or (cleaned["venue"] and cleaned["venue"].point))
        ),
        "A circle needs a number of miles, and a postcode or a venue that is on the map.",
    ),
    **dict.fromkeys(_GIVEN, (lambda cleaned: not cleaned["given"], "Choose a file, or draw something, first.")),
}
