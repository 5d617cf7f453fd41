"""Nothing unlisted, paused, archived, suspended, of another site or secret is anywhere, in a word or in a number."""

from collections.abc import Iterator
from itertools import chain

import pytest
from django.contrib.gis.geos import Point
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone

from directory_site.addresses import correction_path, organisation_path, qr_path, send_path, service_path
from directory_site.models import DirectoryPage, PublicSite
from directory_site.tests.made_sites import make_or_copy_site
from referrals.models import NetworkMembership, Postcode, Service
from referrals.tests import factories as f

pytestmark = pytest.mark.django_db

WORD = "zyxomma"  # nothing public has it, nor anything like it
HERE, THERE = Point(-0.1500, 51.5400, srid=4326), Point(-0.1777, 51.5555, srid=4326)
VISITOR = Point(-0.1702, 51.5502, srid=4326)

# Each of these makes a listed service one that nobody may see.
HIDINGS = {
    "not listed": lambda service: Service.objects.filter(pk=service.pk).update(is_public=False),
    "paused": lambda service: Service.objects.filter(pk=service.pk).update(paused_at=timezone.now()),
    "archived": lambda service: Service.objects.filter(pk=service.pk).update(
        archived_at=timezone.now(), is_public=False
    ),
    "suspended": lambda service: NetworkMembership.objects.filter(organisation=service.organisation).update(
        status="suspended"
    ),
    "of another site": lambda service: PublicSite.objects.get().networks.remove(service.network),
}


class Place:
    """A site with one network that stays public and one whose only service is about to be hidden."""

    def __init__(self) -> None:
        make_or_copy_site()
        Postcode.objects.create(code="NW52AA", point=VISITOR)
        self.site = PublicSite.objects.get()
        self.site.shows_all_networks = False
        self.site.save()
        self.network = f.NetworkFactory(name="Northside", area__name="Northside")
        self.site.networks.set([self.network])
        self.food = f.CategoryFactory(network=self.network, name="Food", slug="food")
        self.neighbour = self.service("Open kitchen", HERE, network=self.network, categories=[self.food])
        other = f.NetworkFactory(area=self.network.area)
        self.site.networks.add(other)
        kind = f.CategoryFactory(network=other, name=f"{WORD} kind", slug=f"{WORD}-kind")
        self.hidden = self.service(f"{WORD} kitchen", THERE, network=other, categories=[kind, self.food])

    def service(self, name: str, point: Point, **fields: object) -> Service:
        word = name.split()[0]
        organisation = f.OrganisationFactory(name=f"{word} people", network=fields["network"], website="")
        return f.ServiceFactory(
            organisation=organisation,
            activity__name=name,
            is_public=True,
            summary=f"{word} summary",
            description=f"{word} description",
            opening_note=f"{word} note",
            phone=f"020 {word}",
            email=f"{word.lower()}@example.org",
            picture_alt=f"{word} picture",
            venue=f.VenueFactory(organisation=organisation, name=f"{word} hall", address=f"{word} street", point=point),
            **fields,
        )

    def addresses(self) -> list[str]:
        """Return what is asked of every pattern of the public site; a pattern that is added belongs here too."""
        asked = {
            "public_service": [service_path(self.hidden), reverse("public_service", args=[self.hidden.pk])],
            "public_organisation": [organisation_path(self.hidden.organisation)],
            "public_correction": [correction_path(self.hidden)],
            "public_correction_thanks": [f"{correction_path(self.hidden)}thanks/"],
            "public_send": [send_path(self.hidden)],
            "public_send_thanks": [f"{send_path(self.hidden)}thanks/"],
            "public_qr": [qr_path(self.hidden)],
            "public_message": [reverse("public_message")],
            "public_message_thanks": [reverse("public_message_thanks")],
            "public_clusters": [
                f"{reverse('public_clusters')}?zoom={zoom}&box=-1,51,1,52{more}"
                for zoom in (6, 11, 15, 18)
                for more in ("", f"&q={WORD}", "&category=food", "&place=NW5+2AA&within=1")
            ],
            "public_boundary": [reverse("public_boundary")],
            "public_map_labels": [f"{reverse('public_map_labels')}?box=-1,51,1,52&width=800"],
            "public_catchment": [reverse("public_catchment", args=[self.hidden.pk])],
            "new_services": [reverse("new_services")],
            "robots": [reverse("robots")],
            "sitemap": [reverse("sitemap")],
            "sitemap_section": [
                reverse("sitemap_section", args=[name]) for name in ("pages", "services", "organisations")
            ],
            "branding": [],
            "favicon": [],
        }
        names = {name for resolver in ("directory_site.urls", "directory_site.file_urls") for name in _names(resolver)}
        assert names == set(asked)
        directory = DirectoryPage.objects.get().url
        pages = ["/", directory, service_path(self.neighbour), organisation_path(self.neighbour.organisation)]
        searches = ["q=kitchen", "q=zyxoma", "category=food", "place=NW5+2AA&within=1", "sort=name"]
        return [*pages, *(f"{directory}?{search}" for search in searches), *chain.from_iterable(asked.values())]


def _names(module: str) -> Iterator[str]:
    waiting = [get_resolver(module)]
    while waiting:
        for pattern in waiting.pop().url_patterns:
            if isinstance(pattern, URLResolver):
                waiting.append(pattern)
            else:
                yield pattern.name


def every_answer(place: Place) -> str:
    client = Client()
    answers = [(address, client.get(address)) for address in place.addresses()]
    assert {answer.status_code for _, answer in answers} <= {200, 301, 404}
    return "\n".join(
        f"{address}\n{answer.content.decode()}" for address, answer in answers if answer.status_code == 200
    )


def without_what_was_asked(answers: str) -> str:
    """A page may repeat what a visitor typed, and where its own switch of languages leads."""
    return answers.replace("zyxoma", "").replace(f"q={WORD}", "")


@pytest.mark.parametrize("hiding", HIDINGS)
def test_what_is_hidden_is_nowhere(hiding):
    place = Place()
    HIDINGS[hiding](place.hidden)
    answers = without_what_was_asked(every_answer(place)).lower()
    assert WORD not in answers
    assert "51.555" not in answers
    assert "Open kitchen".lower() in answers
    found = Client().get(f"{DirectoryPage.objects.get().url}?category=food").context["found"]
    assert found.total == 1
    assert found.counts["category", "food"] == 1


def test_the_search_would_see_it_while_it_is_listed():
    answers = without_what_was_asked(every_answer(Place())).lower()
    assert answers.count(WORD) > 30
    assert "51.555" in answers


def test_a_secret_place_is_nowhere_while_its_service_is_listed():
    place = Place()
    venue = place.hidden.venue
    venue.is_confidential = True
    venue.save()
    answers = without_what_was_asked(every_answer(place)).lower()
    assert f"{WORD} kitchen" in answers
    for secret in (f"{WORD} hall", f"{WORD} street", "51.555", "-0.177"):
        assert secret not in answers, secret
