from django.contrib.admin.widgets import RelatedFieldWidgetWrapper


class VenueWrapper(RelatedFieldWidgetWrapper):
    """Tells the pop-up for a new venue which organisation it belongs to. `organisation` is a key."""

    organisation: int | None = None

    @classmethod
    def of(cls, plain: RelatedFieldWidgetWrapper) -> "VenueWrapper":
        return cls(plain.widget, plain.rel, plain.admin_site, can_add_related=plain.can_add_related)

    def get_context(self, name: str, value: object, attrs: dict | None) -> dict:
        context = super().get_context(name, value, attrs)
        if self.organisation and "url_params" in context:
            context["url_params"] += f"&organisation={self.organisation}"
        return context
