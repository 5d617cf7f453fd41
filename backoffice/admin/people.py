from django import forms
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from backoffice.admin.lists_of_people import PeopleListAdmin
from referrals.access import visible_to
from referrals.access.access_log import log_access
from referrals.enums import Screen
from referrals.models import Person, PersonTag, Referral, User
from referrals.places import FoundPostcode, find_postcode
from referrals.user_input.dates import BirthdayField


class PersonAdminForm(forms.ModelForm):
    postcode = forms.CharField(required=False, max_length=60, help_text="As in NW1 2DB, or NW1.")

    class Meta:
        field_classes = {"date_of_birth": BirthdayField}

    def clean(self) -> dict:
        cleaned = super().clean()
        age = cleaned.get("age_given")
        if "age_given" in self.changed_data and "months_given" not in self.changed_data:
            cleaned["months_given"] = None
        if (months := cleaned.get("months_given")) is not None:
            cleaned["age_given"] = age = months // 12
        if {"age_given", "months_given"} & set(self.changed_data) or age is None:
            self.instance.age_given_on = timezone.localdate() if age is not None else None
        if "postcode" in self.changed_data:
            found = find_postcode(cleaned["postcode"]) if cleaned.get("postcode") else FoundPostcode("")
            if found.problem and not found.name:
                self.add_error("postcode", found.problem)
            cleaned["postcode"], self.instance.point, self.instance.area_name = found.name, found.point, ""
        return cleaned


class TagFilter(admin.SimpleListFilter):
    """By the tags of one's own organisations."""

    title = "tag"
    parameter_name = "tag"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[int, str]]:
        tags = visible_to(request.user, PersonTag).order_by("activity__name", "activity")
        return list(tags.values_list("activity", "activity__name").distinct())

    def queryset(self, request: HttpRequest, people: QuerySet) -> QuerySet:
        if self.value() is None:
            return people
        if self.value() not in {str(key) for key, _ in self.lookup_choices}:
            return people.none()
        tags = visible_to(request.user, PersonTag).filter(activity=self.value())
        return people.filter(pk__in=tags.values("person"))


@admin.register(Person)
class PersonAdmin(PeopleListAdmin):
    """People come with a referral. Whoever can open a person here may read everything about them.

    Only operators may correct it, since organisations act on what was shared with them.
    """

    form = PersonAdminForm
    visible_when_empty = True
    export_columns = [
        "name",
        "own_tags",
        "phone",
        "email",
        "contact_note",
        "safe_to_ring",
        "safe_to_write",
        "safe_to_leave_message",
        "others_may_see",
        "postcode",
        "area_name",
        "address",
        "created_at",
    ]
    list_display = ["page", "district", "own_tags", "created_at"]
    list_max_show_all = 1_000  # to be printed
    list_display_links = None
    list_filter = [TagFilter]
    search_fields = ["name"]
    fieldsets = [
        (None, {"fields": ["name", ("date_of_birth", "age_given", "months_given"), "options"]}),
        (
            "How to reach them",
            {
                "fields": [
                    "phone",
                    "email",
                    "contact_note",
                    "language",
                    ("safe_to_ring", "safe_to_write", "safe_to_leave_message"),
                    "others_may_see",
                ]
            },
        ),
        ("Where they live", {"fields": ["postcode", "area_name", "address", "accommodation", "point"]}),
    ]
    readonly_fields = ["area_name", "point"]
    logged_screen = Screen.PERSON

    @admin.display(description="name", ordering="name")
    def page(self, person: Person) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("backoffice:person", args=[person.pk]), person.name)

    @admin.display(description="postcode district")
    def district(self, person: Person) -> str:
        return person.outcode

    @admin.display(description="tags")
    def own_tags(self, person: Person) -> str:
        return ", ".join(sorted({tag.activity.name for tag in person.seen_tags}))

    def with_related(self, queryset: QuerySet, user: User) -> QuerySet:
        tags = visible_to(user, PersonTag).select_related("activity")
        return queryset.prefetch_related(Prefetch("tags", tags, to_attr="seen_tags"))

    def log_export(self, user: User, rows: QuerySet) -> None:
        people = rows.order_by().values("pk")
        log_access(user, Referral.objects.filter(person__in=people).values_list("pk", flat=True), Screen.EXPORT)

    def fully_shown_referrals(self, obj: Person) -> QuerySet:
        return obj.referrals.values_list("pk", flat=True)

    def log_change(self, request: HttpRequest, obj: Person, message: object) -> LogEntry:
        """Log the change without the name, since the log is kept longer than the person's data."""
        return LogEntry.objects.create(
            user_id=request.user.pk,
            content_type=ContentType.objects.get_for_model(obj),
            object_id=obj.pk,
            object_repr=f"Person {obj.pk}",
            action_flag=CHANGE,
            change_message=message if isinstance(message, str) else "",
        )
