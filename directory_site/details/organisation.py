"""The page of an organisation: how it describes itself, and those of its services that this site shows."""

from dataclasses import dataclass
from typing import Self

from django.contrib.postgres.expressions import ArraySubquery
from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.utils.safestring import SafeString

from directory_site.models.sites import PublicSite
from referrals.models import Organisation, Service
from referrals.services.public_card import Contact, ways_to_reach
from referrals.services.rich_text import as_html, as_plain

PAGE_SIZE = 24


@dataclass(frozen=True, slots=True)
class OrganisationPage:
    """Leaves out the e-mail address, to which offers of referrals go: it is not for the public."""

    name: str
    description: SafeString
    plain: str
    contacts: tuple[Contact, ...]
    areas: tuple[str, ...]

    @classmethod
    def of(cls, organisation: Organisation) -> Self:
        return cls(
            name=organisation.name,
            description=as_html(organisation.description),
            plain=" ".join(as_plain(organisation.description).split()),
            contacts=tuple(ways_to_reach(phone=organisation.phone, website=organisation.website)),
            areas=tuple(organisation.areas),
        )


def find_organisation(site: PublicSite, number: int) -> Organisation | None:
    """Return an organisation with services on this site. Annotates `areas`, of their networks, and `service_count`."""
    own_services = site.shown_services.filter(organisation=OuterRef("pk")).order_by()
    areas = own_services.values("network__area__name").distinct().order_by("network__area__name")
    number_of = own_services.values("organisation").annotate(number=Count("pk")).values("number")
    rows = Organisation.objects.filter(Exists(own_services))
    return rows.annotate(areas=ArraySubquery(areas), service_count=Subquery(number_of)).filter(pk=number).first()


def services_of(site: PublicSite, organisation: Organisation) -> QuerySet[Service]:
    return site.shown_services.filter(organisation=organisation).order_by("activity__name", "pk")


def paginate_services(site: PublicSite, organisation: Organisation, number: str | None) -> Page:
    """Return page `number`, or the nearest there is. `organisation` comes from `find_organisation`."""
    paginator = Paginator(services_of(site, organisation), PAGE_SIZE)
    paginator.count = organisation.service_count  # counted already
    return paginator.get_page(number)
