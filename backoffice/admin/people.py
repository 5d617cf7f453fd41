from django import forms
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from backoffice.scoped_admin.scoping import ScopedAdmin
from referrals.enums import Screen
from referrals.models import CaseNote, Person, PersonTag, Postcode


class PersonAdminForm(forms.ModelForm):
    def clean(self) -> dict:
        cleaned = super().clean()
        age = cleaned.get("age_given")
        if "age_given" in self.changed_data or age is None:
            self.instance.age_given_on = timezone.localdate() if age is not None else None
        if "postcode" in self.changed_data:
            found = Postcode.objects.find(cleaned.get("postcode", ""))
            self.instance.point = found.point if found else None
        return cleaned


@admin.register(Person)
class PersonAdmin(ScopedAdmin):
    """People come with a referral. Whoever sees one here may read all of it.

    Only operators correct it: what was shared with an organisation would change under its eyes.
    """

    form = PersonAdminForm
    opens_empty = True
    not_exported = "Full details leave through the Referrals screen alone, which writes each opening down."
    list_display = ["name", "outcode", "created_at"]
    search_fields = ["name"]
    fieldsets = [
        (None, {"fields": ["name", ("date_of_birth", "age_given"), "options"]}),
        ("How to reach them", {"fields": ["phone", "email", "contact_note"]}),
        ("Where they live", {"fields": ["postcode", "address", "point"]}),
    ]
    readonly_fields = ["point"]
    logged_screen = Screen.PERSON

    def referrals_in_full(self, obj: Person) -> QuerySet:
        return obj.referrals.values_list("pk", flat=True)

    def log_change(self, request: HttpRequest, obj: Person, message: object) -> LogEntry:
        """Write the change down without the name: the log outlives the person's data."""
        return LogEntry.objects.create(
            user_id=request.user.pk,
            content_type=ContentType.objects.get_for_model(obj),
            object_id=obj.pk,
            object_repr=f"Person {obj.pk}",
            action_flag=CHANGE,
            change_message=message if isinstance(message, str) else "",
        )


class _OfOwnOrganisationForm(forms.ModelForm):
    def clean(self) -> dict:
        cleaned = super().clean()
        activity, organisation = cleaned.get("activity"), cleaned.get("organisation")
        if activity and organisation and activity.organisation_id != organisation.pk:
            self.add_error("activity", "This activity belongs to another organisation.")
        return cleaned


@admin.register(PersonTag)
class PersonTagAdmin(ScopedAdmin):
    form = _OfOwnOrganisationForm
    deletable = True
    fixed = ("person", "organisation", "activity")
    fields = ["person", "organisation", "activity", "created_at"]
    readonly_fields = ["created_at"]
    autocomplete_fields = ["person", "activity"]
    not_exported = "It says who is supported with what: that leaves through the Referrals screen alone."
    list_display = ["activity", "organisation", "created_at"]
    list_filter = ["organisation", "activity"]
    search_fields = ["activity__name"]

    def rows(self, queryset: QuerySet) -> QuerySet:
        return queryset.select_related("organisation", "activity")


@admin.register(CaseNote)
class CaseNoteAdmin(ScopedAdmin):
    deletable = True
    fixed = ("person", "organisation")
    fields = ["person", "organisation", "text", "created_at"]
    readonly_fields = ["created_at"]
    autocomplete_fields = ["person"]
    not_exported = "An organisation's own notes on a person stay where they were written."
    list_display = ["created_at", "organisation", "author"]
    list_filter = ["organisation"]
    list_select_related = ["organisation", "author"]

    def save_model(self, request: HttpRequest, obj: CaseNote, form: forms.ModelForm, change: bool) -> None:
        if not change:
            obj.author = request.user
        super().save_model(request, obj, form, change)
