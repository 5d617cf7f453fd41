"""The pages that coordinators have open all day, in a network that holds every referral."""

from dataclasses import replace

from django.test import Client
from django.urls import reverse

from referrals.bench.measuring import Comparison, Sample, case
from referrals.bench.pages import compare_pages, open_page
from referrals.bench.sample_town import SERVICES, make_town
from referrals.enums import Role
from referrals.models import Network, NetworkRole, Referral, User
from referrals.network.coverage import measure_coverage, offers_of, suggest_sites
from referrals.references import new_reference

EMAIL = "coordinator@bench.example"


@case("backoffice.home", target=3)
def home(sample: Sample) -> Comparison:
    return compare_pages(sample, _coordinator(sample), [reverse("backoffice:index")])


@case("backoffice.workspace", target=3)
def workspace(sample: Sample) -> Comparison:
    return compare_pages(sample, _coordinator(sample), [reverse("backoffice:referrals")])


@case("backoffice.viewing", target=3)
def viewing(sample: Sample) -> Comparison:
    shown = list(Referral.objects.order_by("pk")[: len(sample.people)])
    for referral in shown:
        referral.reference = new_reference()  # the sample's has no check character, so no page would open
        referral.save()
    screen = reverse("backoffice:referrals")
    return compare_pages(sample, _coordinator(sample), [f"{screen}?view={one.reference}" for one in shown])


@case("backoffice.services", target=3)
def services(sample: Sample) -> Comparison:
    return compare_pages(sample, _coordinator(sample), [reverse("backoffice:referrals_service_changelist")])


@case("figures", target=3)
def figures(sample: Sample) -> Comparison:
    return compare_pages(sample, _coordinator(sample), [reverse("backoffice:figures")])


@case("network.list", target=3)
def network_list(sample: Sample) -> Comparison:
    return compare_pages(sample, _coordinator(sample), [reverse("backoffice:network_list")])


@case("network.map", target=3)
def network_map(sample: Sample) -> Comparison:
    return compare_pages(sample, _coordinator(sample), [reverse("backoffice:network_map")])


@case("network.map_data", target=3)
def network_map_data(sample: Sample) -> Comparison:
    return compare_pages(sample, _coordinator(sample), [reverse("backoffice:network_map_data")])


@case("network.capacity", target=3)
def network_capacity(sample: Sample) -> Comparison:
    return compare_pages(sample, _coordinator(sample), [reverse("backoffice:network_capacity")])


@case("network.calendar", target=3)
def network_calendar(sample: Sample) -> Comparison:
    return compare_pages(sample, _coordinator(sample), [reverse("backoffice:network_calendar")])


@case("coverage", target=2, sized=False, repeats=5)
def coverage(sample: Sample) -> Comparison:
    """Three maps of 20,000 postcodes and 600 services."""
    town = make_town()
    page = compare_pages(sample, coordinator_of(town), [_coverage_of(town)])
    return replace(page, size=SERVICES)


@case("coverage.what_if", target=2, sized=False, repeats=5)
def what_if(sample: Sample) -> Comparison:
    town = make_town()
    client = coordinator_of(town)
    first, second, third = town.services.order_by("pk").values_list("pk", flat=True)[:3]
    changes = f"grow={first}:1500&places={second}:90&close={third}&new=2.1,53.18,2000,40"
    return Comparison(
        lambda number: open_page(client, f"{_coverage_of(town)}&{changes}"),
        lambda number: open_page(client, _coverage_of(town)),
        "four changes, compared with now; bare: the page without them",
        size=SERVICES,
    )


@case("coverage.sites", ms_target=1000, sized=False, repeats=5)
def sites(sample: Sample) -> Comparison:
    town = make_town()
    measured = measure_coverage(town, offers_of(town.services.all()))
    return Comparison(
        lambda number: suggest_sites(measured, places=20, metres=2000),
        lambda number: measure_coverage(town, offers_of(town.services.all())),
        f"the five best of {len(measured.cells):,} hexagons, within 2 km; bare: measuring the coverage",
        size=SERVICES,
    )


def _coverage_of(network: Network) -> str:
    return f"{reverse('backoffice:coverage')}?network={network.slug}"


def _coordinator(sample: Sample) -> Client:
    return coordinator_of(sample.network)


def coordinator_of(network: Network) -> Client:
    user = User.objects.filter(email=EMAIL).first() or User.objects.create_user(EMAIL)
    NetworkRole.objects.get_or_create(network=network, user=user, role=Role.COORDINATOR)
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    return client
