"""Organisations modelled on those of the fixtures, for a network of any size."""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from random import Random
from typing import Any

from referrals.demo.files import FixturePlace, Fixtures
from referrals.enums import Cost

SMALLEST_CIRCLE, LARGEST_CIRCLE = 0.3, 2.5  # miles
COVERS_ALL = 0.25  # the share of services without a catchment of their own
SAYS_NOTHING = 0.15  # the share of services without a cost, and of venues without a word on access


def generate_organisations(
    fixtures: Fixtures, *, services: int, places: Sequence[FixturePlace], random: Random
) -> Iterator[dict[str, Any]]:
    """Yield dictionaries like those of the files, with `services` services between them.

    Each is modelled on one of the fixtures: it has the same activities, hours and restrictions, but a name, place,
    catchments and capacities of its own.
    """
    models = [row for row in fixtures.organisations if fixtures.networks[0]["slug"] in row["networks"]]
    number = 0
    while services > 0:
        number += 1
        organisation = _copy_of(random.choice(models), number, fixtures, places, random)
        organisation["services"] = organisation["services"][:services]
        services -= len(organisation["services"])
        yield organisation


def _copy_of(
    model: dict[str, Any], number: int, fixtures: Fixtures, places: Sequence[FixturePlace], random: Random
) -> dict[str, Any]:
    main = fixtures.networks[0]["slug"]
    place = random.choice(places)
    organisation = deepcopy(model)
    kind = random.choice(fixtures.people["generated_names"])
    slug = f"{model['slug'][:60]}-{number}"
    organisation |= {
        "slug": slug,
        "name": f"{model['name']}, {place.locality or place.postcode.split()[0]} {kind} {number}",
        "email": f"referrals@{slug}.example",
        "website": f"https://{slug}.example/",
        "phone": f"020 7946 0{number % 1000:03}",
        "networks": [main],
        "people": [{"name": _name(fixtures, random), "role": "owner", "email": f"owner@{slug}.example"}],
    }
    for venue in organisation["venues"]:
        venue["postcode"] = place.postcode
        venue["address"] = f"{random.randint(1, 150)} {random.choice(fixtures.people['streets'])}"
        if random.random() < SAYS_NOTHING:
            venue |= {"access_features": [], "access": ""}
    organisation["services"] = [row for row in organisation["services"] if row.get("network", main) == main]
    for service in organisation["services"]:
        service["capacity"] = random.randint(1, 20)
        service["catchment"] = _catchment(place, random)
        service["confirmed_days_ago"] = random.randint(1, 250)
        service.pop("paused_days_ago", None)
        if random.random() < SAYS_NOTHING:
            service |= {"cost": Cost.NOT_SAID, "cost_note": ""}
    return organisation


def _catchment(place: FixturePlace, random: Random) -> dict[str, Any] | None:
    if random.random() < COVERS_ALL:
        return None
    miles = round(random.uniform(SMALLEST_CIRCLE, LARGEST_CIRCLE), 2)
    return {"circle": [place.longitude, place.latitude, miles]}


def _name(fixtures: Fixtures, random: Random) -> str:
    group = random.choice(fixtures.people["groups"])
    return f"{random.choice(group['women'] + group['men'])} {random.choice(group['families'])}"
