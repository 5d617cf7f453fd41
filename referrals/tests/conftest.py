import pytest

from referrals.tests.kept_rows import KeptRows
from referrals.tests.worlds import World

KEPT = KeptRows(world=World)


@pytest.fixture
def world(db) -> World:
    """A network with three organisations that all suit, a coordinator, and a person."""
    return KEPT.copy("world")
