"""Protects published counts of people: noise that follows from who is counted, then rounding. Pure.

Sources: the cell key method of the Office for National Statistics ("Protecting personal data in Census 2021 results":
each record has a fixed random key, a cell's key is their sum, a table gives the noise); and the rounding to 5 of NHS
Digital's hospital statistics, in which totals are not sums of rounded figures, and averages of fewer than 8 people are
left out. docs/decisions/0041 says why the noise is as strong as it is.

The same referrals always give the same figure, whatever table reaches them, so that asking again averages nothing out.
"""

from bisect import bisect_right
from itertools import accumulate

KEYS = 2**32  # keys are from 0 to this, without it
BASE = 5
FEWEST_PEOPLE = 8  # behind a median
HOUR = 3_600
DAY = 24 * HOUR

# How often the noise is -1, 0, 1, 2, 3 for a count of 1, from -2 for a count of 2, from -3 for all others: the flattest
# distributions with a mean of 0 that leave no count below 0.
_WEIGHTS: dict[int, tuple[int, ...]] = {
    1: (460, 260, 148, 84, 48),
    2: (247, 207, 174, 146, 123, 103),
    3: (1, 1, 1, 1, 1, 1, 1),
}
_LIMITS = {count: list(accumulate(weights)) for count, weights in _WEIGHTS.items()}


def cell_noise(count: int, key: int) -> int:
    """Return from -3 to 3 for a cell with `count` records whose keys add up to `key`; 0 if it has none."""
    if count <= 0:
        return 0
    row = min(count, 3)
    limits = _LIMITS[row]
    return bisect_right(limits, key % KEYS * limits[-1] // KEYS) - row


def protect(count: int, key: int) -> int:
    """Return the count as it may be published: a multiple of 5, never negative, at most 5 from the truth."""
    return BASE * ((count + cell_noise(count, key) + BASE // 2) // BASE)


def protect_seconds(seconds: float | None, *, published: int, people: int) -> float | None:
    """Return a median or percentile rounded to an hour or, from two days, to half a day; None if it may not be shown.

    `published` is the protected count of what it is of. Below 15, fewer than 8 may be behind it; and if the true count
    decided, a dash would tell about that. `people` counts each once, however many referrals they have.
    """
    if seconds is None or published < 3 * BASE or people < FEWEST_PEOPLE:
        return None
    step = HOUR if seconds < 2 * DAY else DAY // 2
    return step * round(seconds / step)


def protected_share(part: int, whole: int) -> int | None:
    """Return the percentage of two published figures, at most 100; None of nothing."""
    return min(100, round(100 * part / whole)) if whole else None
