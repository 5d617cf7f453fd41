import pytest

from referrals.tests.worlds import World


@pytest.fixture
def world(db) -> World:
    """A network with three organisations that all suit, a coordinator, and a person."""
    return World()
