"""The filters of the directory: boxes to tick, each with how many services it leaves, and those in use."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from directory_site.search import Filters, Place, Search
from referrals.enums import AccessFeature, ReferralPathway, Weekday

AGES = {
    "0-17": gettext_lazy("Under 18"),
    "18-25": gettext_lazy("18 to 25"),
    "26-64": gettext_lazy("26 to 64"),
    "65": gettext_lazy("65 or over"),
}
MAX_GROUPS = 40  # answers offered for one demographic: nobody reads a longer list

Counts = dict[tuple[str, str], int]  # as in `Found.counts`


@dataclass(frozen=True, slots=True)
class FilterChoice:
    """A box to tick. `count`: how many services there would be with it. `name` and `value` are those in the address."""

    name: str
    value: str
    label: str
    count: int
    is_chosen: bool
    level: int = 0


def filter_groups(search: Search, filters: Filters, counts: Counts, place: Place | None) -> Iterator[dict[str, object]]:
    """Yield the groups of boxes in the order of the page; of an exclusive group only one box can be ticked."""

    def choices(kind: str, pairs: Iterable[tuple[str, str]], chosen: Iterable[str]) -> list[FilterChoice]:
        rows = [
            FilterChoice(kind, value, str(label), counts.get((kind, value), 0), value in chosen)
            for value, label in pairs
        ]
        return [row for row in rows if row.count or row.is_chosen]

    def group(label: str, boxes: list[FilterChoice], *, is_exclusive: bool = False) -> dict[str, object]:
        return {
            "name": boxes[0].name if boxes else "",
            "label": label,
            "choices": boxes,
            "is_exclusive": is_exclusive,
            "has_chosen": any(box.is_chosen for box in boxes),
        }

    flags = {"open_now": _("Open now"), "free": _("Free of charge")}
    if place:
        flags["serves"] = _("Serves %(place)s") % {"place": place.name}
    flag_boxes = [
        FilterChoice(name, "1", label, counts.get((name, ""), 0), getattr(search, name))
        for name, label in flags.items()
    ]
    days = [(str(day.value), capfirst(str(day.label))) for day in Weekday]
    yield group(_("Show only"), flag_boxes)
    yield group(_("Kind of help"), list(_category_choices(search, filters, counts)))
    yield group(_("Open on"), choices("day", days, [str(day) for day in search.day]))
    yield group(_("How to be referred"), choices("referral", ReferralPathway.choices, search.referral))
    yield group(_("Access"), choices("access", AccessFeature.choices, search.access))
    yield group(_("Age"), choices("age", AGES.items(), [search.age]), is_exclusive=True)
    for demographic in filters.demographics.values():
        answers = [(answer.slug, answer.name) for answer in demographic.groups.values()][:MAX_GROUPS]
        yield group(demographic.name, choices("suits", answers, search.suits))


def _category_choices(search: Search, filters: Filters, counts: Counts) -> Iterator[FilterChoice]:
    """Yield the tree of categories; children only below a parent that is chosen, or one of whose children is."""
    chosen = [filters.categories[slug] for slug in search.category if slug in filters.categories]
    open_parents = {slug for category in chosen for slug in (*category.above, category.slug)}
    for slug, category in filters.categories.items():
        count, is_chosen = counts.get(("category", slug), 0), slug in search.category
        is_shown = not category.above or category.above[-1] in open_parents
        if is_chosen or (count and is_shown):
            yield FilterChoice("category", slug, category.name, count, is_chosen, level=len(category.above))


def filters_in_use(search: Search, filters: Filters) -> Iterator[dict[str, object]]:
    """Yield each filter in use, with the query string that removes it; so too a position, which no field shows."""
    if search.near and not search.place:
        yield {"label": _("Where you are"), "query": search.replace(near="", within=None).query_string()}
    for name, value, label in chosen_values(search, filters):
        chosen = getattr(search, name)
        rest = tuple(each for each in chosen if each != value) if isinstance(chosen, tuple) else type(chosen)()
        yield {
            "label": label,
            "query": search.replace(**{name: rest}).query_string(),
            "is_editors_wording": name in {"category", "suits"},
        }


def chosen_values(search: Search, filters: Filters) -> Iterator[tuple[str, object, str]]:
    answers = {
        slug: answer.name
        for demographic in filters.demographics.values()
        for slug, answer in demographic.groups.items()
    }
    label_of = {
        "category": filters.name_of_category,
        "day": lambda day: capfirst(str(Weekday(day).label)),
        "suits": lambda slug: answers.get(slug, ""),
        "access": lambda name: dict(AccessFeature.choices).get(name, ""),
        "referral": lambda name: dict(ReferralPathway.choices).get(name, ""),
    }
    for name, find_label in label_of.items():
        yield from ((name, value, str(label)) for value in getattr(search, name) if (label := find_label(value)))
    flags = {"open_now": _("Open now"), "free": _("Free of charge"), "serves": _("Serves this place")}
    yield from ((name, True, label) for name, label in flags.items() if getattr(search, name))
    if search.age:
        yield "age", search.age, str(AGES[search.age])
