from datetime import date, timedelta
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from tablib import Dataset

from backoffice.figures.access import NetworkChoice, figures_view
from backoffice.figures.captions import change_in_words
from backoffice.figures.forms import FiguresForm
from backoffice.figures.offered import count_what_is_offered
from backoffice.figures.sections import arrange
from backoffice.responses import not_found, render_page
from backoffice.scoped_admin.table_response import as_file
from referrals.import_export.formulas import escape_formula
from referrals.network.figures import (
    EARLIEST,
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

_EXACT_OF_A_MONTH = [slug for slug, table in EXACT_TABLES.items() if not table.across]


@figures_view("period")
def figures(request: HttpRequest, choice: NetworkChoice) -> HttpResponse:
    return _exact_page(request, choice) if choice.is_exact else _published_page(request, choice)


def _published_page(request: HttpRequest, choice: NetworkChoice) -> HttpResponse:
    today = timezone.localdate()
    periods = published_periods(choice.network, today)
    chosen = request.GET.get("period", periods[0].key)
    if chosen not in {period.key for period in periods}:
        raise NotPublished("Choose one of the periods on this page: figures are not published for others.")
    tables = publish(choice.network, chosen)
    offered = count_what_is_offered(request, choice.network)
    return _render(
        request, choice, tables, count_places(choice.network), periods=periods, chosen=chosen, offered=offered
    )


def _exact_page(request: HttpRequest, choice: NetworkChoice) -> HttpResponse:
    form = FiguresForm(request.GET, network=choice.network, user=request.user)
    if not form.is_valid():
        return _render(request, choice, {}, 0, form=form)
    tables = count_exactly(choice.network, form.period, form.conditions)
    places = count_places(choice.network, form.conditions.organisation)
    return _render(request, choice, tables, places, form=form, chosen_days=form.period.name)


def _render(
    request: HttpRequest, choice: NetworkChoice, tables: dict[str, FigureTable], places: int, **context: object
) -> HttpResponse:
    query = request.GET.urlencode()
    return render_page(
        request,
        "backoffice/figures/index.html",
        title=f"Figures for {choice.network}",
        choice=choice,
        sections=arrange(tables, places=places, today=timezone.localdate()),
        is_empty=bool(tables) and not tables["months"].total.cells[0].value,
        query=f"?{query}" if query else "",
        report=f"{reverse('backoffice:figures_report')}{_query(choice)}",
        **context,
    )


@figures_view("month")
def report(request: HttpRequest, choice: NetworkChoice) -> HttpResponse:
    """One month to print: tables without charts and, if it is over, a comparison with the month before."""
    today = timezone.localdate()
    last = month_before(today.replace(day=1))
    month = read_month(request.GET["month"]) if "month" in request.GET else last
    if month is None or month > today:
        raise NotPublished("Give a month that has begun, as year and month: such as 2026-10.")
    is_running = month > last
    tables = _of_month(choice, month)
    try:
        before = _of_month(choice, month_before(month), ["months"])
    except NotPublished:  # it is before what is published
        before = {}
    sent, sent_before = (one["months"].rows[0].cells[0].value if one else 0 for one in (tables, before))
    is_compared = before and not is_running
    earlier, later = month_before(month), next_month(month)
    return render_page(
        request,
        "backoffice/figures/report.html",
        title=f"{choice.network}, {month:%B %Y}",
        choice=choice,
        month=month,
        is_running=is_running,
        sections=arrange(tables, places=count_places(choice.network), today=today, is_drawn=False),
        change=change_in_words(sent_before, sent, f"{month_before(month):%B}", f"{month:%B}") if is_compared else "",
        earlier=_report_of(choice, earlier) if before and earlier >= EARLIEST else "",
        later=_report_of(choice, later) if later <= (today if choice.is_exact else last) else "",
        today=today,
    )


def _report_of(choice: NetworkChoice, month: date) -> str:
    return f"{reverse('backoffice:figures_report')}{_query(choice, month=f'{month:%Y-%m}')}"


def _of_month(choice: NetworkChoice, month: date, slugs: list[str] | None = None) -> dict[str, FigureTable]:
    period = month_period(month)
    if choice.is_exact:
        return count_exactly(choice.network, period, Conditions(), slugs or _EXACT_OF_A_MONTH)
    return publish(choice.network, period.key, slugs)


@figures_view("period")
def download(request: HttpRequest, choice: NetworkChoice, slug: str) -> HttpResponse:
    if slug not in (EXACT_TABLES if choice.is_exact else PUBLISHED_TABLES):
        return not_found(request)
    if choice.is_exact:
        form = FiguresForm(request.GET, network=choice.network, user=request.user)
        if not form.is_valid():
            raise NotPublished(" ".join(error for errors in form.errors.values() for error in errors))
        table = count_exactly(choice.network, form.period, form.conditions, [slug])[slug]
    else:
        table = publish(choice.network, request.GET.get("period", "months"), [slug])[slug]
    name = f"{choice.network.slug}-{slug}-{table.period.first}-to-{table.period.end - timedelta(days=1)}"
    return as_file(_as_dataset(table), name, "csv")


def _as_dataset(table: FigureTable) -> Dataset:
    headers = [table.table.heading, *table.columns]
    rows = Dataset(headers=[escape_formula(header) for header in headers])
    for row in [*table.rows, *filter(None, [table.total])]:
        cells = [cell.value if cell.kind is Kind.COUNT else str(cell) for cell in row.cells]
        rows.append([escape_formula(row.label), *cells])
    return rows


def _query(choice: NetworkChoice, **more: str) -> str:
    query = {**choice.query, **more}
    return f"?{urlencode(query)}" if query else ""
