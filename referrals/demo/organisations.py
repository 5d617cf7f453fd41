"""The demonstration's organisations and services, from dictionaries of the shape of fixtures/organisations/."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone
from wagtail.images.models import AbstractImage

from referrals.demo.files import Fixtures, exceptions, spells
from referrals.demo.networks import Setting
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
class Cast:
    """Who acts in the stories: users by organisation, and when which service is to be paused."""

    users: dict[int, list[User]] = field(default_factory=dict)
    pauses: list[tuple[datetime, int]] = field(default_factory=list)


@dataclass(frozen=True)
class Stage:
    """What every organisation is stored against."""

    setting: Setting
    fixtures: Fixtures
    password_hash: str
    began: datetime
    now: datetime
    stock: Mapping[str, AbstractImage] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return timezone.localdate(self.now)


def store_organisations(stage: Stage, written: list[dict[str, Any]], cast: Cast) -> None:
    """Store organisations with their people, venues and services, a few statements for all of them, and add to `cast`.

    Services are stored open: those to be paused are paused when their time in the story comes.
    """
    organisations = _store_organisations(stage, written)
    _store_members(stage, written, organisations, cast)
    venues = _store_venues(written, organisations)
    activities = _store_activities(written, organisations)
    pairs = list(_services(stage, written, organisations, venues, activities))
    Service.objects.bulk_create((service for service, _ in pairs), batch_size=500)
    _store_service_rows(stage, pairs)
    cast.pauses += [
        (stage.now - timedelta(days=row["paused_days_ago"]), service.pk)
        for service, row in pairs
        if "paused_days_ago" in row
    ]


def _store_organisations(stage: Stage, written: list[dict[str, Any]]) -> dict[str, Organisation]:
    fields = ("slug", "name", "description", "email", "phone", "website")
    rows = Organisation.objects.bulk_create(
        (Organisation(**{name: row[name] for name in fields}) for row in written), batch_size=1000
    )
    organisations = {row.slug: row for row in rows}
    NetworkMembership.objects.bulk_create(
        (
            NetworkMembership(
                network=stage.setting.networks[slug], organisation=organisations[row["slug"]], joined_at=stage.began
            )
            for row in written
            for slug in row["networks"]
        ),
        batch_size=1000,
    )
    return organisations


def _store_members(
    stage: Stage, written: list[dict[str, Any]], organisations: dict[str, Organisation], cast: Cast
) -> None:
    """Store the people; who has one e-mail address in two organisations is one user."""
    users = {
        person["email"]: User(name=person["name"], email=person["email"], password=stage.password_hash)
        for row in written
        for person in row["people"]
    }
    User.objects.bulk_create(users.values(), batch_size=1000)
    members = [
        OrganisationMember(organisation=organisations[row["slug"]], user=users[person["email"]], role=person["role"])
        for row in written
        for person in row["people"]
    ]
    OrganisationMember.objects.bulk_create(members, batch_size=1000)
    for member in members:
        cast.users.setdefault(member.organisation_id, []).append(member.user)


def _store_venues(
    written: list[dict[str, Any]], organisations: dict[str, Organisation]
) -> dict[tuple[str, str], Venue]:
    """Store the venues at the points of the table of postcodes."""
    codes = {parse_postcode(venue["postcode"]) for row in written for venue in row["venues"]}
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
        for row in written
        for venue in row["venues"]
    }
    Venue.objects.bulk_create(venues.values(), batch_size=1000)
    return venues


def _store_activities(
    written: list[dict[str, Any]], organisations: dict[str, Organisation]
) -> dict[tuple[str, str], Activity]:
    activities = {
        (row["slug"], service["activity"]): Activity(organisation=organisations[row["slug"]], name=service["activity"])
        for row in written
        for service in row["services"]
    }
    Activity.objects.bulk_create(activities.values(), batch_size=1000)
    return activities


def _services(
    stage: Stage,
    written: list[dict[str, Any]],
    organisations: dict[str, Organisation],
    venues: dict[tuple[str, str], Venue],
    activities: dict[tuple[str, str], Activity],
) -> Iterator[tuple[Service, dict[str, Any]]]:
    """Yield unsaved services, each with what was written of it; contacts are the organisation's."""
    for row in written:
        organisation = organisations[row["slug"]]
        for service in row["services"]:
            confirmed_on = stage.today - timedelta(days=service["confirmed_days_ago"])
            yield (
                Service(
                    organisation=organisation,
                    network=stage.setting.networks[service.get("network", row["networks"][0])],
                    activity=activities[row["slug"], service["activity"]],
                    venue=venues[row["slug"], service["venue"]] if "venue" in service else None,
                    catchment=stage.fixtures.catchment(service["catchment"]),
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
                    stock_picture=stage.stock[service["stock_picture"]] if "stock_picture" in service else None,
                    picture_alt=stage.stock[service["stock_picture"]].description if "stock_picture" in service else "",
                    last_confirmed_on=confirmed_on,
                ),
                service,
            )


def _store_service_rows(stage: Stage, pairs: list[tuple[Service, dict[str, Any]]]) -> None:
    """Store what hangs on services: categories, hours, exceptions, restrictions. Network slugs are looked up once."""
    slugs = {network.pk: slug for slug, network in stage.setting.networks.items()}
    listed = Service.categories.through
    listed.objects.bulk_create(
        (
            listed(service=service, category=stage.setting.categories[slugs[service.network_id], slug])
            for service, row in pairs
            for slug in row["categories"]
        ),
        batch_size=2000,
    )
    OpeningHours.objects.bulk_create(
        (
            OpeningHours(service=service, **spell._asdict())
            for service, row in pairs
            for spell in spells(row["hours"], season=row.get("season"), today=stage.today)
        ),
        batch_size=2000,
    )
    OpeningException.objects.bulk_create(
        OpeningException(service=service, **days._asdict())
        for service, row in pairs
        for days in exceptions(row.get("exceptions", []), today=stage.today)
    )
    Restriction.objects.bulk_create(
        (
            restriction
            for service, row in pairs
            for restriction in _restrictions(stage.setting, slugs[service.network_id], service, row)
        ),
        batch_size=2000,
    )


def _restrictions(setting: Setting, network: str, service: Service, row: dict[str, Any]) -> Iterator[Restriction]:
    for demographic, names in row.get("options", {}).items():
        for name in names:
            yield Restriction(service=service, option=setting.options[network, demographic, name])
    if "ages" in row:
        age_from, age_to = row["ages"]
        yield Restriction(service=service, age_from=age_from, age_to=age_to)
