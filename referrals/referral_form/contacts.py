"""Whom to turn to without a referral: public contact details only, and never where a confidential venue is."""

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


def contacts_of(service_ids: Sequence[int]) -> list[ServiceContact]:
    """Return the contact details of these services, in the order given. One query.

    A service that is not listed publicly is reached through its organisation.
    """
    services = Service.objects.select_related("organisation", "activity", "venue").in_bulk(service_ids)
    return [_contact(services[key]) for key in service_ids if key in services]


def _contact(service: Service) -> ServiceContact:
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
    return ServiceContact(
        **general,
        summary=service.summary,
        phone=service.phone or organisation.phone,
        email=service.email or organisation.email,
        website=service.website or organisation.website,
        pathways=tuple(str(ReferralPathway(code).label) for code in service.pathways),
        cost=cost_in_words(service),
        place=_place(service),
    )


def _place(service: Service) -> tuple[str, ...]:
    venue = service.venue
    if venue is None or venue.is_confidential:
        return ()
    return tuple(filter(None, [venue.name, *venue.address.splitlines(), venue.postcode]))
