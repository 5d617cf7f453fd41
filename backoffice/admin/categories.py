from collections.abc import Callable
from functools import partial

from django import forms
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.html import format_html

from backoffice.admin.networks import links_to_settings
from backoffice.responses import not_found, perform, render_page
from backoffice.scoped_admin.admin import ScopedAdmin
from referrals import workflow
from referrals.access import changeable_by
from referrals.import_export import CategoryResource
from referrals.models import Category

_PAGE = "backoffice:referrals_category_change"


class CategoryForm(forms.ModelForm):
    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if "parent" in self.fields:
            parents = self.fields["parent"].queryset
            self.fields["parent"].queryset = parents.offered(also=[self.instance.parent_id])

    def clean(self) -> dict:
        cleaned = super().clean()
        network = cleaned.get("network") or getattr(self.instance, "network", None)
        parent = cleaned.get("parent")
        if parent and network and parent.network_id != network.pk:
            self.add_error("parent", "The category above belongs to another network.")
        elif parent and self.instance.pk and not Category.objects.possible_parents(self.instance).contains(parent):
            self.add_error("parent", "A category cannot be below itself.")
        return cleaned


class MergeForm(forms.Form):
    into = forms.ModelChoiceField(
        Category.objects.none(),
        label="Which category takes its place?",
        empty_label="Choose",
        error_messages={"invalid_choice": "This category cannot be chosen any more. Please choose another."},
    )

    def __init__(self, *args: object, category: Category, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["into"].queryset = Category.objects.possible_parents(category).offered()


@admin.register(Category)
class CategoryAdmin(ScopedAdmin):
    form = CategoryForm
    deletable = True
    fixed = ("network",)
    fields = ["network", "parent", "name", "slug", "position", "is_sensitive", "translations"]
    prepopulated_fields = {"slug": ["name"]}
    resource = CategoryResource
    list_display = ["in_tree", "network", "position"]
    list_filter = ["network"]
    list_select_related = ["network"]
    search_fields = ["name"]
    sortable_by = ()
    delete_confirmation_template = "backoffice/categories/delete.html"

    def order_list(self, queryset: QuerySet) -> QuerySet:
        return queryset.in_tree_order()

    def get_prepopulated_fields(self, request: HttpRequest, obj: Category | None = None) -> dict:
        return {} if obj else self.prepopulated_fields

    @admin.display(description="category")
    def in_tree(self, category: Category) -> str:
        retired = format_html(' <span class="chip">{}</span>', "Retired") if category.retired_at else ""
        return format_html('<span class="tree-{}">{}</span>{}', category.tree_depth, category.name, retired)

    def tools(self, request: HttpRequest, obj: Category | None) -> list[tuple[str, str]]:
        if obj is None:
            return links_to_settings(request.user, "categories", "Add several")
        if not self.has_change_permission(request, obj):
            return []
        retire = ("Take back", "category_take_back") if obj.retired_at else ("Retire", "category_retire")
        return [
            (label, reverse(f"backoffice:{name}", args=[obj.pk]))
            for label, name in (retire, ("Merge into another", "category_merge"))
        ]

    def get_urls(self) -> list:
        views = {"retire": self.retire, "take-back": self.take_back, "merge": self.merge}
        return [
            *(
                path(f"<int:pk>/{route}/", self.admin_site.admin_view(view), name=f"category_{route.replace('-', '_')}")
                for route, view in views.items()
            ),
            *super().get_urls(),
        ]

    def retire(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._ask_first(
            request, pk, "retire", workflow.retire_category, "{} is retired: nobody can choose it any more."
        )

    def take_back(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._ask_first(request, pk, "take_back", workflow.take_category_back, "{} can be chosen again.")

    def _ask_first(
        self, request: HttpRequest, pk: int, page: str, verb: Callable[..., Category], success: str
    ) -> HttpResponse:
        category = changeable_by(request.user, Category).filter(pk=pk).first()
        if category is None:
            return not_found(request)
        if request.method == "POST":
            words = success.format(category)
            self._do_and_log(request, category, partial(verb, pk, actor=request.user), words)
            return HttpResponseRedirect(reverse(_PAGE, args=[pk]))
        return self._show(request, page, category)

    def merge(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for the other category, then show how much is changed, then do it."""
        category = changeable_by(request.user, Category).filter(pk=pk).first()
        if category is None:
            return not_found(request)
        form = MergeForm(request.POST or (request.GET if "into" in request.GET else None), category=category)
        into = form.cleaned_data["into"] if form.is_bound and form.is_valid() else None
        if into is None or request.method != "POST":
            return self._show(request, "merge", category, form=form, into=into)
        verb = partial(workflow.merge_categories, pk, into_id=into.pk, actor=request.user)
        done = self._do_and_log(request, category, verb, f"{category} is merged into {into}, and retired.")
        return HttpResponseRedirect(reverse(_PAGE, args=[into.pk if done else pk]))

    def _do_and_log(self, request: HttpRequest, category: Category, verb: Callable[[], Category], words: str) -> bool:
        @transaction.atomic
        def do_and_log() -> None:
            changed = {one.pk: one for one in (category, verb())}
            LogEntry.objects.log_actions(request.user.pk, [*changed.values()], CHANGE, words)

        return perform(request, do_and_log, words)

    def _show(self, request: HttpRequest, page: str, category: Category, **context: object) -> HttpResponse:
        title = {"retire": "Retire {}", "take_back": "Take {} back", "merge": "Merge {}"}[page].format(category)
        context |= {"title": title, "category": category, "use": workflow.count_uses(category)}
        return render_page(request, f"backoffice/categories/{page}.html", **context)
