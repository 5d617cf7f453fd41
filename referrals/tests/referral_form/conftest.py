from collections.abc import Callable

import pytest
from django.contrib.gis.geos import Point
from playwright.sync_api import Page

from referrals.models import Network, Postcode
from referrals.tests import factories as f
from referrals.tests.factories import INSIDE
from referrals.tests.referral_form.referrer import Referrer

OUTSIDE = Point(-2.23, 53.48)


class Northside:
    """A network with two categories under food and one beside them, a postcode inside and one outside its area."""

    def __init__(self, **network: object) -> None:
        options = {"name": "Northside Network", "slug": "northside", "details_length": 0} | network
        self.network = f.NetworkFactory(**options, area__name="Northside")
        self.wording = f.ConsentWordingFactory(network=self.network, version=1, text="We share it with those named.")
        self.food = self.category("Food")
        self.parcels = self.category("Food parcels", parent=self.food)
        self.baby = self.category("Baby supplies", parent=self.food)
        self.debt = self.category("Debt advice")
        Postcode.objects.create(code="NW52DB", point=INSIDE)
        Postcode.objects.create(code="M11AA", point=OUTSIDE)
        Postcode.objects.create(code="NW19ZZ", point=None)

    def category(self, name: str, **options: object):
        return f.CategoryFactory(network=self.network, name=name, **options)

    def link_network(self, name: str) -> Network:
        """Let the form refer into another network as well, which has a wording of its own."""
        network = f.NetworkFactory(name=name)
        f.ConsentWordingFactory(network=network, text=f"This is how {name} shares it.")
        self.network.linked_networks.add(network)
        return network

    def service(self, organisation: str, *categories, **options: object):
        """Add an organisation with one service for these categories; the first one added ranks first."""
        organisation = f.OrganisationFactory(name=organisation, network=self.network)
        return f.ServiceFactory(network=self.network, organisation=organisation, categories=list(categories), **options)

    def refer(self, **client: object) -> Referrer:
        """Open the form; it asks the questions as they are now."""
        f.publish_drafts()
        return Referrer("/refer/northside/", **client)

    def fill_in_person(self, **values: object) -> Referrer:
        """Fill in the first step, as somebody who refers Maya. An empty value leaves a field empty."""
        person = {"for_whom": "other", "name": "Maya Ferreira", "phone": "07700 900123", "postcode": "nw5 2db"}
        source = {"source_name": "Sam Okoro", "source_organisation": "Advice Shop", "source_email": "sam@example.org"}
        return self.refer().fill(**person | source | values)

    def refer_to_needs(self, **values: object) -> Referrer:
        return self.fill_in_person(**values).press("Continue")

    def refer_to_suggestions(self, *needs: str) -> Referrer:
        referrer = self.refer_to_needs().choose(*(needs or ("Food parcels",))).press("Continue")
        # Services that are only for some people are asked about in a further round.
        return referrer.press("Continue") if "more question" in referrer.text else referrer

    def refer_to_consent(self, *needs: str) -> Referrer:
        referrer = self.refer_to_suggestions(*needs)
        return referrer.press(referrer.all(".actions .button")[0])


@pytest.fixture
def northside(db) -> Northside:
    return Northside()


@pytest.fixture
def new_page(new_context) -> Callable[..., Page]:
    """Open a page of a browser of its own; the options are the context's."""
    return lambda **options: new_context(**options).new_page()
