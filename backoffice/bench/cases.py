"""The pages that coordinators have open all day, in a network that holds every referral."""

from django.test import Client
from django.urls import reverse

from referrals.bench.measuring import Comparison, Sample, case
from referrals.bench.pages import compare_pages
from referrals.enums import Role
from referrals.models import NetworkRole, Referral, User
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


@case("backoffice.figures", target=3)
def figures(sample: Sample) -> Comparison:
    return compare_pages(sample, _coordinator(sample), [reverse("backoffice:figures")])


def _coordinator(sample: Sample) -> Client:
    user = User.objects.filter(email=EMAIL).first() or User.objects.create_user(EMAIL)
    NetworkRole.objects.get_or_create(network=sample.network, user=user, role=Role.COORDINATOR)
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    return client
