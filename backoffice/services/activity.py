"""The activity of a service: one of the organisation's own, or a new one, typed into one box."""

from django import forms
from django.forms.widgets import Input
from django.utils.functional import cached_property

from referrals.models import Activity, Organisation

LONGEST = Activity._meta.get_field("name").max_length


class ActivityInput(Input):
    """A text box that suggests the organisation's own names, without a script."""

    input_type = "text"
    template_name = "backoffice/services/activity.html"
    names: list[str] = []

    def get_context(self, name: str, value: object, attrs: dict | None) -> dict:
        context = super().get_context(name, value, attrs)
        options = f"{context['widget']['attrs'].get('id', name)}_names"
        context["widget"]["attrs"] |= {"list": options, "maxlength": LONGEST, "autocomplete": "off"}
        return context | {"names": self.names, "options": options}


class ActivityField(forms.CharField):
    """Cleans to an Activity of `organisation`, unsaved if the name is new."""

    widget = ActivityInput
    default_error_messages = {"required": "What do you call it? Type a name, or choose one of yours."}

    def __init__(self) -> None:
        super().__init__(label="Activity", max_length=LONGEST)
        self._organisation: Organisation | None = None

    @property
    def organisation(self) -> Organisation | None:
        return self._organisation

    @organisation.setter
    def organisation(self, organisation: Organisation) -> None:
        self._organisation = organisation
        self.widget.names = self.names

    @property
    def names(self) -> list[str]:
        return [activity.name for activity in self._known]

    @cached_property
    def _known(self) -> list[Activity]:
        return list(Activity.objects.filter(organisation=self._organisation))

    def clean(self, value: str) -> Activity:
        name = " ".join(super().clean(value).split())
        for same in (str.__eq__, lambda one, other: one.casefold() == other.casefold()):
            found = next((activity for activity in self._known if same(activity.name, name)), None)
            if found:
                return found
        return Activity(organisation=self._organisation, name=name)
