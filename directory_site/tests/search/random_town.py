"""Services of all kinds, drawn from a seed."""

from datetime import date, time, timedelta
from random import Random

from django.contrib.gis.geos import Point

from directory_site.tests.search.asking import MOMENTS, service
from referrals.enums import AccessFeature, ReferralPathway
from referrals.models import OpeningException, OpeningHours, Postcode, PublicListing, Restriction, Service
from referrals.tests import factories as f


class RandomTown:
    """Services of all kinds, drawn from a seed."""

    def __init__(self, seed: int) -> None:
        self.random = random = Random(seed)
        Postcode.objects.get_or_create(code="NW52AA", defaults={"point": Point(-0.14, 51.55, srid=4326)})
        self.networks = [f.NetworkFactory(country=country) for country in ("ENG", "SCT")]
        self.categories = {network: self._categories(network) for network in self.networks}
        self.options = {network: self._options(network) for network in self.networks}
        self.organisations = {
            network: [f.OrganisationFactory(network=network) for _ in range(3)] for network in self.networks
        }
        self.hours, self.exceptions, self.restrictions = [], [], []
        self.services = [self._service(number) for number in range(40)]
        OpeningHours.objects.bulk_create(self.hours)
        OpeningException.objects.bulk_create(self.exceptions)
        Restriction.objects.bulk_create(self.restrictions)
        assert PublicListing.objects.filter(is_listed=True).count() < 40, random

    def _categories(self, network):
        food = f.CategoryFactory(network=network, slug="food", name="Food")
        below = [f.CategoryFactory(network=network, slug=slug, name=slug, parent=food) for slug in ("parcels", "meals")]
        return [food, *below, f.CategoryFactory(network=network, slug="debt", name="Debt")]

    def _options(self, network):
        gender, tongue = (f.DemographicFactory(network=network, name=name) for name in ("Gender", "Language"))
        named = [(gender, "Woman"), (gender, "Man"), (tongue, "Somali"), (tongue, "Polish"), (tongue, "French")]
        return [f.DemographicOptionFactory(demographic=demographic, name=name) for demographic, name in named]

    def _service(self, number: int) -> Service:
        random, network = self.random, self.random.choice(self.networks)
        one = service(
            network,
            f"{random.choice(['Food', 'Warm', 'Quiet'])} {random.choice(['club', 'van', 'room'])} {number}",
            organisation=random.choice(self.organisations[network]),
            is_public=random.random() < 0.9,
            cost=random.choice(["", "free", "charged"]),
            pathways=random.sample(ReferralPathway.values, 2),
            closed_on_bank_holidays=random.random() < 0.5,
            catchment=random.choice([None, f.square(-0.14, 51.55), f.square(-0.2, 51.52)]),
            categories=random.sample(self.categories[network], random.choice([0, 1, 2])),
        )
        if random.random() < 0.8:
            place = Point(-0.14 + random.uniform(-0.05, 0.05), 51.55 + random.uniform(-0.03, 0.03), srid=4326)
            features = random.sample(AccessFeature.values, 3)
            one.venue = f.VenueFactory(organisation=one.organisation, point=place, access_features=features)
            one.save()
        options = random.sample(self.options[network], random.choice([0, 0, 1, 2]))
        self.restrictions += [Restriction(service=one, option=option) for option in options]
        if random.random() < 0.4:
            ages = {"age_from": random.choice([None, 18, 60]), "age_to": random.choice([65, 90])}
            self.restrictions.append(Restriction(service=one, **ages))
        self._open(one)
        return one

    def _open(self, one: Service) -> None:
        random = self.random
        clock = [time(0), time(1, 30), time(9), time(12), time(18), time(23)]
        for weekday in random.sample(range(7), random.choice([0, 2, 4, 7])):
            season = random.choice([{}, {}, {"valid_from": date(2026, 6, 1)}, {"valid_to": date(2026, 10, 24)}])
            opens, closes = random.choice(clock), random.choice(clock)
            self.hours.append(OpeningHours(service=one, weekday=weekday, opens=opens, closes=closes, **season))
        for moment in MOMENTS:
            if random.random() < 0.3:
                day = moment.date() + timedelta(days=random.choice([-1, 0, 1, 3]))
                times = random.choice(
                    [{}, {"opens": time(0), "closes": time(13)}, {"opens": time(22), "closes": time(2)}]
                )
                last_day = day + timedelta(days=random.choice([0, 1]))
                self.exceptions.append(OpeningException(service=one, first_day=day, last_day=last_day, **times))
