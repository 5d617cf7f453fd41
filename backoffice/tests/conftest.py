from collections.abc import Callable

import pytest
from django.test import Client

from backoffice.tests.tenants import Tenant, know_the_postcode
from referrals.models import User
from referrals.tests.kept_rows import KeptRows
from referrals.tests.worlds import World

KEPT = KeptRows(ours=lambda: Tenant("Ours"), theirs=lambda: Tenant("Theirs"), world=World)


@pytest.fixture
def world(db) -> World:
    """A network with three organisations that all suit, a coordinator, and a person."""
    return KEPT.copy("world")


@pytest.fixture
def signed_in() -> Callable[[User], Client]:
    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def ours(db) -> Tenant:
    know_the_postcode()
    return KEPT.copy("ours")


@pytest.fixture
def theirs(db) -> Tenant:
    know_the_postcode()
    return KEPT.copy("theirs")
