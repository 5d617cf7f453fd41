"""Protected figures: the same referrals have the same one, and all together tell hardly more than each alone."""

import random
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from referrals.hours import LONDON
from referrals.network.disclosure import KEYS, cell_noise, percentage, protect, protect_seconds
from referrals.tests.depth import gate_or_all
from referrals.tests.network.attack import Equations, Guesser, Published, publish_all, small_cells
from referrals.tests.network.figures_reference import Sent, invent

TODAY = date(2026, 11, 30)
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


def as_published(world: list[Sent]) -> Callable[[frozenset[int]], int]:
    keys = {sent.number: sent.key for sent in world}
    return lambda referrals: protect(len(referrals), sum(keys[number] for number in referrals))


def few_as_5(world: list[Sent]) -> Callable[[frozenset[int]], int]:
    """What was usual before: counts of 1 to 7 are shown as 5, all others as they are."""
    return lambda referrals: len(referrals) if len(referrals) > 7 or not referrals else 5


def share_recovered(
    protection: Callable[[list[Sent]], Callable[[frozenset[int]], int]], learnt: Iterable[int], tried: Iterable[int]
) -> dict[str, float]:
    """Return by attack how many of the small cells it finds exactly; "own figure" goes by each cell's own alone.

    Every attacker has seen the true counts of the worlds `learnt`, and makes the best guess that follows from them.
    """
    guessers, hits, cells = {name: Guesser() for name in ("own figure", *ATTACKS)}, Counter(), 0
    for is_tried, seeds in ((False, learnt), (True, tried)):
        for seed in seeds:
            world = make_world(seed)
            published = publish_all(world, TODAY, protection(world))
            small = small_cells(published)
            counts = [len(published[number].referrals) for number in small]
            cells += len(small) * is_tried
            for name, clues in clues_of(published, small).items():
                if is_tried:
                    hits[name] += guessers[name].hits(clues, counts)
                else:
                    guessers[name].learn(clues, counts)
                    guessers[name].learn([clue[:1] for clue in clues], counts)
    return {name: hits[name] / cells for name in guessers}


def clues_of(published: list[Published], small: list[int]) -> dict[str, list[tuple]]:
    """Return, by attack, what it goes by for each small cell: its figure, and how far off it thinks that is."""
    equations = Equations(published)
    figures = [published[number].figure for number in small]
    clues: dict[str, list[tuple]] = {"own figure": [(figure,) for figure in figures]}
    for name, attack in ATTACKS.items():
        thought = attack(equations)
        off = [int(np.clip(np.round(thought[number] - published[number].figure), -5, 5)) for number in small]
        clues[name] = list(zip(figures, off, strict=True))
    return clues


def test_all_tables_together_find_few_more_small_counts_than_each_figure_alone():
    worlds = gate_or_all(3, 15)
    found = share_recovered(as_published, range(worlds), range(100, 100 + worlds))
    own = found.pop("own figure")
    assert own < 0.35
    assert all(share < own + gate_or_all(0.05, 0.03) for share in found.values()), (own, found)


def test_the_attack_finds_small_counts_that_are_only_hidden():
    found = share_recovered(few_as_5, [0], [100])
    assert found["linear programme"] > found["own figure"] + 0.06, found
