"""The directory's listings follow whatever changes, by whichever way, and two that change one service at once."""

import threading
from itertools import count

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from referrals.models import (
    Activity,
    Category,
    NetworkMembership,
    Organisation,
    PublicChange,
    PublicListing,
    Restriction,
    Service,
    Venue,
)
from referrals.tests import factories as f

FIELDS = [field.attname for field in PublicListing._meta.fields]


def listings() -> list[tuple]:
    return list(PublicListing.objects.order_by("pk").values_list(*FIELDS))


def rebuild() -> None:
    """Forget everything and write it anew."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM referrals_publiclisting")
        cursor.execute(
            "INSERT INTO referrals_publiclisting (service_id, network_id, organisation_id, is_listed, title, names, "
            "has_catchment, categories, demographics, options, access, pathways, is_free, closed_on_bank_holidays) "
            "SELECT id, network_id, organisation_id, false, '', '', false, '{}', '{}', '{}', '{}', '{}', false, false "
            "FROM referrals_service"
        )
        cursor.execute("SELECT referrals_list_services(array(SELECT id FROM referrals_service))")


class ListedPlace:
    """Two organisations with three services, and every way that somebody may change what the public sees."""

    def __init__(self) -> None:
        self.network = f.NetworkFactory()
        parent = f.CategoryFactory(network=self.network, name="Food")
        self.categories = [parent, f.CategoryFactory(network=self.network, parent=parent, name="Parcels")]
        self.option = f.DemographicOptionFactory(demographic__network=self.network, name="Woman")
        self.organisations = [f.OrganisationFactory(network=self.network) for _ in range(2)]
        self.venues = [f.VenueFactory(organisation=one, point=f.INSIDE) for one in self.organisations]
        self.services = [
            f.ServiceFactory(network=self.network, organisation=self.organisations[n % 2], is_public=True)
            for n in range(3)
        ]
        self.words = (f"words {n}" for n in count())

    def rename_activity(self, n: int) -> None:
        Activity.objects.filter(services=self.services[n]).update(name=next(self.words))

    def rename_organisation(self, n: int) -> None:
        organisation = self.organisations[n % 2]
        organisation.name = next(self.words)
        organisation.save()

    def rename_category(self, n: int) -> None:
        Category.objects.filter(pk=self.categories[n % 2].pk).update(name=next(self.words))

    def move_category(self, n: int) -> None:
        Category.objects.filter(pk=self.categories[1].pk).update(parent=self.categories[0] if n else None)

    def describe(self, n: int) -> None:
        Service.objects.filter(pk=self.services[n].pk).update(summary=next(self.words), description=next(self.words))

    def hide(self, n: int) -> None:
        Service.objects.filter(pk__in=[one.pk for one in self.services[n:]]).update(is_public=False)

    def show(self, n: int) -> None:
        Service.objects.filter(pk__in=[one.pk for one in self.services[n:]], archived_at=None).update(is_public=True)

    def pause(self, n: int) -> None:
        Service.objects.filter(pk=self.services[n].pk).update(paused_at=timezone.now())

    def take_up(self, n: int) -> None:
        Service.objects.filter(pk=self.services[n].pk).update(paused_at=None)

    def archive(self, n: int) -> None:
        Service.objects.filter(pk=self.services[n].pk).update(archived_at=timezone.now(), is_public=False)

    def suspend(self, n: int) -> None:
        NetworkMembership.objects.filter(organisation=self.organisations[n % 2]).update(status="suspended")

    def take_back(self, n: int) -> None:
        NetworkMembership.objects.filter(organisation=self.organisations[n % 2]).update(status="active")

    def move_in(self, n: int) -> None:
        Service.objects.filter(pk=self.services[n].pk).update(venue=self.venues[n % 2])

    def keep_secret(self, n: int) -> None:
        Venue.objects.filter(pk=self.venues[n % 2].pk).update(is_confidential=True)

    def tell(self, n: int) -> None:
        Venue.objects.filter(pk=self.venues[n % 2].pk).update(is_confidential=False, access_features=["lift"])

    def shelve(self, n: int) -> None:
        self.services[n].categories.set(self.categories[: n + 1])

    def take_off_the_shelf(self, n: int) -> None:
        self.services[n].categories.clear()

    def restrict(self, n: int) -> None:
        Restriction.objects.get_or_create(service=self.services[n], option=self.option)
        Restriction.objects.get_or_create(service=self.services[n], option=None, defaults={"age_from": 18})

    def open_to_all(self, n: int) -> None:
        Restriction.objects.filter(service=self.services[n]).delete()

    def draw(self, n: int) -> None:
        Service.objects.filter(pk=self.services[n].pk).update(catchment=f.square(-0.15, 51.54) if n else None)

    def make_free(self, n: int) -> None:
        Service.objects.filter(pk=self.services[n].pk).update(cost="free" if n else "", cost_note="")

    def add(self, n: int) -> None:
        f.ServiceFactory(network=self.network, organisation=self.organisations[n % 2], is_public=bool(n))

    def delete(self, n: int) -> None:
        Service.objects.filter(organisation=self.organisations[n % 2]).exclude(
            pk__in=[one.pk for one in self.services]
        ).delete()


WAYS = [name for name in vars(ListedPlace) if not name.startswith("_")]


class TestListings(TestCase):
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(st.sampled_from(WAYS), st.integers(0, 2)), min_size=1, max_size=15))
    def test_triggers_agree_with_a_full_rebuild(self, changes):
        place = ListedPlace()
        for way, n in changes:
            getattr(place, way)(n)
        kept = listings()
        assert set(PublicListing.objects.filter(is_listed=True).values_list("pk", flat=True)) == set(
            Service.objects.listed().values_list("pk", flat=True)
        )
        rebuild()
        assert listings() == kept


@pytest.mark.django_db
def test_unlisting_a_service_deletes_its_search_text():
    service = f.ServiceFactory(is_public=True, activity__name="Quiet haven", summary="Behind the green door")
    service.categories.add(f.CategoryFactory(network=service.network))
    assert PublicListing.objects.get().names
    Service.objects.update(paused_at=timezone.now())
    row = PublicListing.objects.get()
    assert (row.title, row.names, row.words, row.categories, row.point) == ("", "", None, [], None)


@pytest.mark.django_db
def test_a_confidential_venue_is_not_searchable():
    network = f.NetworkFactory()
    organisation = f.OrganisationFactory(network=network)
    refuge = f.VenueFactory(
        organisation=organisation, name="Juniper", address="1 Hidden Row", point=f.INSIDE, is_confidential=True
    )
    f.ServiceFactory(organisation=organisation, network=network, venue=refuge, is_public=True)
    row = PublicListing.objects.get()
    assert row.is_listed
    assert (row.point, row.east, row.south, row.access) == (None, None, None, [])
    assert "juniper" not in row.words
    assert "hidden" not in row.words


@pytest.mark.django_db(transaction=True)
def test_two_changes_at_once_are_both_seen():
    service = f.ServiceFactory(is_public=True, organisation__name="Old name", summary="Old words")
    renamed, described = threading.Event(), threading.Event()

    def rename():
        with transaction.atomic():
            Organisation.objects.update(name="New name")
            renamed.set()
            described.wait(1)  # the other waits for this transaction, whose listing it wants to write
        connection.close()

    def describe():
        renamed.wait()
        Service.objects.filter(pk=service.pk).update(summary="Fresh words")
        described.set()
        connection.close()

    threads = [threading.Thread(target=rename), threading.Thread(target=describe)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    row = PublicListing.objects.get()
    assert "New name" in row.title
    assert "fresh" in row.words


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", ["secret", "suspended", "renamed"])
def test_simultaneous_changes_of_a_service_and_its_new_rows_are_both_indexed(change):
    """One moves a service into a venue, another makes the venue secret: whoever is second waits, and both are seen."""
    service = f.ServiceFactory(is_public=False)
    venue = f.VenueFactory(organisation=service.organisation, name="Juniper", point=f.INSIDE)
    moved, changing = threading.Event(), threading.Event()

    def move():
        with transaction.atomic():
            Service.objects.update(venue=venue, is_public=True)
            moved.set()
            changing.wait(1)
        connection.close()

    def alter():
        moved.wait()
        if change == "secret":
            Venue.objects.update(is_confidential=True)
        elif change == "suspended":
            NetworkMembership.objects.update(status="suspended")
        else:
            Venue.objects.update(name="Hazel")
        changing.set()
        connection.close()

    threads = [threading.Thread(target=move), threading.Thread(target=alter)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    row = PublicListing.objects.get()
    assert row.is_listed == (change != "suspended")
    assert (row.point is None) == (change != "renamed")
    assert "juniper" not in (row.words or "")


@pytest.mark.django_db(transaction=True)
def test_each_transaction_that_changes_what_is_shown_is_noted_once():
    service = f.ServiceFactory(is_public=True)
    PublicChange.objects.all().delete()
    with transaction.atomic():
        service.activity.name = "Other"
        service.activity.save()
        Service.objects.update(summary="Other")
    assert PublicChange.objects.count() == 1
    f.PersonFactory()
    assert PublicChange.objects.count() == 1
    Venue.objects.create(organisation=service.organisation, name="Hall")
    assert PublicChange.objects.count() == 2
