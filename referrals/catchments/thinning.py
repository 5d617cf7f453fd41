"""How coarsely a shape has to be simplified, in as few tries as possible.

Simplifying compares corners with each other, and cannot be interrupted. It takes moments for a coastline, whose corners
are close together, and minutes for a comb, none of whose corners can go. One pass over the corners tells which it is.
"""

from collections.abc import Callable, Iterable, Sequence
from struct import unpack_from

from django.contrib.gis.geos import MultiPolygon

from referrals.catchments.drawing import METRES_PER_DEGREE

TOLERANCES = (5, 10, 20, 40, 80, 160, 320, 640)  # metres by which simplifying may move an edge

Corners = Sequence[tuple[float, float]]


def rings_of(shape: MultiPolygon) -> list[Corners]:
    """Return the corners of each ring, read from its binary form: asking for one after another takes seconds."""
    written, place, rings = bytes(shape.wkb), 9, []  # past byte order, kind and number of polygons
    while place < len(written):
        (count,) = unpack_from("<I", written, place + 5)  # past byte order and kind
        place += 9
        for _ in range(count):
            (corners,) = unpack_from("<I", written, place)
            numbers = unpack_from(f"<{2 * corners}d", written, place + 4)
            rings.append(list(zip(numbers[0::2], numbers[1::2], strict=True)))
            place += 4 + 16 * corners
    return rings


def _count_far_apart(rings: Iterable[Corners], metres: float) -> int:
    """Return how many corners lie farther than this from the last one counted on their ring."""
    reach = (metres / METRES_PER_DEGREE) ** 2
    count = 0
    for corners in rings:
        x = y = float("inf")
        for corner in corners:
            if (corner[0] - x) ** 2 + (corner[1] - y) ** 2 > reach:
                x, y = corner[0], corner[1]
                count += 1
    return count


def find_finest(
    shape: MultiPolygon,
    simplify: Callable[[int], tuple[MultiPolygon | None, bool]],
    *,
    corners_at_most: int,
    far_apart_at_most: int,
) -> tuple[MultiPolygon, int] | None:
    """Return what `simplify` makes with the finest tolerance that will do, and that tolerance; three or four tries.

    simplify: returns the shape, or None and whether that tolerance was too fine rather than too coarse. It is called
    only where at most `far_apart_at_most` corners lie farther apart than the tolerance, and never if with the coarsest
    more than `corners_at_most` do.
    """
    rings = rings_of(shape)
    if _count_far_apart(rings, TOLERANCES[-1]) > corners_at_most:
        return None
    best, low, high = None, 0, len(TOLERANCES) - 1
    while low <= high:
        middle = (low + high) // 2
        metres = TOLERANCES[middle]
        is_hopeless = _count_far_apart(rings, metres) > far_apart_at_most
        shape, is_too_fine = (None, True) if is_hopeless else simplify(metres)
        if shape is not None:
            best = shape, metres
        if shape is None and is_too_fine:
            low = middle + 1
        else:
            high = middle - 1
    return best
