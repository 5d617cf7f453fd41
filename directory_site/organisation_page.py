"""What the page of an organisation shows: what it says of itself, and those of its services that this site shows."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from django.db.models import QuerySet
from django.utils.safestring import SafeString

from directory_site.models import PublicSite
from referrals.models import Organisation, Service
from referrals.public_card import Contact, ways_to_reach
from referrals.rich_text import as_html, as_plain
from referrals.visibility import with_public_services

ON_A_PAGE = 24


@dataclass(frozen=True, slots=True)
class OrganisationPage:
    """Its e-mail address is not among the contacts: offers of referrals go there, and strangers' details must not."""

    name: str
    description: SafeString
    plain: str
    contacts: tuple[Contact, ...]
    areas: tuple[str, ...]

    @classmethod
    def of(cls, organisation: Organisation, *, areas: Iterable[str]) -> Self:
        return cls(
            name=organisation.name,
            description=as_html(organisation.description),
            plain=" ".join(as_plain(organisation.description).split()),
            contacts=tuple(ways_to_reach(phone=organisation.phone, website=organisation.website)),
            areas=tuple(areas),
        )


def find_organisation(site: PublicSite, number: int) -> Organisation | None:
    """Return an organisation of which this site shows at least one service."""
    return with_public_services(Organisation.objects.all(), site.shown_services).filter(pk=number).first()


def services_of(site: PublicSite, organisation: Organisation) -> QuerySet[Service]:
    return site.shown_services.filter(organisation=organisation).order_by("activity__name", "pk")


def areas_of(services: QuerySet[Service]) -> QuerySet:
    """Return the names of the areas that these services are there for, each once."""
    names = services.order_by("network__area__name").values_list("network__area__name", flat=True)
    return names.distinct()
