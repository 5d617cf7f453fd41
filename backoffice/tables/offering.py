"""What every admin has of tables: its list as a file, and, where it has a resource, a file as changes to its rows."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.admin.options import IncorrectLookupParameters
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from backoffice.tables.files import FORMATS, as_file
from backoffice.tables.listed import ListedResource
from backoffice.tables.preview import preview_of
from backoffice.tables.upload import UploadForm
from referrals.models import UploadedTable
from referrals.resources import OutwardResource, ScopedResource, Unreadable, waiting
from referrals.workflow import AlreadyDone


class TablesAdmin(ModelAdmin):
    """Nothing leaves a list unless its admin says what.

    resource: what comes out can be changed and brought back. Its columns are what is exported.
    export_columns: without a resource, the columns that are exported: of what the list and the row's page show.
    not_exported: why nothing is.
    """

    resource: type[ScopedResource] | None = None
    export_columns: Sequence[str] = ()
    not_exported = ""

    @property
    def is_exported(self) -> bool:
        return not self.not_exported and bool(self.resource or self.export_columns)

    def has_import_permission(self, request: HttpRequest) -> bool:
        if self.resource is None or self.read_only:
            return False
        adds = self.resource.creates and self.has_add_permission(request)
        return adds or self.has_change_permission(request)

    def get_urls(self) -> list:
        def screen(route: str, view: Any, name: str):
            named = f"{self.opts.app_label}_{self.opts.model_name}_{name}"
            return path(route, self.admin_site.admin_view(view), name=named)

        leaving = [screen("download.<slug:file_format>", require_safe(self.download_view), "download")]
        coming = [
            screen("import/", self.import_view, "import"),
            screen("import/template.<slug:file_format>", require_safe(self.template_view), "template"),
            screen("import/<int:pk>/", self.confirm_view, "confirm"),
        ]
        own = (leaving if self.is_exported else []) + (coming if self.resource else [])
        return [*own, *super().get_urls()]

    def tables_context(self, request: HttpRequest) -> dict[str, Any]:
        """What the list's page needs to offer them."""
        return {
            "download_formats": FORMATS if self.is_exported else (),
            "import_url": self._address("import") if self.has_import_permission(request) else "",
        }

    def _address(self, page: str, *args: object) -> str:
        return reverse(f"backoffice:{self.opts.app_label}_{self.opts.model_name}_{page}", args=args)

    def _file_name(self) -> str:
        return f"{slugify(self.opts.verbose_name_plural)}-{timezone.localdate():%Y-%m-%d}"

    def download_view(self, request: HttpRequest, file_format: str) -> HttpResponse:
        """Send the list as it is searched and filtered, all pages of it."""
        if file_format not in FORMATS or not (self.is_exported and self.has_view_permission(request)):
            raise Http404
        try:
            chosen = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters:
            return HttpResponseRedirect(self._address("changelist"))
        return as_file(self._exporting(request).export(chosen), self._file_name(), file_format)

    def _exporting(self, request: HttpRequest) -> OutwardResource:
        return self.resource(request.user) if self.resource else ListedResource(request.user, self)

    def _importing(self, request: HttpRequest) -> ScopedResource:
        if not self.has_import_permission(request):
            raise Http404
        return self.resource(request.user)

    def template_view(self, request: HttpRequest, file_format: str) -> HttpResponse:
        """Send the columns, with nothing below them or with every row that the user may change."""
        resource = self._importing(request)
        if file_format not in FORMATS:
            raise Http404
        rows = resource.changeable() if "filled" in request.GET else resource.model.objects.none()
        return as_file(resource.export(rows), self._file_name(), file_format)

    def import_view(self, request: HttpRequest) -> HttpResponse:
        resource = self._importing(request)
        form = UploadForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            file = form.cleaned_data["file"]
            try:
                table = waiting.receive(resource, file.read(), name=file.name, session=_session(request))
            except Unreadable as refusal:
                form.add_error("file", str(refusal))
            else:
                return HttpResponseRedirect(self._address("confirm", table.pk))
        most = {"most_bytes": settings.UPLOADED_TABLE_BYTES, "most_rows": settings.UPLOADED_TABLE_ROWS}
        return self._screen(request, "upload", form=form, resource=resource, formats=FORMATS, **most)

    def confirm_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what a table would do; when it is posted, do exactly that."""
        resource = self._importing(request)
        table = waiting.tables_of(resource, _session(request)).filter(pk=pk).first()
        if table is None:
            raise Http404
        if request.method == "POST":
            return self._confirm(request, resource, table)
        if table.confirmed_at:
            return HttpResponseRedirect(self._address("changelist"))
        context = preview_of(table, request.GET.get("page"))
        return self._screen(request, "preview", table=table, import_url=self._address("import"), **context)

    def _confirm(self, request: HttpRequest, resource: ScopedResource, table: UploadedTable) -> HttpResponse:
        try:
            waiting.confirm(resource, table, then=lambda: self._log(request, resource))
        except AlreadyDone as done:
            return self._back(request, str(done), messages.INFO)
        except waiting.Stale as stale:
            waiting.show_again(table, stale)
            self.message_user(request, str(stale), messages.WARNING)
            return HttpResponseRedirect(self._address("confirm", table.pk))
        told = f"{len(resource.added)} added, {len(resource.changed)} changed: {table.name}."
        return self._back(request, told, messages.SUCCESS)

    def _back(self, request: HttpRequest, told: str, level: int) -> HttpResponse:
        self.message_user(request, told, level)
        return HttpResponseRedirect(self._address("changelist"))

    def _log(self, request: HttpRequest, resource: ScopedResource) -> None:
        for rows, flag in ((resource.added, ADDITION), (resource.changed, CHANGE)):
            if rows:
                LogEntry.objects.log_actions(request.user.pk, rows, flag, "With an uploaded table.")

    def _screen(self, request: HttpRequest, template: str, **context: object) -> TemplateResponse:
        context |= {**self.admin_site.each_context(request), "opts": self.opts, "media": self.media}
        context |= {"title": f"Import {self.opts.verbose_name_plural}"}
        return TemplateResponse(request, f"backoffice/tables/{template}.html", context)


def _session(request: HttpRequest) -> str:
    return request.session.session_key or ""
