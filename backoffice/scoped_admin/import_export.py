"""Export and import in every admin: the list as a file and, with a resource, a file as changes to the rows."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRefresh

from backoffice.responses import render_page
from backoffice.scoped_admin.import_preview import count_in_words, preview_of, row_count
from backoffice.scoped_admin.list_export import ListedResource
from backoffice.scoped_admin.table_response import FORMATS, send_rows
from backoffice.scoped_admin.upload_form import UploadForm
from referrals.enums import TableState
from referrals.import_export import ScopedResource, Unreadable, VisibleResource, uploads
from referrals.models import UploadedTable, User
from referrals.rate_limits import TooMany
from referrals.refusals import AlreadyDone, Refusal

_SIGNED_OUT_SINCE = "A table is shown only until you sign out. Send the file again to see what it would still change."
_RESULT_KEY = "table_{}_result"  # in the session: the message to show once the table has been imported


class TablesAdmin(ModelAdmin):
    """Exports nothing unless the admin says what.

    resource: exports its columns, and imports them again with changes.
    export_columns: without a resource, the columns that are exported, of those that the list or the row's page shows.
    not_exported: the reason why nothing is.
    """

    resource: type[ScopedResource] | None = None
    export_columns: Sequence[str] = ()
    not_exported = ""

    def log_export(self, user: User, rows: QuerySet) -> None:
        """Hook: record whose full details a file with these rows holds."""

    @property
    def is_exported(self) -> bool:
        return not self.not_exported and bool(self.resource or self.export_columns)

    def has_import_permission(self, request: HttpRequest) -> bool:
        if self.resource is None or self.read_only:
            return False
        may_add = self.resource.creates and self.has_add_permission(request)
        return may_add or self.has_change_permission(request)

    def get_urls(self) -> list:
        def screen(route: str, view: Any, name: str):
            named = f"{self.opts.app_label}_{self.opts.model_name}_{name}"
            return path(route, self.admin_site.admin_view(view), name=named)

        export_urls = [screen("download.<slug:file_format>", require_safe(self.download_view), "download")]
        import_urls = [
            screen("import/", self.import_view, "import"),
            screen("import/template.<slug:file_format>", require_safe(self.template_view), "template"),
            screen("import/<int:pk>/", self.confirm_view, "confirm"),
            screen("import/<int:pk>/progress/", require_safe(self.progress_view), "progress"),
        ]
        return [
            *(export_urls if self.is_exported else []),
            *(import_urls if self.resource else []),
            *super().get_urls(),
        ]

    def tables_context(self, request: HttpRequest) -> dict[str, Any]:
        return {
            "download_formats": FORMATS if self.is_exported else (),
            "import_url": self._url("import") if self.has_import_permission(request) else "",
        }

    def _url(self, page: str, *args: object) -> str:
        return reverse(f"backoffice:{self.opts.app_label}_{self.opts.model_name}_{page}", args=args)

    def _file_name(self) -> str:
        return f"{slugify(self.opts.verbose_name_plural)}-{timezone.localdate():%Y-%m-%d}"

    def download_view(self, request: HttpRequest, file_format: str) -> HttpResponse:
        if file_format not in FORMATS or not (self.is_exported and self.has_view_permission(request)):
            raise Http404
        try:
            rows = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters:
            return HttpResponseRedirect(self._url("changelist"))
        user = request.user
        resource: VisibleResource = self.resource(user) if self.resource else ListedResource(user, self)
        return send_rows(resource, rows, self._file_name(), file_format)

    def template_view(self, request: HttpRequest, file_format: str) -> HttpResponse:
        """Send the headings alone or, with `?filled`, every row that the user may change."""
        resource = self._resource_for(request)
        if file_format not in FORMATS:
            raise Http404
        rows = resource.changeable() if "filled" in request.GET else resource.model.objects.none()
        return send_rows(resource, rows, self._file_name(), file_format)

    def import_view(self, request: HttpRequest) -> HttpResponse:
        resource = self._resource_for(request)
        form = UploadForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            file = form.cleaned_data["file"]
            try:
                table = uploads.receive_table(resource, file.read(), name=file.name, session=_session(request))
            except (Unreadable, TooMany) as refusal:
                form.add_error("file", str(refusal))
            else:
                return HttpResponseRedirect(self._url("confirm", table.pk))
        limits = {"max_bytes": settings.UPLOADED_TABLE_BYTES, "max_rows": settings.UPLOADED_TABLE_ROWS}
        return self._render(request, "upload", form=form, resource=resource, formats=FORMATS, **limits)

    def confirm_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if uploads.was_in_another_session(self._resource_for(request), _session(request), pk):
            self.message_user(request, _SIGNED_OUT_SINCE, messages.WARNING)
            return HttpResponseRedirect(self._url("import"))
        table = self._get_table(request, pk)
        if request.method == "POST":
            return self._confirm(request, table)
        if table.state in uploads.UNFINISHED:
            return HttpResponseRedirect(self._url("progress", pk))
        if table.state == TableState.DONE:
            return self._show_result(request, table)
        context = preview_of(table, request.GET.get("page"))
        return self._render(request, "preview", table=table, import_url=self._url("import"), **context)

    def progress_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show that a table is being imported. The page polls this every 2 seconds and moves on when it is done."""
        try:
            table = self._get_table(request, pk, without=("rows", "changes"))
        except Http404:
            if request.htmx:  # else it would poll for ever
                return HttpResponseClientRefresh()
            raise
        if table.state not in uploads.UNFINISHED:
            # htmx would follow a redirect itself, and the message of the page behind it would never be seen.
            return HttpResponseClientRefresh() if request.htmx else HttpResponseRedirect(self._url("confirm", pk))
        return self._render(request, "progress", table=table, rows=row_count(table), is_late=uploads.is_late(table))

    def _resource_for(self, request: HttpRequest) -> ScopedResource:
        if not self.has_import_permission(request):
            raise Http404
        return self.resource(request.user)

    def _get_table(self, request: HttpRequest, pk: int, without: Sequence[str] = ()) -> UploadedTable:
        tables = uploads.find_tables(self._resource_for(request), _session(request))
        return get_object_or_404(tables.defer(*without), pk=pk)

    def _confirm(self, request: HttpRequest, table: UploadedTable) -> HttpResponse:
        result = f"{count_in_words(table.changes)}: {table.name}."
        try:
            uploads.confirm_table(table)
        except AlreadyDone as done:
            self.message_user(request, str(done), messages.INFO)
            return HttpResponseRedirect(self._url("changelist"))
        except Refusal:
            return HttpResponseRedirect(self._url("confirm", table.pk))
        request.session[_RESULT_KEY.format(table.pk)] = result
        table.refresh_from_db(fields=["state"])
        if table.state == TableState.DONE:
            return self._show_result(request, table)
        return HttpResponseRedirect(self._url("confirm", table.pk))

    def _show_result(self, request: HttpRequest, table: UploadedTable) -> HttpResponse:
        result = request.session.pop(_RESULT_KEY.format(table.pk), f"{table.name} was done before.")
        self.message_user(request, result, messages.SUCCESS)
        return HttpResponseRedirect(self._url("changelist"))

    def _render(self, request: HttpRequest, template: str, **context: object) -> TemplateResponse:
        context |= {"opts": self.opts, "media": self.media, "title": f"Import {self.opts.verbose_name_plural}"}
        return render_page(request, f"backoffice/import_export/{template}.html", **context)


def _session(request: HttpRequest) -> str:
    return request.session.session_key or ""
