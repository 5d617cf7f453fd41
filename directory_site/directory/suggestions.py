"""Other searches to suggest when one finds nothing."""

from collections.abc import Callable, Iterator

from django.utils.translation import gettext as _

from directory_site.directory.filter_boxes import chosen_values
from directory_site.directory.wording import count_services, within_miles
from directory_site.search import Filters, Found, Place, Search, Words
from directory_site.search.query import ANYWHERE, FARTHEST, MILES, Sort

Run = Callable[[Search], Found]


def suggest_searches(
    search: Search, filters: Filters, place: Place | None, words: Words, found: Found, run: Run
) -> Iterator[tuple[str, str]]:
    """Yield (label, query string) of searches that find something, the most similar to `search` first.

    Calls `run`, which costs a query or two, at most three times.
    """
    if found.total:  # only the page is beyond the last one
        yield _("The first page"), search.replace(page=1).query_string()
        return
    suggestions: dict[Search, tuple[str, int]] = {}  # each with its label and how much it finds
    for label, other, total in _without_one_filter(search, filters, found):
        suggestions.setdefault(other, (label, total))
    if place and search.miles and not words.are_all_unknown:
        for label, other, total in _farther_away(search, run):
            suggestions.setdefault(other, (label, total))
    if search.filters_chosen and found.candidates:
        suggestions.setdefault(search.without_filters(), (_("Without filters"), found.candidates))
    elif search.filters_chosen and search.q and place and words.queries:
        anywhere = Search(q=search.q)
        suggestions.setdefault(anywhere, (_("“%(words)s” anywhere") % {"words": search.q}, run(anywhere).total))
    if search.q and place and not suggestions:
        near = Search(place=search.place, near=search.near)
        suggestions[near] = _("Everything near %(place)s") % {"place": place.name}, run(near).total
    suggestions.setdefault(Search(), (_("All services"), run(Search()).total))
    for other, (label, total) in suggestions.items():
        if total:
            counted = _("%(way)s: %(services)s") % {"way": label, "services": count_services(total)}
            yield counted, other.query_string()


def _without_one_filter(search: Search, filters: Filters, found: Found) -> Iterator[tuple[str, Search, int]]:
    """Yield what is found without one of the filters: "open now" first, since later today it may find something."""
    totals = {name: number for (kind, name), number in found.counts.items() if kind == "excluded_by"}
    labels: dict[str, list[str]] = {}
    for name, value, label in chosen_values(search, filters):
        labels.setdefault(f"suits.{value.partition('.')[0]}" if name == "suits" else name, []).append(label)
    for name in sorted(totals, key=lambda name: (name != "open_now", -totals[name])):
        field, _dot, demographic = name.partition(".")
        chosen = getattr(search, field)
        rest = (
            tuple(slug for slug in chosen if not slug.startswith(f"{demographic}.")) if demographic else type(chosen)()
        )
        label = _("Without “%(filter)s”") % {"filter": ", ".join(labels.get(name, ()))}
        yield label, search.replace(**{field: rest}), totals[name]


def _farther_away(search: Search, run: Run) -> Iterator[tuple[str, Search, int]]:
    """Yield the shortest distance that finds something, and any distance when that finds more."""
    anywhere = run(search.replace(within=ANYWHERE, sort=Sort.NEAREST))
    nearest = anywhere.hits[0].miles if anywhere.hits else None
    if nearest is not None and (
        miles := next((distance for distance in (*MILES, FARTHEST) if distance > nearest), None)
    ):
        near = search.replace(within=miles if miles in MILES else None)
        total = run(near).total
        yield within_miles(miles), near, total
        if total == anywhere.total:
            return
    yield _("At any distance"), search.replace(within=ANYWHERE), anywhere.total
