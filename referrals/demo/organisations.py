"""Stores organisations and services from dictionaries like the files in fixtures/organisations/."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone
from wagtail.images.models import AbstractImage

from referrals.demo.files import Fixtures, exceptions, weekly_openings
from referrals.demo.networks import StoredNetworks
from referrals.enums import Cost
from referrals.models import (
    Activity,
    NetworkMembership,
    OpeningException,
    OpeningHours,
    Organisation,
    OrganisationMember,
    Postcode,
    Restriction,
    Service,
    User,
    Venue,
)
from referrals.models.geography import parse_postcode


@dataclass
class Participants:
    """Who acts in the simulation: users by organisation, and when which service is paused."""

    users: dict[int, list[User]] = field(default_factory=dict)
    pauses: list[tuple[datetime, int]] = field(default_factory=list)


@dataclass(frozen=True)
class LoadContext:
    """What storing any organisation needs."""

    stored: StoredNetworks
    fixtures: Fixtures
    password_hash: str
    began: datetime
    now: datetime
    stock: Mapping[str, AbstractImage] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return timezone.localdate(self.now)


def store_organisations(context: LoadContext, rows: list[dict[str, Any]], participants: Participants) -> None:
    """Store organisations with people, venues and services in bulk, and add to `participants`.

    No service is paused yet: the simulation does that.
    """
    organisations = _store_organisations(context, rows)
    _store_members(context, rows, organisations, participants)
    venues = _store_venues(rows, organisations)
    activities = _store_activities(rows, organisations)
    pairs = list(_build_services(context, rows, organisations, venues, activities))
    Service.objects.bulk_create((service for service, _ in pairs), batch_size=500)
    _store_service_rows(context, pairs)
    participants.pauses += [
        (context.now - timedelta(days=row["paused_days_ago"]), service.pk)
        for service, row in pairs
        if "paused_days_ago" in row
    ]


def _store_organisations(context: LoadContext, rows: list[dict[str, Any]]) -> dict[str, Organisation]:
    fields = ("slug", "name", "description", "email", "phone", "website")
    created = Organisation.objects.bulk_create(
        (Organisation(**{name: row[name] for name in fields}) for row in rows), batch_size=1000
    )
    organisations = {organisation.slug: organisation for organisation in created}
    NetworkMembership.objects.bulk_create(
        (
            NetworkMembership(
                network=context.stored.networks[slug], organisation=organisations[row["slug"]], joined_at=context.began
            )
            for row in rows
            for slug in row["networks"]
        ),
        batch_size=1000,
    )
    return organisations


def _store_members(
    context: LoadContext,
    rows: list[dict[str, Any]],
    organisations: dict[str, Organisation],
    participants: Participants,
) -> None:
    # The same address in two organisations is one user.
    users = {
        person["email"]: User(name=person["name"], email=person["email"], password=context.password_hash)
        for row in rows
        for person in row["people"]
    }
    User.objects.bulk_create(users.values(), batch_size=1000)
    members = [
        OrganisationMember(organisation=organisations[row["slug"]], user=users[person["email"]], role=person["role"])
        for row in rows
        for person in row["people"]
    ]
    OrganisationMember.objects.bulk_create(members, batch_size=1000)
    for member in members:
        participants.users.setdefault(member.organisation_id, []).append(member.user)


def _store_venues(rows: list[dict[str, Any]], organisations: dict[str, Organisation]) -> dict[tuple[str, str], Venue]:
    codes = {parse_postcode(venue["postcode"]) for row in rows for venue in row["venues"]}
    points = dict(Postcode.objects.filter(pk__in=codes).values_list("pk", "point"))
    venues = {
        (row["slug"], venue["slug"]): Venue(
            organisation=organisations[row["slug"]],
            name=venue["name"],
            address=venue["address"],
            postcode=venue["postcode"],
            point=points.get(parse_postcode(venue["postcode"])),
            access_features=venue.get("access_features", []),
            access=venue["access"],
            facilities=venue["facilities"],
            is_confidential=venue.get("confidential", False),
        )
        for row in rows
        for venue in row["venues"]
    }
    Venue.objects.bulk_create(venues.values(), batch_size=1000)
    return venues


def _store_activities(
    rows: list[dict[str, Any]], organisations: dict[str, Organisation]
) -> dict[tuple[str, str], Activity]:
    activities = {
        (row["slug"], service["activity"]): Activity(organisation=organisations[row["slug"]], name=service["activity"])
        for row in rows
        for service in row["services"]
    }
    Activity.objects.bulk_create(activities.values(), batch_size=1000)
    return activities


def _build_services(
    context: LoadContext,
    rows: list[dict[str, Any]],
    organisations: dict[str, Organisation],
    venues: dict[tuple[str, str], Venue],
    activities: dict[tuple[str, str], Activity],
) -> Iterator[tuple[Service, dict[str, Any]]]:
    for row in rows:
        organisation = organisations[row["slug"]]
        for service in row["services"]:
            confirmed_on = context.today - timedelta(days=service["confirmed_days_ago"])
            yield (
                Service(
                    organisation=organisation,
                    network=context.stored.networks[service.get("network", row["networks"][0])],
                    activity=activities[row["slug"], service["activity"]],
                    venue=venues[row["slug"], service["venue"]] if "venue" in service else None,
                    catchment=context.fixtures.catchment(service["catchment"]),
                    by_appointment=service.get("by_appointment", False),
                    opening_note=service.get("opening_note", ""),
                    closed_on_bank_holidays=service.get("closed_on_bank_holidays", False),
                    capacity=service["capacity"],
                    capacity_set_on=confirmed_on,
                    is_public=service["public"],
                    summary=service["summary"],
                    description=service["description"],
                    phone=organisation.phone,
                    email=organisation.email,
                    website=organisation.website,
                    pathways=service["pathways"],
                    cost=service.get("cost", Cost.NOT_SAID),
                    cost_note=service.get("cost_note", ""),
                    stock_picture=context.stock[service["stock_picture"]] if "stock_picture" in service else None,
                    picture_alt=context.stock[service["stock_picture"]].description
                    if "stock_picture" in service
                    else "",
                    added_on=confirmed_on,
                    last_confirmed_on=confirmed_on,
                ),
                service,
            )


def _store_service_rows(context: LoadContext, pairs: list[tuple[Service, dict[str, Any]]]) -> None:
    slugs = {network.pk: slug for slug, network in context.stored.networks.items()}
    listed = Service.categories.through
    listed.objects.bulk_create(
        (
            listed(service=service, category=context.stored.categories[slugs[service.network_id], slug])
            for service, row in pairs
            for slug in row["categories"]
        ),
        batch_size=2000,
    )
    OpeningHours.objects.bulk_create(
        (
            OpeningHours(service=service, **opening._asdict())
            for service, row in pairs
            for opening in weekly_openings(row["hours"], season=row.get("season"), today=context.today)
        ),
        batch_size=2000,
    )
    OpeningException.objects.bulk_create(
        OpeningException(service=service, **days._asdict())
        for service, row in pairs
        for days in exceptions(row.get("exceptions", []), today=context.today)
    )
    Restriction.objects.bulk_create(
        (
            restriction
            for service, row in pairs
            for restriction in _build_restrictions(context.stored, slugs[service.network_id], service, row)
        ),
        batch_size=2000,
    )


def _build_restrictions(
    stored: StoredNetworks, network: str, service: Service, row: dict[str, Any]
) -> Iterator[Restriction]:
    for demographic, names in row.get("options", {}).items():
        for name in names:
            yield Restriction(service=service, option=stored.options[network, demographic, name])
    if "ages" in row:
        age_from, age_to = row["ages"]
        yield Restriction(service=service, age_from=age_from, age_to=age_to)
