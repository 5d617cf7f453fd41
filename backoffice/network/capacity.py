"""Capacity: a treemap of what takes people, and the same as a table."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.core.paginator import Paginator
from django.db.models import Case, Count, F, FloatField, OrderBy, Q, QuerySet, Sum, When
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from backoffice.network.screen import NetworkScreen, network_screen, order_links
from backoffice.responses import render_page
from backoffice.service_card import cards_of, places_in_words
from referrals.models import Service
from referrals.models.services import TAKES_PEOPLE
from referrals.network.capacity import Box, Load, LoadBox, lay_out

MAX_BOXES = 700  # with more services, a box is an organisation
MAX_ORGANISATIONS = 300  # of which the largest are drawn
PAGE_SIZE = 100
MAX_APART = 60
_ORDERS = {
    "service": "activity__name",
    "organisation": "organisation__name",
    "capacity": "capacity",
    "taken": Case(When(load_is_known=True, then=F("open_cases"))),
    "asked": Case(When(load_is_known=True, then=F("waiting_offers"))),
    "share": Case(When(load_is_known=True, then=Cast(F("open_cases"), FloatField()) / F("capacity"))),
}
_COLUMNS = {
    "service": "Service",
    "organisation": "Organisation",
    "capacity": "Capacity",
    "taken": "Open cases",
    "asked": "Offers",
    "share": "Places taken",
}
FIRST_ORDER = "organisation"


@dataclass(frozen=True, slots=True)
class Picture:
    """The same boxes for one width of screen. Units are those of text at its own size."""

    name: str
    width: int
    height: int
    groups: list["DrawnGroup"]


@dataclass(frozen=True, slots=True)
class DrawnBox:
    """`whole`, `taken` and `asked` are the attributes of rectangles; a part without any height has none."""

    label: str  # what the box says to those who cannot see it
    url: str
    whole: SafeString
    taken: SafeString
    asked: SafeString
    is_over: bool
    lines: SafeString


@dataclass(frozen=True, slots=True)
class DrawnGroup:
    edge: SafeString
    boxes: list[DrawnBox]


def capacity_view(request: HttpRequest) -> HttpResponse:
    screen = network_screen(request)
    order, links = order_links(request, tuple(_ORDERS), FIRST_ORDER)
    services = screen.services.defer("catchment", "description")
    taking = services.filter(TAKES_PEOPLE)
    page = Paginator(_in_order(taking, order), PAGE_SIZE).get_page(request.GET.get("page"))
    is_by_organisation = page.paginator.count > MAX_BOXES
    apart = services.exclude(TAKES_PEOPLE).order_by("organisation__name", "activity__name", "pk")[: MAX_APART + 1]
    return render_page(
        request,
        "backoffice/network/capacity.html",
        title="Capacity",
        screen=screen,
        pictures=_draw(_loads_by_organisation(screen, taking) if is_by_organisation else _loads(taking)),
        is_by_organisation=is_by_organisation,
        max_organisations=MAX_ORGANISATIONS,
        page=page,
        cards=cards_of(page),
        columns=[(label, links[name]) for name, label in _COLUMNS.items()],
        apart=cards_of(apart)[:MAX_APART],
        has_more_apart=len(apart) > MAX_APART,
    )


def _in_order(services: QuerySet[Service], order: str) -> QuerySet[Service]:
    key = _ORDERS[order.removeprefix("-")]
    first = OrderBy(F(key) if isinstance(key, str) else key, descending=order.startswith("-"), nulls_last=True)
    return services.order_by(first, "organisation__name", "activity__name", "pk")


@dataclass(frozen=True, slots=True)
class _Subject:
    """What a box is about: the `key` of its load."""

    name: str
    organisation: str
    url: str


def _loads(services: QuerySet[Service]) -> list[Load]:
    return [
        Load(
            _Subject(
                service.activity.name,
                service.organisation.name,
                reverse("backoffice:referrals_service_change", args=[service.pk]),
            ),
            (service.organisation.name, service.organisation_id),
            service.capacity,
            service.open_cases,
            service.waiting_offers,
            service.load_is_known,
        )
        for service in services.order_by("-capacity", "activity__name", "pk")
    ]


def _loads_by_organisation(screen: NetworkScreen, services: QuerySet[Service]) -> list[Load]:
    """Sum up for the largest organisations; the load of one is known only if that of all its services is."""
    rows = services.order_by().values("organisation", "organisation__name")
    sums = rows.annotate(
        places=Sum("capacity"),
        open=Sum("open_cases"),
        offers=Sum("waiting_offers"),
        unknown=Count("pk", filter=Q(load_is_known=False)),
    )
    joint = "&" if screen.filter_query else "?"
    here = f"{screen.request.path}{screen.filter_query}{joint}organisation="
    return [
        Load(
            _Subject(row["organisation__name"], "", f"{here}{row['organisation']}"),
            (row["organisation__name"], row["organisation"]),
            row["places"],
            row["open"],
            row["offers"],
            not row["unknown"],
        )
        for row in sums.order_by("-places", "organisation__name", "organisation")[:MAX_ORGANISATIONS]
    ]


def _load_in_words(load: Load) -> str:
    if load.is_known:
        return places_in_words(load.open_cases, load.offers, load.capacity)
    return f"{load.capacity} place{pluralize(load.capacity)}, how many are taken is not shared"


# Text is drawn at 13 units, of which a letter takes some 7; the group's name is bold.
LETTER, BOLD_LETTER, LINE, MARGIN = 7.2, 8.4, 16, 5


def _draw(loads: Sequence[Load]) -> list[Picture]:
    """Lay the boxes out for a wide and for a narrow screen, taller where there are many."""
    if not loads:
        return []
    wide, narrow = (1160, 620 + len(loads)), (460, 900 + 3 * len(loads))
    return [_picture("wide", *wide, loads), _picture("narrow", *narrow, loads)]


def _picture(name: str, width: int, height: int, loads: Sequence[Load]) -> Picture:
    groups = [
        DrawnGroup(_rectangle(group.box), [_drawn_box(box, is_first=box is group.loads[0]) for box in group.loads])
        for group in lay_out(loads, width=width, height=height)
    ]
    return Picture(name, width, height, groups)


def _drawn_box(drawn: LoadBox, *, is_first: bool) -> DrawnBox:
    load, subject = drawn.load, drawn.load.key
    of = f", {subject.organisation}" if subject.organisation else ""
    wanted = [("group", subject.organisation)] if is_first and subject.organisation else []
    words = [("name", subject.name), ("load", _short_load(drawn))]
    wanted += reversed(words) if drawn.is_over else words  # where one line fits, it says so
    return DrawnBox(
        label=f"{subject.name}{of}: {_load_in_words(load)}",
        url=subject.url,
        whole=_rectangle(drawn.box),
        taken=_rectangle(drawn.taken),
        asked=_rectangle(drawn.asked),
        is_over=drawn.is_over,
        lines=format_html_join("", '<text class="{}" x="{}" y="{}">{}</text>', _lines(drawn.box, wanted)),
    )


def _rectangle(box: Box) -> SafeString:
    # Not in the template: it would take a second to round ten thousand numbers.
    x, y, width, height = box
    return SafeString(f'x="{x:.2f}" y="{y:.2f}" width="{width:.2f}" height="{height:.2f}"' if height else "")


def _short_load(drawn: LoadBox) -> str:
    load = drawn.load
    if not load.is_known:
        return "not shared"
    return f"{'Over: ' if drawn.is_over else ''}{load.open_cases} of {load.capacity}"


def _lines(box: Box, wanted: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str, str, str]]:
    """Yield (kind, x, y, text) of the lines that fit: whole, or with enough letters to know them by."""
    y = box.y + MARGIN + 11
    for kind, text in wanted:
        letters = int((box.width - 2 * MARGIN) / (BOLD_LETTER if kind == "group" else LETTER))
        if y + MARGIN > box.y + box.height:
            return
        if len(text) > letters and (letters < 6 or kind == "load"):
            continue
        shown = text if len(text) <= letters else f"{text[: letters - 1].rstrip()}…"
        yield kind, f"{box.x + MARGIN:.1f}", f"{y:.1f}", shown
        y += LINE
