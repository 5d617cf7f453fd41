"""System checks: every admin and inline is scoped, and every model of ours has an admin."""

from collections.abc import Iterator

from django.apps import apps
from django.contrib import admin
from django.core import checks

from backoffice.scoped_admin.admin import ScopedAdmin
from backoffice.scoped_admin.inlines import ScopedInline
from referrals.models import (
    CaseNote,
    Correction,
    Digest,
    FlowExample,
    FlowVersion,
    ListingCell,
    PersonComparison,
    PersonMerge,
    PersonTag,
    PublicChange,
    PublicListing,
    Question,
    QuestionOption,
    SuppressedAddress,
    TrackRecord,
    UndoableAnswer,
)

# Worked out from other models, by triggers or a schedule, or edited on a screen of their own: nobody lists them.
WITHOUT_LIST = {
    Digest,
    CaseNote,
    Correction,
    FlowExample,
    FlowVersion,
    ListingCell,
    PersonComparison,
    PersonMerge,
    PersonTag,
    PublicChange,
    PublicListing,
    Question,
    QuestionOption,
    SuppressedAddress,
    TrackRecord,
    UndoableAnswer,
}


def find_unscoped(site: admin.AdminSite) -> Iterator[checks.CheckMessage]:
    for model, model_admin in site._registry.items():
        if not isinstance(model_admin, ScopedAdmin):
            yield checks.Error(f"The admin of {model._meta.label} is not scoped.", id="backoffice.E001")
        for inline in model_admin.inlines:
            if not issubclass(inline, ScopedInline):
                yield checks.Error(f"{inline.__name__} is not a ScopedInline.", id="backoffice.E002")
        for described in (model_admin, *model_admin.inlines):
            if not described.fields and not described.fieldsets:
                yield checks.Error(f"{described} names no fields.", id="backoffice.E004")
    for model in apps.get_app_config("referrals").get_models():
        if model not in site._registry and model not in WITHOUT_LIST:
            yield checks.Error(f"{model._meta.label} has no admin.", id="backoffice.E003")


@checks.register(checks.Tags.security)
def check_scoping(app_configs: object, **kwargs: object) -> list[checks.CheckMessage]:
    return list(find_unscoped(admin.site))
