from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from backoffice.network.listing import list_organisations, orders_of, rows_of, shows_sign_ins
from backoffice.network.screen import network_screen, order_links
from backoffice.network.table import table_of
from backoffice.responses import not_found, render_page
from backoffice.scoped_admin.table_response import FORMATS, as_file
from referrals.access import changeable_by, may_add
from referrals.models import Network, Organisation

PAGE_SIZE = 25


def list_view(request: HttpRequest) -> HttpResponse:
    screen = network_screen(request)
    order, links = order_links(request, orders_of(screen))
    page = Paginator(list_organisations(screen, order), PAGE_SIZE).get_page(request.GET.get("page"))
    return render_page(
        request,
        "backoffice/network/list.html",
        title="All organisations",
        screen=screen,
        page=page,
        rows=rows_of(screen, page),
        orders=links,
        formats=FORMATS,
        shows_sign_ins=shows_sign_ins(screen),
        tools=_tools(request),
    )


def download_list(request: HttpRequest, file_format: str) -> HttpResponse:
    if file_format not in FORMATS:
        return not_found(request)
    screen = network_screen(request)
    rows = rows_of(screen, list_organisations(screen, order_links(request, orders_of(screen))[0]))
    name = f"organisations-{timezone.localdate():%Y-%m-%d}"
    return as_file(table_of(rows, shows_sign_ins=shows_sign_ins(screen)), name, file_format)


def _tools(request: HttpRequest) -> list[tuple[str, str]]:
    tools = []
    if changeable_by(request.user, Network).exists():
        tools.append(("Invite an organisation", reverse("backoffice:invite_organisation")))
    if may_add(request.user, Organisation):
        tools.append(("Import", reverse("backoffice:referrals_organisation_import")))
        tools.append(("Add an organisation", reverse("backoffice:referrals_organisation_add")))
    return tools
