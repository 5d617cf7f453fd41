"""What the directory's page shows: the search, its results, and the links to other searches."""

from collections.abc import Callable, Iterator
from datetime import datetime

from django.contrib.gis.geos import Point
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from directory_site.addresses import service_path
from directory_site.blocks.urgent import standard_lines
from directory_site.caching.page_cache import is_preview
from directory_site.directory.filter_boxes import filter_groups, filters_in_use
from directory_site.directory.site_scope import SiteScope
from directory_site.directory.suggestions import suggest_searches
from directory_site.directory.wording import count_services, within_miles
from directory_site.models.sites import PublicSite
from directory_site.search import (
    Found,
    Place,
    Search,
    Words,
    extract_place,
    find,
    find_place,
    is_spelt_differently,
    parse_words,
    place_problem,
)
from directory_site.search.categories import has_sensitive, sensitive_categories
from directory_site.search.query import ANYWHERE, FARTHEST, MILES, PAGE_SIZE, Sort
from directory_site.search.statement import default_sort
from directory_site.search.unfound import note_unfound
from referrals.catchments.map_tiles import allowed_tiles
from referrals.services.public_card import line_of, with_line_rows


def directory_context(request: HttpRequest, path: str) -> dict[str, object]:
    """Return what the template needs besides the CMS page, whose path is `path`.

    The number of queries is fixed, except for up to six more when nothing is found, up to three where the words may
    name a place, one or two for words where the site has sensitive categories, and three to note a word that no service
    has.
    """
    site, scope = PublicSite.for_request_or_404(request), SiteScope.for_request(request)
    typed, now = scope.filters.drop_unknown(Search.of(request.GET)), timezone.now()
    search = extract_place(typed, scope.network_ids)
    words = parse_words(search.q, scope.network_ids, scope.vocabulary)
    place = find_place(search, scope.network_ids)

    def run(other: Search) -> Found:
        """Run `other`, which has the words and the place of `search`, or none."""
        other_words, other_place = words if other.q else Words(), place if other.has_place else None
        return find(other, scope.networks, scope.filters, other_words, other_place, now=now)

    found = run(search)
    results = list(_results(site, search, found, now))
    # Those that only mention the words are shown apart, unless there are no others.
    fitting = (found.total - found.mentions) or found.total
    is_place_unknown = search.has_place and place is None
    chosen_keys = {key for slug in search.category for key in scope.filters.categories[slug].keys}
    names_danger = scope.danger.are_in(f"{typed.q} {typed.place}")
    if words.unknown and not names_danger and not is_preview(request):
        note_unfound(search.q, words)
    return {
        "directory_path": path,
        "search": search,
        "words": words,
        "place": place,
        "is_place_unknown": is_place_unknown,
        "is_place_corrected": bool(search.place and place and is_spelt_differently(search.place, place)),
        "place_problem": place_problem(search.place) if is_place_unknown else "",
        "distances": _distances(search),
        "found": found,
        "heading": _heading(search, place, found.total),
        "filters": list(filter_groups(search, scope.filters, found.counts, place)),
        "filters_in_use": list(filters_in_use(search, scope.filters)),
        "sorts": _sorts(search, place, default_sort(search, place)),
        "results": [result for result in results if result["number"] <= fitting],
        "mentions": [result for result in results if result["number"] > fitting],
        "page_links": _page_links(search, found),
        "suggestions": [] if found.hits else list(suggest_searches(search, scope.filters, place, words, found, run)),
        "is_sensitive": names_danger
        or not sensitive_categories(request).isdisjoint(chosen_keys)
        or _finds_sensitive(request, site, search, found, run),
        "danger_lines": (site.urgent_lines or standard_lines()) if names_danger else [],
        # What somebody needs may be here under another name, so the page offers urgent help as well.
        "may_have_missed": bool(not found.total or words.corrected or words.unknown or found.has_only_some_words),
        "map_shapes": {
            "boundary": scope.boundary,
            "venues": [Point(result["point"]) for result in results if result["point"]],
            "person": place.point if place else None,
        },
        "tiles": allowed_tiles(),
    }


def _finds_sensitive(
    request: HttpRequest, site: PublicSite, search: Search, found: Found, run: Callable[[Search], Found]
) -> bool:
    """Whether the words find sensitive help, with or without the filters: ticking one must not remove the leave button.

    Without words, a list contains a bit of everything, which says nothing about the visitor.
    """
    if not search.q or not sensitive_categories(request):
        return False
    keys = found.keys + (run(search.without_filters()).keys if search.filters_chosen else [])
    return has_sensitive(request, site.shown_services.filter(pk__in=keys))


def _heading(search: Search, place: Place | None, total: int) -> str:
    heading = count_services(total) if total else _("No service")
    if search.q:
        heading = _("%(count)s for “%(words)s”") % {"count": heading, "words": search.q}
    if place:
        near = _("%(count)s near %(place)s")
        within = ngettext(
            "%(count)s within %(miles)s mile of %(place)s",
            "%(count)s within %(miles)s miles of %(place)s",
            search.within or 0,
        )
        facts = {"count": heading, "place": place.name, "miles": search.within}
        heading = (within if search.within else near) % facts
    return heading


def _results(site: PublicSite, search: Search, found: Found, now: datetime) -> Iterator[dict[str, object]]:
    rows = with_line_rows(site.shown_services).in_bulk(found.keys)
    for number, hit in enumerate(found.hits, (search.page - 1) * PAGE_SIZE + 1):
        service = rows.get(hit.service_id)
        if service is None:  # paused since the search, a moment ago
            continue
        line = line_of(service, now=now)
        yield {
            "number": number,  # of its pin on the map
            "key": service.pk,
            "path": service_path(service),
            "line": line,
            "miles": hit.miles,
            "serves": hit.serves,
            "point": line.point,
        }


def _sorts(search: Search, place: Place | None, current: str) -> list[dict[str, object]]:
    needs = {Sort.BEST: search.q or place, Sort.NEAREST: place}
    return [
        {"label": sort.label, "is_chosen": sort == current, "query": search.replace(sort=sort.value).query_string()}
        for sort in Sort
        if needs.get(sort, True)
    ]


def _distances(search: Search) -> list[dict[str, object]]:
    """Return the options of "How far". The usual distance is left out of the query string."""
    options = [(str(miles), within_miles(miles), miles) for miles in MILES]
    options += [("", within_miles(FARTHEST), None), ("any", _("Any distance"), ANYWHERE)]
    return [{"value": value, "label": label, "is_chosen": search.within == within} for value, label, within in options]


def _page_links(search: Search, found: Found) -> list[tuple[str, str]]:
    links = []
    if search.page > 1:
        links.append((_("Previous page"), search.replace(page=search.page - 1).query_string()))
    if search.page < found.pages:
        links.append((_("Next page"), search.replace(page=search.page + 1).query_string()))
    return links
