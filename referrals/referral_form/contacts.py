"""Contacts to use without a referral: public details only, never the place of a confidential venue."""

from collections.abc import Sequence
from dataclasses import dataclass

from referrals.enums import ReferralPathway
from referrals.models import Service
from referrals.services.public_card import cost_in_words


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceContact:
    service_id: int
    organisation: str
    activity: str
    summary: str = ""
    phone: str = ""
    email: str = ""
    website: str = ""
    pathways: tuple[str, ...] = ()
    cost: str = ""
    place: tuple[str, ...] = ()


def find_contacts(service_ids: Sequence[int]) -> list[ServiceContact]:
    """For a service that is not public, these are its organisation's. One query."""
    services = Service.objects.select_related("organisation", "activity", "venue").in_bulk(service_ids)
    return [_make_contact(services[key]) for key in service_ids if key in services]


def _make_contact(service: Service) -> ServiceContact:
    organisation = service.organisation
    general = {
        "service_id": service.pk,
        "organisation": organisation.name,
        "activity": service.activity.name,
    }
    if not service.is_public:
        return ServiceContact(
            **general, phone=organisation.phone, email=organisation.email, website=organisation.website
        )
    venue = service.venue
    place: tuple[str, ...] = ()
    if venue and not venue.is_confidential:
        place = tuple(filter(None, [venue.name, *venue.address.splitlines(), venue.postcode]))
    return ServiceContact(
        **general,
        summary=service.summary,
        phone=service.phone or organisation.phone,
        email=service.email or organisation.email,
        website=service.website or organisation.website,
        pathways=tuple(str(ReferralPathway(code).label) for code in service.pathways),
        cost=cost_in_words(service),
        place=place,
    )
