import pytest
from django.contrib.gis.geos import Point

from referrals.models import Network, Postcode
from referrals.tests import factories as f


@pytest.fixture
def network() -> Network:
    Postcode.objects.create(code="NW52AA", point=Point(-0.1400, 51.5500, srid=4326))
    return f.NetworkFactory()
