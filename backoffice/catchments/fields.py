"""The form field of a catchment: a map, GeoJSON text or a file."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from django.core.files.uploadedfile import UploadedFile
from django.forms.boundfield import BoundField
from django.urls import reverse

from backoffice.scoped_admin.shapes import MAP_STYLES, map_scripts
from referrals.catchments import UnusableShape, read_catchment, read_upload, write_catchment
from referrals.catchments.map_tiles import allowed_tiles


@dataclass(frozen=True)
class GivenShape:
    """What came from a form. A file takes precedence over the text."""

    text: str
    file: UploadedFile | None


class CatchmentWidget(forms.Widget):
    """Text and file, which a script turns into a map with tools. Without the script, they work as they are.

    of_service: keys of service, network and organisation, unless the form asks for them.
    """

    template_name = "backoffice/catchment_widget.html"
    needs_multipart_form = True
    of_service: dict[str, int | None] = {}

    @property
    def media(self) -> forms.Media:
        return forms.Media(css=MAP_STYLES, js=map_scripts("catchment_map.js", "catchment.js"))

    def get_context(self, name: str, value: Any, attrs: dict | None) -> dict:
        context = super().get_context(name, value, attrs)
        addresses = {
            "change": reverse("backoffice:catchment_change"),
            "surroundings": reverse("backoffice:catchment_surroundings"),
            "find": reverse("backoffice:find_postcode"),
            "labels": reverse("backoffice:map_labels"),
        }
        most = settings.UPLOADED_SHAPE_BYTES
        return {**context, "addresses": addresses, "of": self.of_service, "tiles": allowed_tiles(), "max_bytes": most}

    def format_value(self, value: Any) -> str:
        return value or ""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> GivenShape:
        return GivenShape(data.get(name, "").strip(), files.get(f"{name}_file"))

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data and f"{name}_file" not in files


class CatchmentField(forms.Field):
    """Cleans to a shape that can be saved in the form's network, or None for its whole area.

    The form is a ModelForm of Service. If it asks for the network, that field must come before this one.
    changes: once cleaned, sentences for the user about what was changed in the shape.
    """

    widget = CatchmentWidget

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "help_text": "If empty, the whole area of the network.", **kwargs})
        self.changes: tuple[str, ...] = ()
        self._shown: str | None = None
        self._form: forms.ModelForm | None = None

    def get_bound_field(self, form: forms.ModelForm, field_name: str) -> BoundField:
        self._form = form
        service = form.instance
        keys = {"network": service.network_id, "organisation": service.organisation_id, "service": service.pk}
        self.widget.of_service = keys
        return super().get_bound_field(form, field_name)

    def clean(self, value: GivenShape) -> MultiPolygon | None:
        if not value.text and not value.file:
            return super().clean(None)
        chosen = getattr(self._form, "cleaned_data", {}).get("network")
        network = chosen or getattr(self._form.instance, "network", None)
        if network is None:
            raise forms.ValidationError("Choose the network first: a catchment is a part of its area.")
        try:
            read = read_catchment(read_upload(value.file) if value.file else value.text, network.area)
        except UnusableShape as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        self.changes, self._shown = read.changes, write_catchment(read.shape)
        return read.shape

    def prepare_value(self, value: Any) -> str:
        """Show a refused shape as it was typed, and any other as it will be saved."""
        if isinstance(value, GivenShape):
            return value.text if self._shown is None else self._shown
        return write_catchment(value) if isinstance(value, GEOSGeometry) else value or ""

    def has_changed(self, initial: MultiPolygon | None, data: GivenShape) -> bool:
        return self.prepare_value(data) != self.prepare_value(initial)
