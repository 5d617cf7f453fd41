from django import forms
from django.db.models import QuerySet

from backoffice.organisation_forms import OrganisationForm
from referrals.models import Activity


class CaseNoteForm(OrganisationForm):
    text = forms.CharField(
        label="Add a case note",
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Please write something first."},
    )
    field_order = ["text", "organisation"]


class TagForm(forms.Form):
    activity = forms.ModelChoiceField(
        Activity.objects.none(),
        label="Add a tag",
        empty_label="Choose one of your activities",
        error_messages={"required": "Please choose one of your activities."},
    )

    def __init__(self, *args: object, activities: QuerySet[Activity], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["activity"].queryset = activities
