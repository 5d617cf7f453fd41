"""What every admin has of tables: its list as a file, and, where it has a resource, a file as changes to its rows."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.options import IncorrectLookupParameters
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from backoffice.scoped_admin.import_preview import in_words, preview_of, row_count
from backoffice.scoped_admin.list_export import ListedResource
from backoffice.scoped_admin.table_response import FORMATS, as_file
from backoffice.scoped_admin.upload_form import UploadForm
from referrals.enums import TableState
from referrals.import_export import OutwardResource, ScopedResource, Unreadable, uploads
from referrals.import_export.job_claims import AT_WORK, BELL_IS_LATE
from referrals.models import UploadedTable
from referrals.workflow import AlreadyDone, Refusal

_TOLD = "table_{}_told"  # where the session keeps what a table did until its page has said so


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
            screen("import/<int:pk>/progress/", require_safe(self.progress_view), "progress"),
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
                table = uploads.receive(resource, file.read(), name=file.name, session=_session(request))
            except Unreadable as refusal:
                form.add_error("file", str(refusal))
            else:
                return HttpResponseRedirect(self._address("confirm", table.pk))
        most = {"most_bytes": settings.UPLOADED_TABLE_BYTES, "most_rows": settings.UPLOADED_TABLE_ROWS}
        return self._screen(request, "upload", form=form, resource=resource, formats=FORMATS, **most)

    def confirm_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what a table would do; when it is posted, do exactly that."""
        table = self._uploaded(request, pk)
        if request.method == "POST":
            return self._confirm(request, table)
        if table.state in AT_WORK:
            return HttpResponseRedirect(self._address("progress", pk))
        if table.state == TableState.DONE:
            return self._done(request, table)
        context = preview_of(table, request.GET.get("page"))
        return self._screen(request, "preview", table=table, import_url=self._address("import"), **context)

    def progress_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show how far the work on a table is; the page asks for itself again until it is led elsewhere."""
        table = self._uploaded(request, pk, "rows", "changes")
        if table.state not in AT_WORK:
            return HttpResponseRedirect(self._address("confirm", pk))
        is_late = timezone.now() - (table.confirmed_at or table.uploaded_at) > BELL_IS_LATE and not table.claimed_at
        context = {"table": table, "rows": row_count(table), "is_late": is_late, "is_done": bool(table.confirmed_at)}
        return self._screen(request, "progress", **context)

    def _uploaded(self, request: HttpRequest, pk: int, *unread: str) -> UploadedTable:
        tables = uploads.tables_of(self._importing(request), _session(request))
        return get_object_or_404(tables.defer(*unread), pk=pk)

    def _confirm(self, request: HttpRequest, table: UploadedTable) -> HttpResponse:
        told = f"{in_words(table.changes)}: {table.name}."
        try:
            uploads.confirm(table)
        except AlreadyDone as done:
            return self._back(request, str(done), messages.INFO)
        except Refusal:
            return self._again(table)
        request.session[_TOLD.format(table.pk)] = told
        table.refresh_from_db(fields=["state"])
        return self._done(request, table) if table.state == TableState.DONE else self._again(table)

    def _again(self, table: UploadedTable) -> HttpResponse:
        return HttpResponseRedirect(self._address("confirm", table.pk))

    def _done(self, request: HttpRequest, table: UploadedTable) -> HttpResponse:
        told = request.session.pop(_TOLD.format(table.pk), f"{table.name} was done before.")
        return self._back(request, told, messages.SUCCESS)

    def _back(self, request: HttpRequest, told: str, level: int) -> HttpResponse:
        self.message_user(request, told, level)
        return HttpResponseRedirect(self._address("changelist"))

    def _screen(self, request: HttpRequest, template: str, **context: object) -> TemplateResponse:
        context |= {**self.admin_site.each_context(request), "opts": self.opts, "media": self.media}
        context |= {"title": f"Import {self.opts.verbose_name_plural}"}
        return TemplateResponse(request, f"backoffice/import_export/{template}.html", context)


def _session(request: HttpRequest) -> str:
    return request.session.session_key or ""
