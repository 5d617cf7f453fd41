from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.forms import Media

from backoffice.scoped_admin.shapes import MAP_STYLES, map_scripts


class VenueWrapper(RelatedFieldWidgetWrapper):
    """Tells the form of a new venue which organisation it belongs to. `organisation` is a key."""

    template_name = "backoffice/services/venue.html"
    organisation: int | None = None

    @classmethod
    def of(cls, plain: RelatedFieldWidgetWrapper) -> "VenueWrapper":
        return cls(plain.widget, plain.rel, plain.admin_site, can_add_related=plain.can_add_related)

    @property
    def media(self) -> Media:
        return super().media + Media(css=MAP_STYLES, js=map_scripts("pin.js", "venue_dialog.js"))

    def get_context(self, name: str, value: object, attrs: dict | None) -> dict:
        context = super().get_context(name, value, attrs)
        if self.organisation and "url_params" in context:
            context["url_params"] += f"&organisation={self.organisation}"
        return context
