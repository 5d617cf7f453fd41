"""Protects published counts of referrals: noise that follows from which ones are counted, then rounding. Pure.

Sources: the cell key method of the Office for National Statistics ("Protecting personal data in Census 2021 results":
each record has a fixed random key, a cell's key is their sum, a table gives the noise); and the rounding to 5 of NHS
Digital's hospital statistics, in which totals are not sums of rounded figures, and averages of fewer than 8 people are
left out. docs/decisions/0041 says why the noise is this strong.

The same referrals give the same figure in every table, so that nothing is averaged out by asking again.
"""

from bisect import bisect_right
from itertools import accumulate

KEYS = 2**32  # a key is at least 0 and below this
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
    """Return the noise, -3 to 3, of a cell with `count` referrals and the sum `key` of their keys; 0 if empty."""
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

    `published` is the protected count of the same cell. The true count must not decide, because a dash would reveal on
    which side of the limit it is. `people` counts each once, however many referrals they have.
    """
    if seconds is None or published < 3 * BASE or people < FEWEST_PEOPLE:
        return None
    step = HOUR if seconds < 2 * DAY else DAY // 2
    return step * round(seconds / step)


def percentage(part: int, whole: int) -> int | None:
    """Return the part in per cent, at most 100, as a protected part can exceed its whole; None if the whole is 0."""
    return min(100, round(100 * part / whole)) if whole else None
