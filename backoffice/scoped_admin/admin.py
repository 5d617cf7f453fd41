from django.http import HttpRequest, HttpResponse

from backoffice.scoped_admin.import_export import TablesAdmin
from backoffice.scoped_admin.scoping import ScopedModelAdmin


class ScopedAdmin(ScopedModelAdmin, TablesAdmin):
    """The ModelAdmin that every admin extends: scoped, with its list as a file and, if it has a resource, imports."""

    is_scoping_base = True

    SEALED = (
        *ScopedModelAdmin.SEALED,
        "confirm_view",
        "download_view",
        "has_import_permission",
        "import_view",
        "is_exported",
        "progress_view",
        "template_view",
    )

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        return super().changelist_view(request, self.tables_context(request) | (extra_context or {}))
