"""The directory's page: what was asked, what is found, and every link and number on it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.contrib.gis.geos import Point
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from directory_site.details.addresses import service_path
from directory_site.directory.site_scope import SiteScope, site_scope_of
from directory_site.models import PublicSite
from directory_site.search import Filters, Found, Place, Search, Words, find, find_place, is_postcode, understand
from directory_site.search.query import ANYWHERE, FARTHEST, MILES, PAGE_SIZE, Sort
from directory_site.search.statement import default_sort
from directory_site.visited import visited_site
from referrals.catchments.map_tiles import allowed_tiles
from referrals.enums import AccessFeature, ReferralPathway, Weekday
from referrals.services.public_card import PublicLine, line_of, with_line_rows

AGES = {
    "0-17": gettext_lazy("Under 18"),
    "18-25": gettext_lazy("18 to 25"),
    "26-64": gettext_lazy("26 to 64"),
    "65": gettext_lazy("65 or over"),
}
MOST_GROUPS = 40  # answers offered by a filter: a list that nobody reads helps nobody


@dataclass(frozen=True, slots=True)
class ListedResult:
    """A service on the page: `number` is that of its pin; `miles` is None without a place."""

    number: int
    key: int
    path: str
    line: PublicLine
    miles: float | None
    serves: bool | None
    point: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class FilterChoice:
    """A box to tick: `count` is how many services there would be with it; `name` and `value` stand in the address."""

    name: str
    value: str
    label: str
    count: int
    is_chosen: bool
    level: int = 0


@dataclass(frozen=True, slots=True)
class Filter:
    """Boxes under one heading; of some only one can be ticked."""

    label: str
    choices: tuple[FilterChoice, ...]
    one_only: bool = False

    @property
    def name(self) -> str:
        return self.choices[0].name if self.choices else ""

    @property
    def chosen(self) -> int:
        return sum(choice.is_chosen for choice in self.choices)


@dataclass(frozen=True, slots=True)
class Way:
    """A link to another search, and what it leads to. is_as_written: the label is an editor's."""

    label: str
    query: str
    is_as_written: bool = False


@dataclass(frozen=True, slots=True)
class Directory:
    """All that the page shows. `filters` are in the order of the page."""

    search: Search
    place: Place | None
    words: Words
    found: Found
    results: tuple[ListedResult, ...]
    filters: tuple[Filter, ...]
    chosen: tuple[Way, ...]
    wider: tuple[Way, ...]
    pages: tuple[Way, ...]
    sort: str

    @property
    def is_place_unknown(self) -> bool:
        return self.search.has_place and self.place is None

    @property
    def is_postcode_unknown(self) -> bool:
        """Rightly written as far as one can see, but not one that is known."""
        return self.is_place_unknown and is_postcode(self.search.place)

    @property
    def may_have_missed(self) -> bool:
        """Whether what was meant may not be here: nothing was found, or something else than was typed."""
        words = self.words
        return not self.found.total or bool(words.corrected or words.unknown) or self.found.has_only_some_words

    @property
    def heading(self) -> str:
        """Return "12 services", with what they are for and where when that was asked."""
        number = self.found.total
        count = _services(number) if number else _("No service")
        if self.search.q:
            count = _("%(count)s for “%(words)s”") % {"count": count, "words": self.search.q}
        if self.place:
            near = _("%(count)s near %(place)s")
            within = ngettext(
                "%(count)s within %(miles)s mile of %(place)s",
                "%(count)s within %(miles)s miles of %(place)s",
                self.search.within or 0,
            )
            count = (within if self.search.within else near) % {
                "count": count,
                "place": self.place.name,
                "miles": self.search.within,
            }
        return count

    @property
    def sorts(self) -> list[FilterChoice]:
        possible = [
            sort for sort in Sort if (sort != Sort.NEAREST or self.place) and (sort != Sort.BEST or self.search.q)
        ]
        return [FilterChoice("sort", sort.value, str(sort.label), 0, sort == self.sort) for sort in possible]

    @property
    def distances(self) -> list[FilterChoice]:
        """Return what can be chosen, nearest first; how far is looked when nobody chose is empty in the address."""
        choices = [(str(miles), miles, miles) for miles in MILES] + [("", FARTHEST, None)]
        found = [
            FilterChoice("within", value, _within(miles), 0, self.search.within == own) for value, miles, own in choices
        ]
        return [*found, FilterChoice("within", "any", _("Any distance"), 0, self.search.within == ANYWHERE)]


def _services(number: int) -> str:
    return ngettext("%(number)s service", "%(number)s services", number) % {
        "number": number_format(number, force_grouping=True)
    }


def _within(miles: int) -> str:
    return ngettext("Within %(miles)s mile", "Within %(miles)s miles", miles) % {"miles": miles}


def directory_of(site: PublicSite, search: Search, scope: SiteScope, *, now: datetime | None = None) -> Directory:
    """Return the page that `search` asks of `site`, in a fixed number of queries however much is found; when that is
    nothing, in up to six more."""
    now = now or timezone.now()
    filters = scope.filters
    words, place = understand(search.q, scope.keys, scope.synonyms), find_place(search, scope.keys)

    def ask(other: Search) -> Found:
        heard, there = (words if other.q else Words()), (place if other.has_place else None)
        return find(other, scope.networks, filters, heard, there, now=now)

    found = ask(search)
    return Directory(
        search=search,
        place=place,
        words=words,
        found=found,
        results=tuple(_results(site, search, found, now)),
        filters=tuple(_filters(search, filters, found, place)),
        chosen=tuple(_chosen(search, filters)),
        wider=() if found.hits else tuple(_wider(search, filters, place, words, found, ask)),
        pages=tuple(_pages(search, found)),
        sort=default_sort(search, place, any_words=found.has_only_some_words),
    )


def _results(site: PublicSite, search: Search, found: Found, now: datetime) -> Iterator[ListedResult]:
    rows = with_line_rows(site.shown_services).in_bulk([hit.service_id for hit in found.hits])
    start = (search.page - 1) * PAGE_SIZE + 1
    for number, hit in enumerate(found.hits, start):
        service = rows.get(hit.service_id)
        if service is None:  # paused since the search, a moment ago
            continue
        line = line_of(service, now=now)
        yield ListedResult(number, service.pk, service_path(service), line, hit.miles, hit.serves, line.point)


def _filters(search: Search, filters: Filters, found: Found, place: Place | None) -> Iterator[Filter]:
    counts = found.counts

    def choices(kind: str, pairs: Iterable[tuple[str, str]], chosen: Iterable[str]) -> tuple[FilterChoice, ...]:
        rows = [
            FilterChoice(kind, value, str(label), counts.get((kind, value), 0), value in chosen)
            for value, label in pairs
        ]
        return tuple(row for row in rows if row.count or row.is_chosen)

    flags = {"open_now": _("Open now"), "free": _("Free of charge")}
    if place:
        flags["serves"] = _("Serves %(place)s") % {"place": place.name}
    days = [(str(day.value), capfirst(str(day.label))) for day in Weekday]
    yield Filter(
        _("Only what is"),
        tuple(
            FilterChoice(name, "1", words, counts.get((name, ""), 0), getattr(search, name))
            for name, words in flags.items()
        ),
    )
    yield Filter(_("What for"), tuple(_category_choices(search, filters, counts)))
    yield Filter(_("Open on"), choices("day", days, [str(day) for day in search.day]))
    yield Filter(_("How to be referred"), choices("referral", ReferralPathway.choices, search.referral))
    yield Filter(_("Access"), choices("access", AccessFeature.choices, search.access))
    yield Filter(_("Age"), choices("age", AGES.items(), [search.age]), one_only=True)
    for demographic in filters.demographics.values():
        pairs = [(group.slug, group.name) for group in demographic.groups.values()][:MOST_GROUPS]
        yield Filter(demographic.name, choices("suits", pairs, search.suits))


def _category_choices(search: Search, filters: Filters, counts: dict[tuple[str, str], int]) -> Iterator[FilterChoice]:
    """Yield the tree; children only below a parent that is chosen, or one of whose children is."""
    open_parents = {slug for one in search.category for slug in (one, *_ancestors(one, filters))}
    for slug, choice in filters.categories.items():
        count, is_chosen = counts.get(("category", slug), 0), slug in search.category
        is_shown = not choice.parent or choice.parent in open_parents
        if is_chosen or (count and is_shown):
            yield FilterChoice("category", slug, choice.name, count, is_chosen, level=len(_ancestors(slug, filters)))


def _ancestors(slug: str, filters: Filters) -> list[str]:
    above: list[str] = []
    while slug in filters.categories and (slug := filters.categories[slug].parent) and slug not in above:
        above.append(slug)
    return above


def _chosen(search: Search, filters: Filters) -> Iterator[Way]:
    """Yield a way to be rid of each filter, and of a place that no field shows."""
    if search.near and not search.place:
        yield Way(_("Where you are"), search.but(near="", within=None).query_string())
    for name, value, label in _choices_made(search, filters):
        chosen = getattr(search, name)
        rest = tuple(one for one in chosen if one != value) if isinstance(chosen, tuple) else type(chosen)()
        yield Way(label, search.but(**{name: rest}).query_string(), is_as_written=name in {"category", "suits"})


def _choices_made(search: Search, filters: Filters) -> Iterator[tuple[str, object, str]]:
    """Yield the filter, what is chosen of it, and what that is called."""
    groups = {slug: group.name for one in filters.demographics.values() for slug, group in one.groups.items()}
    labels = {
        "category": filters.name_of_category,
        "day": lambda day: capfirst(str(Weekday(day).label)),
        "suits": lambda slug: groups.get(slug, ""),
        "access": lambda name: dict(AccessFeature.choices).get(name, ""),
        "referral": lambda name: dict(ReferralPathway.choices).get(name, ""),
    }
    for name, label in labels.items():
        yield from ((name, value, str(words)) for value in getattr(search, name) if (words := label(value)))
    flags = {"open_now": _("Open now"), "free": _("Free of charge"), "serves": _("Serves this place")}
    yield from ((name, True, words) for name, words in flags.items() if getattr(search, name))
    if search.age:
        yield "age", search.age, str(AGES[search.age])


def _wider(
    search: Search, filters: Filters, place: Place | None, words: Words, found: Found, ask: Callable[[Search], Found]
) -> Iterator[Way]:
    """Yield what to try when nothing is found, the nearest to what was asked first, and how much each finds: only what
    finds something. Asks three times at most."""
    if found.total:  # on pages before this one
        yield Way(_("The first page"), search.but().query_string())
        return
    ways: dict[Search, tuple[str, int]] = {}
    for label, other, number in _without_one_filter(search, filters, found):
        ways.setdefault(other, (label, number))
    if place and search.miles and not words.are_all_unknown:
        for label, other, number in _farther(search, ask):
            ways.setdefault(other, (label, number))
    if search.filters_chosen and found.candidates:
        ways.setdefault(search.without_filters(), (_("Without filters"), found.candidates))
    elif search.filters_chosen and search.q and place and words.queries:
        anywhere = Search(q=search.q)
        ways.setdefault(anywhere, (_("“%(words)s” anywhere") % {"words": search.q}, ask(anywhere).total))
    if search.q and place and not ways:
        near = Search(place=search.place, near=search.near)
        ways[near] = _("Everything near %(place)s") % {"place": place.name}, ask(near).total
    ways.setdefault(Search(), (_("All services"), ask(Search()).total))
    for other, (label, number) in ways.items():
        if number:
            counted = _("%(way)s: %(services)s") % {"way": label, "services": _services(number)}
            yield Way(counted, other.query_string())


def _without_one_filter(search: Search, filters: Filters, found: Found) -> Iterator[tuple[str, Search, int]]:
    """Yield what is found without one of the filters: "open now" first, which time alone will change."""
    numbers = {name: number for (kind, name), number in found.counts.items() if kind == "but_for"}
    labels: dict[str, list[str]] = {}
    for name, value, label in _choices_made(search, filters):
        labels.setdefault(f"suits.{value.partition('.')[0]}" if name == "suits" else name, []).append(label)
    for name in sorted(numbers, key=lambda name: (name != "open_now", -numbers[name])):
        field, _dot, demographic = name.partition(".")
        chosen = getattr(search, field)
        kept = tuple(one for one in chosen if not one.startswith(f"{demographic}.")) if demographic else type(chosen)()
        label = _("Without “%(filter)s”") % {"filter": ", ".join(labels.get(name, ()))}
        yield label, search.but(**{field: kept}), numbers[name]


def _farther(search: Search, ask: Callable[[Search], Found]) -> Iterator[tuple[str, Search, int]]:
    """Yield the shortest distance that finds something, and any distance when that finds more."""
    anywhere = ask(search.but(within=ANYWHERE, sort=Sort.NEAREST))
    nearest = anywhere.hits[0].miles if anywhere.hits else None
    if nearest is not None and (miles := next((one for one in (*MILES, FARTHEST) if one > nearest), None)):
        near = search.but(within=miles if miles in MILES else None)
        number = ask(near).total
        yield _within(miles), near, number
        if number == anywhere.total:
            return
    yield _("At any distance"), search.but(within=ANYWHERE), anywhere.total


def _pages(search: Search, found: Found) -> Iterator[Way]:
    if search.page > 1:
        yield Way(_("Previous page"), search.but(page=search.page - 1).query_string())
    if search.page < found.pages:
        yield Way(_("Next page"), search.but(page=search.page + 1).query_string())


def context_of(request: HttpRequest, path: str) -> dict[str, object]:
    """Return what the template of the directory shows beside its page; `path` is that of the page."""
    scope = site_scope_of(request)
    directory = directory_of(visited_site(request), scope.filters.known(Search.of(request.GET)), scope)
    drawn = {
        "boundary": scope.boundary,
        "venues": [Point(result.point) for result in directory.results if result.point],
        "person": directory.place.point if directory.place else None,
    }
    return {"directory": directory, "directory_path": path, "drawn": drawn, "tiles": allowed_tiles()}
