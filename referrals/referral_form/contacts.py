"""Contacts to use without a referral: public details only, never the place of a confidential venue."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone

from referrals import matching
from referrals.enums import Cost, ReferralPathway
from referrals.hours import Timetable, local_time, week_in_words
from referrals.models import Category, Service
from referrals.project_functions import project_function
from referrals.translations import translate_field
from referrals.words import join_in_words

FOR_EACH_NEED = 3
CONSIDERED = 50  # of a network's suggestions: enough to find some for each need


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceContact:
    """helps_with: names of the needs, where there are several. hours: lines. page: its address on the public site."""

    service_id: int
    organisation: str
    activity: str
    helps_with: tuple[str, ...] = ()
    summary: str = ""
    phone: str = ""
    email: str = ""
    website: str = ""
    pathways: tuple[str, ...] = ()
    cost: str = ""
    cost_note: str = ""
    place: tuple[str, ...] = ()
    hours: tuple[str, ...] = ()
    hours_note: str = ""
    page: str = ""

    @property
    def helps_with_in_words(self) -> str:
        return join_in_words(self.helps_with)


def choose_contacts(
    suggestions: Iterable[matching.Suggestion],
    needs: Sequence[Category],
    kept: Sequence[int],
    removed: Collection[int],
) -> dict[int, tuple[str, ...]]:
    """Return, by the key of a service, the names of the needs it helps with.

    First come those that the referrer has kept, then so many others that each need has three, where there are as many.
    Names are left out where there is one need.
    """
    met = {one.service_id: one.needs_met for one in suggestions if one.service_id not in removed}
    chosen = dict.fromkeys(kept)
    for need in needs if len(needs) > 1 else ():
        missing = FOR_EACH_NEED - sum(need.pk in met.get(key, ()) for key in chosen)
        others = [key for key, needs_met in met.items() if need.pk in needs_met and key not in chosen]
        chosen |= dict.fromkeys(others[: max(missing, 0)])
    names = {need.pk: translate_field(need, "name") for need in needs} if len(needs) > 1 else {}
    return {key: tuple(name for pk, name in names.items() if pk in met.get(key, ())) for key in chosen}


def find_contacts(helps_with: Mapping[int, Sequence[str]]) -> list[ServiceContact]:
    """Return the contacts of services, by whose keys are the names of needs that they help with.

    For a service that is not public, these are its organisation's. At most five queries.
    """
    rows = Service.objects.select_related("organisation", "activity", "venue")
    services = rows.prefetch_related("opening_hours", "opening_exceptions").in_bulk(list(helps_with))
    find_pages = project_function("SERVICE_PAGES_FINDER")
    pages = find_pages(services) if find_pages and services else {}
    return [
        _make_contact(services[key], tuple(names), pages.get(key, ""))
        for key, names in helps_with.items()
        if key in services
    ]


def _make_contact(service: Service, helps_with: tuple[str, ...], page: str) -> ServiceContact:
    organisation = service.organisation
    general = {
        "service_id": service.pk,
        "organisation": organisation.name,
        "activity": service.activity.name,
        "helps_with": helps_with,
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
        cost=str(Cost(service.cost).label) if service.cost else "",
        cost_note=service.cost_note if service.cost else "",
        place=place,
        hours=tuple(week_in_words(Timetable.of(service), local_time(timezone.now()).date())),
        hours_note=service.opening_note,
        page=page,
    )
