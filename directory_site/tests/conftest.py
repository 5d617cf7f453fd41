import pytest

from directory_site.models import PublicSite
from directory_site.tests.sites import public_site
from referrals.models import Service
from referrals.tests.leftovers import nobody_left  # noqa: F401 - used by pytest
from referrals.tests.worlds import World


@pytest.fixture
def world(db) -> World:
    """A network with three organisations, whose services are listed."""
    world = World(name="Northside")
    Service.objects.update(is_public=True, phone="020 7946 0011")
    return world


@pytest.fixture
def site(world) -> PublicSite:
    return public_site(world.network)
