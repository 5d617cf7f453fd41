"""What the coverage screen shows: three measures as maps and tables, and what changes would do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import hypot

from django.contrib.gis.geos import Point
from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import HttpRequest
from django.template.defaultfilters import pluralize
from django.utils import timezone

from backoffice.coverage import drawing
from backoffice.coverage.drawing import Frame, Layer, draw_layers, make_frame
from backoffice.coverage.question import Question, describe_change
from referrals.access import visible_to
from referrals.catchments.drawing import areas_to_start_from
from referrals.models import Area, Network, Service
from referrals.network.coverage import (
    Coverage,
    Offer,
    Open,
    Part,
    Site,
    Tally,
    choose_naming_areas,
    choose_services,
    measure_coverage,
    middle_of,
    offers_of,
    suggest_sites,
)
from referrals.words import join_in_words

NAMED_IN_CAPTION = 3


@dataclass(frozen=True, slots=True)
class MapShown:
    """A measure: its map, what it finds in words, and the places, those first that have least."""

    key: str
    title: str
    finding: str
    label: str
    layers: list[Layer]
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class ChangeShown:
    words: str
    without: str  # the address without it
    has_effect: bool


@dataclass(frozen=True, slots=True)
class Compared:
    name: str
    now: str
    then: str
    difference: str


@dataclass(frozen=True)
class CoverageScreen:
    request: HttpRequest
    question: Question
    services: dict[int, Service]

    @property
    def network(self) -> Network:
        return self.question.network

    @cached_property
    def offers(self) -> list[Offer]:
        today = timezone.localdate()
        chosen = choose_services(
            Service.objects.filter(pk__in=self.services),
            category=self.question.category,
            moment=self.question.moment,
            today=today,
        )
        return offers_of(chosen, self.question.changes)

    @cached_property
    def coverage(self) -> Coverage:
        return measure_coverage(self.network, self.offers, named=self.named_areas, compares=bool(self.question.changes))

    @cached_property
    def named_areas(self) -> list[Area]:
        return choose_naming_areas(areas_to_start_from(self.request.user, self.network), self.network)

    @cached_property
    def frame(self) -> Frame:
        return make_frame(self.network.area.boundary, self.coverage.grid, self.named_areas)

    @property
    def unit(self) -> str:
        """What places are counted for."""
        return "people" if self.coverage.has_people else "postcodes"

    @cached_property
    def maps(self) -> list[MapShown]:
        return [
            self._map_of_share(
                "any",
                "Reached by a service",
                lambda tally: tally.reached_share,
                lambda tally: (tally.reached_postcodes, tally.reached_people),
                "reached by a service",
            ),
            self._map_of_share(
                "room",
                "Reached by one with room now",
                lambda tally: tally.room_share,
                lambda tally: (tally.room_postcodes, tally.room_people),
                "reached by a service with room now",
            ),
            self._map_of_places(),
        ]

    def _map_of_share(
        self,
        key: str,
        title: str,
        share: Callable[[Tally], float],
        reached: Callable[[Tally], tuple[int, float]],
        how: str,
    ) -> MapShown:
        total = self.coverage.total.now
        if reached(total)[0] in (0, total.postcodes):
            finding = f"{'All' if reached(total)[0] else 'None'} of the {_number(total.postcodes)} postcodes are {how}"
        else:
            finding = f"{_percent(share(total))} of the postcodes are {how}"
            if total.people and self.coverage.has_people:
                finding += f", with {_percent(reached(total)[1] / total.people)} of the people"
        places = sorted(self.coverage.places, key=lambda part: (reached(part.now)[0] - part.now.postcodes, part.place))
        missing = [part for part in places if reached(part.now)[0] < part.now.postcodes]
        if missing:
            named = [
                f"{part.place} ({_number(part.now.postcodes - reached(part.now)[0])} of {_number(part.now.postcodes)})"
                for part in missing[:NAMED_IN_CAPTION]
            ]
            finding += f". Most left out: {join_in_words(named)}"

        def title_of(cell: Part) -> str:
            return f"{cell.place}: {reached(cell.now)[0]} of {cell.now.postcodes} postcodes reached"

        def row(part: Part) -> tuple[str, ...]:
            postcodes, people = reached(part.now)
            left = [_number(part.now.postcodes - postcodes)]
            left += [_number(max(0.0, part.now.people - people))] if self.coverage.has_people else []
            return (part.place, *left, _percent(share(part.now)))

        return MapShown(
            key,
            title,
            f"{finding}.",
            f"Map of {self.network.area}: {title.lower()}",
            draw_layers(
                self.frame,
                self.coverage.cells,
                drawing.SHARES,
                lambda cell: drawing.shade_of_share(share(cell.now)),
                title_of,
            ),
            ("Place", "Postcodes left out", *(["People left out"] if self.coverage.has_people else []), "Reached"),
            [row(part) for part in places],
        )

    def _map_of_places(self) -> MapShown:
        spread, unit = self.coverage.spread, self.unit
        places = sorted(self.coverage.places, key=lambda part: (part.now.rate, -part.now.people, part.place))
        finding = "There are no places at all."
        if self.coverage.total.now.served:
            worst = self.coverage.worst_tenth("now")
            tenth = f"have {_decimal(worst)} or fewer" if worst else "have none"
            least = [f"{part.place} ({_rate(part.now)})" for part in places[:NAMED_IN_CAPTION]]
            finding = (
                f"On average there are {_rate(self.coverage.total.now)} places per 1,000 {unit}; the tenth with the "
                f"fewest {tenth}. Fewest: {join_in_words(least)}."
            )
        title = f"Places per 1,000 {unit}"
        return MapShown(
            "places",
            title,
            finding,
            f"Map of {self.network.area}: {title.lower()}, against the average",
            draw_layers(
                self.frame,
                self.coverage.cells,
                drawing.STEPS,
                lambda cell: drawing.shade_of_rate(cell.now, spread),
                lambda cell: f"{cell.place}: {_rate(cell.now)} places per 1,000 {unit}",
            ),
            ("Place", "Places per 1,000", "Against the average", "People" if self.coverage.has_people else "Postcodes"),
            [
                (
                    part.place,
                    _rate(part.now),
                    drawing.STEPS[drawing.shade_of_rate(part.now, spread)].label,
                    _number(part.now.people),
                )
                for part in places
            ],
        )

    @cached_property
    def changes(self) -> list[ChangeShown]:
        counted = {offer.service for offer in self.offers}
        return [
            ChangeShown(
                describe_change(
                    change, self.services, place=self._place_at(change) if isinstance(change, Open) else ""
                ),
                self.question.without(change).query,
                isinstance(change, Open) or change.service in counted,
            )
            for change in self.question.changes
        ]

    def _place_at(self, change: Open) -> str:
        grid = self.coverage.grid
        point = Point(change.longitude, change.latitude, srid=4326).transform(grid.srid, clone=True)

        def distance(cell: Part) -> float:
            x, y = middle_of(cell, grid)
            return hypot(x - point.x, y - point.y)

        nearest = min(self.coverage.cells, key=distance, default=None)
        is_in_area = nearest is not None and distance(nearest) <= 5 * grid.side
        return nearest.place if is_in_area else "a place outside the area"

    @cached_property
    def finding(self) -> str:
        """The answer of the what-if in a sentence."""
        total, unit = self.coverage.total, self.unit
        postcodes = total.then.reached_postcodes - total.now.reached_postcodes
        parts = ["As many postcodes are reached as now"]
        if postcodes:
            parts = [f"{_signed(postcodes)} postcode{pluralize(abs(postcodes))} reached"]
        if self.coverage.has_people and postcodes:
            parts.append(f"{_signed(round(total.then.reached_people) - round(total.now.reached_people))} people")
        if total.gained_postcodes:
            parts.append(
                f"{_number(total.gained_postcodes)} of the {_number(total.now.unreached_postcodes)} left out so far "
                "would be reached"
            )
        if total.lost_postcodes:
            parts.append(f"{_number(total.lost_postcodes)} reached until now would be left out")
        rates = [_rate(state) for state in (total.now, total.then)]
        if rates[0] != rates[1]:
            parts.append(f"on average {rates[0]} places per 1,000 {unit} become {rates[1]}")
        worst = [_decimal(self.coverage.worst_tenth(state)) for state in ("now", "then")]
        if worst != ["0", "0"]:
            parts.append(f"the tenth of {unit} with the fewest have {worst[0]} places per 1,000 now, then {worst[1]}")
        return "; ".join(parts)

    @cached_property
    def compared(self) -> list[Compared]:
        coverage, total, unit = self.coverage, self.coverage.total, self.unit
        rows = [
            _compare("Postcodes reached", total.now.reached_postcodes, total.then.reached_postcodes),
            _compare("Postcodes reached by a service with room", total.now.room_postcodes, total.then.room_postcodes),
        ]
        if coverage.has_people:
            rows += [
                _compare("People reached", total.now.reached_people, total.then.reached_people),
                _compare("People reached by a service with room", total.now.room_people, total.then.room_people),
            ]
        worst = coverage.worst_tenth("now"), coverage.worst_tenth("then")
        return [
            *rows,
            _compare_decimals(f"Places per 1,000 {unit}", total.now.per_thousand, total.then.per_thousand),
            _compare_decimals(f"The same for the tenth of {unit} with the fewest, at most", *worst),
        ]

    @cached_property
    def map_of_differences(self) -> MapShown:
        coverage = self.coverage

        def title_of(cell: Part) -> str:
            return f"{cell.place}: {_rate(cell.now)} places per 1,000 {self.unit} now, then {_rate(cell.then)}"

        changed = [
            part
            for part in coverage.places
            if part.gained_postcodes or part.lost_postcodes or drawing.shade_of_difference(part) != 2
        ]
        changed.sort(key=lambda part: (-part.gained_postcodes, -part.lost_postcodes, part.place))
        return MapShown(
            "differences",
            "What changes",
            self.finding,
            f"Map of {self.network.area}: what changes",
            draw_layers(self.frame, coverage.cells, drawing.DIFFERENCES, drawing.shade_of_difference, title_of),
            ("Place", "Postcodes gained", "Postcodes lost", "Places per 1,000 now", "Then"),
            [
                (
                    part.place,
                    _number(part.gained_postcodes),
                    _number(part.lost_postcodes),
                    _rate(part.now),
                    _rate(part.then),
                )
                for part in changed
            ],
        )

    @cached_property
    def sites(self) -> list[tuple[Site, str, list[str]]]:
        """Return the best sites, each with the address that tries it and those before it, and its row of a table."""
        if not self.question.best:
            return []
        places, metres = self.question.best
        sites = suggest_sites(self.coverage, places=places, metres=metres)
        opened: list[Open] = []
        rows = []
        for site in sites:
            opened.append(Open(site.longitude, site.latitude, metres, places))
            cells = [_number(site.people), _number(site.new_people), _decimal(site.useful_places)]
            rows.append((site, self.question.with_changes(opened).query, cells))
        return rows


def load_screen(request: HttpRequest, question: Question, services: Sequence[Service]) -> CoverageScreen:
    return CoverageScreen(request, question, {service.pk: service for service in services})


def services_of(request: HttpRequest, network: Network) -> list[Service]:
    """Return the network's services that can be counted: of active members, not archived."""
    rows = visible_to(request.user, Service).filter(network=network, archived_at=None).by_active_members()
    related = rows.select_related("organisation", "activity").defer("catchment", "description")
    return list(related.order_by("organisation__name", "activity__name", "pk"))


def _compare(name: str, now: float, then: float) -> Compared:
    return Compared(name, _number(now), _number(then), _signed(round(then) - round(now)))


def _compare_decimals(name: str, now: float, then: float) -> Compared:
    difference = then - now
    if _decimal(now) == _decimal(then):
        return Compared(name, _decimal(now), _decimal(then), "0")
    sign = "+" if difference > 0 else "\N{MINUS SIGN}"
    return Compared(name, _decimal(now), _decimal(then), f"{sign}{_decimal(abs(difference))}")


def _number(value: float) -> str:
    return intcomma(round(value))


def _signed(value: int) -> str:
    sign = "+" if value > 0 else "\N{MINUS SIGN}" if value < 0 else ""
    return f"{sign}{_number(abs(value))}"


def _decimal(value: float) -> str:
    """Return two figures or more: 0.42, 1.3, 12, 1,234."""
    if value >= 10:
        return _number(value)
    return f"{value:.1f}" if value >= 1 else f"{value:.2f}" if value else "0"


def _rate(tally: Tally) -> str:
    return _decimal(tally.per_thousand)


def _percent(share: float) -> str:
    """Return whole per cent, but 0 and 100 only for none and all."""
    percent = 100 * share
    if 0 < percent < 1:
        return "under 1%"
    return "over 99%" if 99 < percent < 100 else f"{percent:.0f}%"
