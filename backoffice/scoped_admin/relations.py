"""Relations limited to what the user may see: read-only, as list filters, and in autocomplete."""

from typing import Any

from django.contrib.admin import ModelAdmin
from django.contrib.admin.filters import RelatedFieldListFilter
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import PermissionDenied
from django.db.models import Field, Model, QuerySet
from django.http import HttpRequest
from django.utils.text import capfirst

from referrals.access import visible_links, visible_to
from referrals.access.choices import choices_for

NOTHING = "-"


class ReadOnlyRelation:
    """Shows the related rows that `user` may see. Two of the same field are equal."""

    def __init__(self, field: Field, user: Any) -> None:
        self.field, self.user = field, user
        self.name = self.__name__ = field.name
        self.short_description = capfirst(field.verbose_name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ReadOnlyRelation) and other.field == self.field

    def __hash__(self) -> int:
        return hash(self.field)

    def __call__(self, obj: Model) -> str:
        if self.field.many_to_many:
            linked = visible_links(self.user, obj, self.field)
        else:
            linked = self.field.related_model._default_manager.filter(pk=getattr(obj, self.field.attname))
        return ", ".join(map(str, visible_to(self.user, linked))) or NOTHING


class ReadOnlyChoices:
    def __init__(self, field: ArrayField) -> None:
        self.field = field
        self.name = self.__name__ = field.name
        self.short_description = capfirst(field.verbose_name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ReadOnlyChoices) and other.field == self.field

    def __hash__(self) -> int:
        return hash(self.field)

    def __call__(self, obj: Model) -> str:
        words = dict(self.field.base_field.flatchoices)
        return ", ".join(str(words.get(code, code)) for code in getattr(obj, self.field.name)) or NOTHING


class RelatedFilter(RelatedFieldListFilter):
    """Offers, and accepts, only rows that the user may see and that rows of the list refer to."""

    def field_choices(self, field: Field, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[Any, str]]:
        used = model_admin.get_queryset(request).order_by().values(self.field_path)
        return [(row.pk, str(row)) for row in visible_to(request.user, field.related_model).filter(pk__in=used)]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        offered = {str(pk) for pk, _ in self.lookup_choices}
        if not {str(value) for value in self.lookup_val or ()} <= offered:
            return queryset.none()
        return super().queryset(request, queryset)


class ScopedAutocomplete(AutocompleteJsonView):
    """Answers only for fields in some `autocomplete_fields`, for users of that form, and with its choices."""

    def process_request(self, request: HttpRequest) -> tuple:
        found = super().process_request(request)
        source_field = found[2]
        admins = self.admin_site._registry.values()
        screens = [*admins, *(inline for admin in admins for inline in admin.inlines)]
        if not any(
            source_field.name in screen.autocomplete_fields for screen in screens if screen.model is source_field.model
        ):
            raise PermissionDenied
        return found

    def has_perm(self, request: HttpRequest, obj: Model | None = None) -> bool:
        model_admin = self.admin_site.get_model_admin(self.source_field.model)
        may_edit = model_admin.has_add_permission(request) or model_admin.has_change_permission(request)
        return may_edit and super().has_perm(request, obj)

    def get_queryset(self) -> QuerySet:
        allowed = choices_for(self.source_field, self.request.user)
        return super().get_queryset().filter(pk__in=allowed.order_by().values("pk"))
