from django import forms
from django.contrib import admin
from django.db.models import Field
from django.http import HttpRequest

from backoffice.scoped_admin.admin import ScopedAdmin
from backoffice.scoped_admin.category_field import TreeChoiceField
from backoffice.scoped_admin.inlines import ScopedInline
from referrals.models import Question, QuestionOption
from referrals.questions import find_reached, load_flow_chart


class QuestionOptionForm(forms.ModelForm):
    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if "needs" in self.fields:
            in_use = self.instance.needs.values("pk") if self.instance.pk else ()
            self.fields["needs"].queryset = self.fields["needs"].queryset.offered(also=in_use)

    def clean(self) -> dict:
        cleaned = super().clean()
        question = cleaned.get("question") or getattr(self.instance, "question", None)
        network_id = getattr(question, "network_id", None)
        if network_id and any(revealed.network_id != network_id for revealed in cleaned.get("reveals") or ()):
            self.add_error("reveals", "An answer can only reveal questions of its own network.")
        elif question and question.pk in find_reached(
            load_flow_chart([network_id]), [revealed.pk for revealed in cleaned.get("reveals") or ()]
        ):
            self.add_error("reveals", "A question cannot lead back to itself.")
        return cleaned


class QuestionOptionInline(ScopedInline):
    """Which needs an answer adds and which questions it reveals is chosen on the answer's own page."""

    model = QuestionOption
    fields = ["text", "is_urgent", "position"]
    show_change_link = True


@admin.register(Question)
class QuestionAdmin(ScopedAdmin):
    deletable = True
    fixed = ("network",)
    fields = [
        "network",
        "text",
        "text_to_self",
        "help_text",
        "kind",
        "is_required",
        "offers_not_sure",
        "is_active",
        "position",
        "translations",
    ]
    inlines = [QuestionOptionInline]
    export_columns = fields[:-1]
    list_display = ["text", "kind", "is_required", "is_active", "position", "network"]
    list_filter = ["network", "kind", "is_active"]
    flags = {"is_required": (True, "Required"), "is_active": (False, "Not asked")}
    list_select_related = ["network"]
    search_fields = ["text"]


@admin.register(QuestionOption)
class QuestionOptionAdmin(ScopedAdmin):
    form = QuestionOptionForm
    deletable = True
    fixed = ("question",)
    fields = ["question", "text", "needs", "reveals", "is_urgent", "position", "translations"]
    autocomplete_fields = ["question"]
    export_columns = ["question", "text", "needs", "reveals", "is_urgent", "position"]
    list_display = ["text", "question", "is_urgent", "position"]
    list_filter = ["is_urgent"]
    flags = {"is_urgent": (True, "Urgent")}
    list_select_related = ["question"]
    search_fields = ["text", "question__text"]

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: object):
        if db_field.name == "needs":
            kwargs["form_class"] = TreeChoiceField
        return super().formfield_for_dbfield(db_field, request, **kwargs)
