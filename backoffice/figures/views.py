from datetime import date
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from tablib import Dataset

from backoffice.figures.access import Place, figures_view
from backoffice.figures.captions import change_in_words
from backoffice.figures.forms import FiguresForm, last_whole_month
from backoffice.figures.offered import count_what_is_offered
from backoffice.figures.sections import arrange
from backoffice.responses import not_found, render_page
from backoffice.scoped_admin.table_response import as_file
from referrals.import_export.formulas import escape_formula
from referrals.network.figures import (
    EXACT_TABLES,
    PUBLISHED_TABLES,
    Conditions,
    FigureTable,
    Kind,
    NotPublished,
    count_exactly,
    count_places,
    month_before,
    month_period,
    next_month,
    publish,
    published_periods,
    read_month,
)


@figures_view("period")
def figures(request: HttpRequest, place: Place) -> HttpResponse:
    return _exact_page(request, place) if place.is_exact else _published_page(request, place)


def _published_page(request: HttpRequest, place: Place) -> HttpResponse:
    today = timezone.localdate()
    periods = published_periods(place.network, today)
    chosen = request.GET.get("period", periods[0].key)
    if chosen not in {period.key for period in periods}:
        raise NotPublished("Choose one of the times that this page offers: figures are published for no other.")
    tables = publish(place.network, chosen)
    offered = count_what_is_offered(request, place.network)
    return _render(request, place, tables, count_places(place.network), periods=periods, chosen=chosen, offered=offered)


def _exact_page(request: HttpRequest, place: Place) -> HttpResponse:
    form = FiguresForm(request.GET, network=place.network, user=request.user)
    if not form.is_valid():
        return _render(request, place, {}, 0, form=form)
    tables = count_exactly(place.network, form.period, form.conditions)
    places = count_places(place.network, form.conditions.organisation)
    return _render(request, place, tables, places, form=form, chosen_days=form.period.name)


def _render(
    request: HttpRequest, place: Place, tables: dict[str, FigureTable], places: int, **context: object
) -> HttpResponse:
    query = request.GET.urlencode()
    return render_page(
        request,
        "backoffice/figures/index.html",
        title=f"Figures of {place.network}",
        place=place,
        sections=arrange(tables, places=places, today=timezone.localdate()),
        is_empty=bool(tables) and not tables["months"].total.cells[0].value,
        query=f"?{query}" if query else "",
        report=f"{reverse('backoffice:figures_report')}{_query(place)}",
        **context,
    )


@figures_view("month")
def report(request: HttpRequest, place: Place) -> HttpResponse:
    """One month on paper: tables without charts, and how it compares with the month before."""
    today = timezone.localdate()
    last = last_whole_month(today)
    month = read_month(request.GET["month"]) if "month" in request.GET else last
    if month is None or month > today:
        raise NotPublished("Write a month that has begun as year and month, such as 2026-10.")
    tables = _of_month(place, month)
    try:
        before = _of_month(place, month_before(month), ["months"])
    except NotPublished:  # it is older than what is published
        before = {}
    sent, sent_before = (one["months"].rows[0].cells[0].value if one else 0 for one in (tables, before))
    return render_page(
        request,
        "backoffice/figures/report.html",
        title=f"{place.network}, {month:%B %Y}",
        place=place,
        month=month,
        is_running=month > last,
        sections=arrange(tables, places=count_places(place.network), today=today, is_drawn=False),
        change=change_in_words(sent_before, sent, f"{month_before(month):%B}", f"{month:%B}") if before else "",
        earlier=_report_of(place, month_before(month)) if before else "",
        later=_report_of(place, next_month(month)) if next_month(month) <= (today if place.is_exact else last) else "",
        today=today,
    )


def _report_of(place: Place, month: date) -> str:
    return f"{reverse('backoffice:figures_report')}{_query(place, month=f'{month:%Y-%m}')}"


def _of_month(place: Place, month: object, slugs: list[str] | None = None) -> dict[str, FigureTable]:
    period = month_period(month)
    if place.is_exact:
        return count_exactly(place.network, period, Conditions(), slugs or _ONE_MONTH)
    return publish(place.network, period.key, slugs)


_ONE_MONTH = [slug for slug, table in EXACT_TABLES.items() if not table.across]


@figures_view("period")
def download(request: HttpRequest, place: Place, slug: str) -> HttpResponse:
    if slug not in (EXACT_TABLES if place.is_exact else PUBLISHED_TABLES):
        return not_found(request)
    if place.is_exact:
        form = FiguresForm(request.GET, network=place.network, user=request.user)
        if not form.is_valid():
            raise NotPublished(" ".join(error for errors in form.errors.values() for error in errors))
        table = count_exactly(place.network, form.period, form.conditions, [slug])[slug]
    else:
        table = publish(place.network, request.GET.get("period", "months"), [slug])[slug]
    name = f"{place.network.slug}-{slug}-{table.period.first}-to-{table.period.end}"
    return as_file(_as_dataset(table), name, "csv")


def _as_dataset(table: FigureTable) -> Dataset:
    headers = [table.table.heading, *table.columns]
    rows = Dataset(headers=[escape_formula(header) for header in headers])
    for row in [*table.rows, *filter(None, [table.total])]:
        cells = [cell.value if cell.kind is Kind.COUNT else str(cell) for cell in row.cells]
        rows.append([escape_formula(row.label), *cells])
    return rows


def _query(place: Place, **more: str) -> str:
    query = {**place.query, **more}
    return f"?{urlencode(query)}" if query else ""
