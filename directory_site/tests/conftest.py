from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from django.db import transaction
from wagtail.models import Site

from directory_site.models import PublicSite
from directory_site.tests.listing import ADDRESS
from directory_site.tests.made_sites import made_site
from directory_site.tests.sites import public_site
from referrals.models import Network, Service
from referrals.tests import factories as f
from referrals.tests.worlds import World

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)  # a Tuesday


@pytest.fixture
def world(db) -> World:
    """A network with three organisations, whose services are listed."""
    world = World(name="Northside")
    Service.objects.update(is_public=True, phone="020 7946 0011")
    return world


@pytest.fixture(scope="module")
def seeded_site(django_db_setup, django_db_blocker) -> Iterator[None]:
    """Make the site once for all tests of a file, as it takes over a second: `made_site` finds it there.

    It stands in a transaction round those of the tests, so that none of them may commit. No network has a category yet:
    a test of what pages say about categories makes its own site.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        made_site()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def site(world) -> PublicSite:
    return public_site(world.network)


@pytest.fixture
def noon():
    with time_machine.travel(NOON, tick=False):
        yield NOON


@pytest.fixture
def network(db) -> Network:
    return f.NetworkFactory(name="Northside Network", slug="northside", area__name="Northside")


@pytest.fixture
def known_site(db, settings) -> PublicSite:
    """The first site, which shows every network, and stands at an address of its own."""
    settings.PUBLIC_URL = ADDRESS
    return public_site()


@pytest.fixture(scope="module")
def translated_site(django_db_setup, django_db_blocker) -> Iterator[None]:
    """The same as `seeded_site`, in all languages whose texts we have."""
    with django_db_blocker.unblock(), transaction.atomic():
        made_site(translated=True)
        yield
        transaction.set_rollback(True)
        Site.clear_site_root_paths_cache()
