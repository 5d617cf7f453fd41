from collections.abc import Sequence

from django import forms

from referrals.models import Activity, Organisation


class CaseNoteForm(forms.Form):
    text = forms.CharField(
        label="Add a case note",
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Please write something first."},
    )
    organisation = forms.ModelChoiceField(
        Organisation.objects.none(),
        label="For",
        empty_label="Choose which",
        error_messages={"required": "Please choose for which organisation."},
    )

    def __init__(self, *args: object, organisations: Sequence[Organisation], **kwargs: object) -> None:
        """`organisations`: those of the user that support the person."""
        super().__init__(*args, **kwargs)
        self.only = organisations[0] if len(organisations) == 1 else None
        if self.only:
            del self.fields["organisation"]
        else:
            keys = [organisation.pk for organisation in organisations]
            self.fields["organisation"].queryset = Organisation.objects.filter(pk__in=keys)

    @property
    def organisation_id(self) -> int:
        return (self.only or self.cleaned_data["organisation"]).pk


class TagForm(forms.Form):
    activity = forms.ModelChoiceField(
        Activity.objects.none(),
        label="Add a tag",
        empty_label="Choose one of your activities",
        error_messages={"required": "Please choose one of your activities."},
    )

    def __init__(self, *args: object, activities: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["activity"].queryset = activities
