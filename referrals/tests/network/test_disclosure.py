"""Protected figures: the same referrals have the same one, and all together tell no more than each alone."""

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from referrals.hours import LONDON
from referrals.network.disclosure import KEYS, cell_noise, percentage, protect, protect_seconds
from referrals.tests.depth import gate_or_all
from referrals.tests.network.attack import Equations, Guesser, Published, publish_all, small_cells, usual_counts
from referrals.tests.network.figures_reference import Sent, invent

TODAY = date(2026, 11, 30)
Publication = Callable[[list[Sent]], list[Published]]
ATTACKS: dict[str, Callable[[Equations], np.ndarray]] = {
    "sums and differences": Equations.differences,
    "least squares": Equations.least_squares,
    "linear programme": Equations.linear_programme,
}


@given(st.integers(0, 10_000), st.integers(0, KEYS - 1))
def test_a_published_count_is_a_multiple_of_5_near_the_truth_and_never_negative(count, key):
    noise, shown = cell_noise(count, key), protect(count, key)
    assert -min(3, count) <= noise <= 3
    assert shown % 5 == 0 <= shown
    assert abs(shown - (count + noise)) <= 2
    assert shown == protect(count, key + KEYS)


@pytest.mark.parametrize("key", [0, 1, KEYS - 1])
def test_zero_stays_zero(key):
    assert protect(0, key) == 0


@pytest.mark.parametrize("count", [1, 2, 3, 7, 500])
def test_noise_is_0_in_the_mean_and_as_flat_as_it_can_be(count):
    keys = range(0, KEYS, KEYS // 42_000)
    noise = Counter(cell_noise(count, key) for key in keys)
    assert sum(value * number for value, number in noise.items()) / len(keys) == pytest.approx(0, abs=0.001)
    assert sorted(noise) == list(range(-min(3, count), 4))
    if count >= 3:
        assert max(noise.values()) / len(keys) == pytest.approx(1 / 7, rel=0.01)


def test_a_time_is_shown_from_a_published_15_of_8_people_on_and_in_round_steps():
    hours = 3600.0
    assert protect_seconds(20.4 * hours, published=15, people=8) == 20 * hours
    assert protect_seconds(75 * hours, published=15, people=8) == 72 * hours
    assert protect_seconds(20 * hours, published=10, people=12) is None
    assert protect_seconds(20 * hours, published=15, people=7) is None
    assert protect_seconds(None, published=50, people=50) is None


def test_a_published_15_has_8_or_more_behind_it():
    keys = range(0, KEYS, KEYS // 70)
    assert max(protect(count, key) for count in range(8) for key in keys) < 15


def test_shares_are_of_published_figures_and_at_most_all():
    assert [percentage(5, 20), percentage(25, 20), percentage(0, 0)] == [25, 100, None]


def make_world(seed: int) -> list[Sent]:
    first, last = datetime(2025, 10, 1, tzinfo=LONDON), datetime(2026, 10, 31, tzinfo=LONDON)
    return invent(random.Random(seed), 200, first, last)


def as_published(world: list[Sent]) -> list[Published]:
    keys = {sent.number: sent.key for sent in world}
    return publish_all(world, TODAY, lambda found: protect(len(found), sum(keys[number] for number in found)))


def few_as_5(world: list[Sent]) -> list[Published]:
    """Publish what was usual before: every table for every month, 1 to 7 shown as 5, all else as it is."""
    return publish_all(
        world,
        TODAY,
        lambda found: 5 if 0 < len(found) < 8 else len(found),
        most_off=lambda figure: 4 if figure == 5 else 0,
        is_of_one_month=lambda table: True,
    )


def share_recovered(publication: Publication, learnt: Iterable[int], tried: Iterable[int]) -> dict[str, float]:
    """Return by attack how many of the small cells it finds exactly; "own figure" goes by each cell's own alone.

    Every attacker has seen the true counts of the worlds `learnt`, and makes the best guess that follows from them. One
    of each kind also knows how many referrals such a cell usually has, as those do who know the place.
    """
    worlds = [publication(world) for world in map(make_world, learnt)]
    usual = usual_counts(worlds)
    guessers: dict[str, Guesser] = defaultdict(Guesser)
    for published in worlds:
        for count, clues in clues_of(published, usual):
            for name, found in clues.items():
                guessers[name].learn(found, count)
    hits, cells = Counter(), 0
    for world in map(make_world, tried):
        for count, clues in clues_of(publication(world), usual):
            cells += 1
            for name, found in clues.items():
                hits[name] += guessers[name].guess(found) == count
    return {name: hits[name] / cells for name in guessers}


def clues_of(published: list[Published], usual: dict) -> Iterator[tuple[int, dict[str, list[tuple]]]]:
    """Yield the count of each small cell and, by attack, what it goes by: the figure, and by how much it may be off."""
    equations = Equations(published)
    thought = {name: attack(equations) for name, attack in ATTACKS.items()}
    for number in small_cells(published):
        cell = published[number]
        mean = usual.get((cell.measure, cell.part, len(cell.months)), 0)
        known = (cell.figure, min(round(2 * mean), 24))
        clues = {"own figure": [(cell.figure,)], "own figure, usual": [(cell.figure,), known]}
        for name, values in thought.items():
            off = int(np.clip(np.round(values[number] - cell.figure), -5, 5))
            clues[name] = [(cell.figure,), (cell.figure, "off", off)]
            clues[f"{name}, usual"] = [(cell.figure,), known, (*known, off)]
        yield len(cell.referrals), clues


def test_all_tables_together_find_no_more_small_counts_than_each_figure_alone():
    worlds = gate_or_all(8, 60)
    found = share_recovered(as_published, range(worlds), range(1000, 1000 + worlds))
    own = found["own figure, usual"]
    assert own < 0.36
    assert all(share < own + gate_or_all(0.03, 0.01) for share in found.values()), found


def test_the_attack_finds_small_counts_that_are_only_hidden():
    found = share_recovered(few_as_5, [0, 1], [100, 101])
    assert found["linear programme"] > found["own figure"] + 0.06, found
