"""The files in fixtures/ are consistent. Without a database: these tests tell an editor which name is wrong."""

import re
from collections import Counter
from datetime import date, time

import pytest
from django.contrib.gis.geos import Point
from PIL import Image
from pyproj import Geod

from referrals.catchments import circle
from referrals.demo.files import Fixtures, answers_to, exceptions, weekly_openings
from referrals.enums import (
    AccessFeature,
    Cost,
    DayCounting,
    OrganisationRole,
    QuestionKind,
    ReferralPathway,
    RejectReason,
    Role,
)
from referrals.hours import ExceptionalDays
from referrals.models import Network, OpeningException, Service
from referrals.models.geography import format_postcode, parse_postcode
from referrals.questions import Box, Choice, FlowChart, evaluate

FIXTURES = Fixtures()
NETWORKS = [row["slug"] for row in FIXTURES.networks]
SERVICES = [
    (f"{row['slug']}: {service['activity']}", row, service)
    for row in FIXTURES.organisations
    for service in row["services"]
]
PEOPLE = [*FIXTURES.users["people"], *(person for row in FIXTURES.organisations for person in row["people"])]
DRAMA_NUMBERS = re.compile(r"020 7946 0\d{3}|07700 900\d{3}")

every_service = pytest.mark.parametrize(
    ("organisation", "service"), [row[1:] for row in SERVICES], ids=[row[0] for row in SERVICES]
)
every_situation = pytest.mark.parametrize("situation", FIXTURES.situations, ids=lambda situation: situation["id"])


def category_slugs(network: str) -> set[str]:
    return {
        slug
        for parent in FIXTURES.of_network(network, "categories")
        for slug in (parent["slug"], *(child["slug"] for child in parent["children"]))
    }


def option_names(network: str) -> dict[str, set[str]]:
    return {
        row["name"]: {option["name"] for option in row["options"]}
        for row in FIXTURES.of_network(network, "demographics")
    }


def questions() -> list[dict]:
    return [row for network in NETWORKS for row in FIXTURES.of_network(network, "questions")]


def test_it_is_as_large_as_it_is_said_to_be():
    main = [row for row in FIXTURES.organisations if NETWORKS[0] in row["networks"]]
    parents = FIXTURES.of_network(NETWORKS[0], "categories")
    assert len(main) >= 25
    assert sum(len(row["services"]) for row in main) >= 60
    assert len(parents) >= 12
    assert sum(len(parent["children"]) for parent in parents) >= 45
    assert len(FIXTURES.of_network(NETWORKS[0], "questions")) >= 14
    assert 4 <= sum("northside-legal-advice" in row["networks"] for row in FIXTURES.organisations) <= 6


def test_names_are_unique():
    for names in (
        [row["slug"] for row in FIXTURES.organisations],
        [row["name"] for row in FIXTURES.organisations],
        [row["id"] for row in questions()],
        [row["id"] for row in FIXTURES.situations],
        [place.postcode for place in FIXTURES.places],
    ):
        assert [name for name, count in Counter(names).items() if count > 1] == []
    for network in NETWORKS:
        parents = FIXTURES.of_network(network, "categories")
        assert len(category_slugs(network)) == sum(1 + len(parent["children"]) for parent in parents)


def test_an_email_address_belongs_to_one_person():
    names = {(person["email"], person["name"]) for person in PEOPLE}
    assert len(names) == len({person["email"] for person in PEOPLE})


def test_nothing_can_reach_a_real_person():
    reachable = [*FIXTURES.networks, *FIXTURES.organisations, *FIXTURES.people["sources"]]
    emails = [row["email"] for row in (*reachable, *PEOPLE) if row["email"]]
    assert [email for email in emails if not email.endswith(".example")] == []
    assert [row["phone"] for row in reachable if not DRAMA_NUMBERS.fullmatch(row["phone"])] == []
    assert [row["website"] for row in FIXTURES.organisations if not row["website"].endswith(".example/")] == []


def test_the_boundary_says_that_it_is_simplified():
    area = FIXTURES.area
    assert area["is_simplified"]
    assert "simplified" in area["source"]
    assert area["boundary"].valid
    assert 25 <= area["boundary"].num_coords <= 45


def test_localities_lie_in_the_area():
    boundary = FIXTURES.area["boundary"]
    for name, shape in FIXTURES.localities.items():
        assert shape.valid, name
        assert shape.intersection(boundary).area > 0.85 * shape.area, name


@pytest.mark.parametrize("place", FIXTURES.places, ids=lambda place: place.postcode)
def test_a_postcode_lies_where_it_is_said_to(place):
    assert format_postcode(parse_postcode(place.postcode)) == place.postcode
    locality = FIXTURES.localities.get(place.locality)
    assert FIXTURES.area["boundary"].covers(place.point) == bool(locality)
    assert locality is None or locality.distance(place.point) < 0.0002  # the fourth decimal is rounded


@pytest.mark.parametrize("written", FIXTURES.networks, ids=NETWORKS)
def test_a_network_is_complete(written):
    assert set(written["linked"]) <= set(NETWORKS) - {written["slug"]}
    assert set(written["settings"]) <= {field.name for field in Network._meta.fields}
    assert written["settings"]["day_counting"] in DayCounting
    text = written["consent"].format(network="N", email="E", phone="P")
    assert "{" not in text
    assert all(part in text for part in "NEP")


def test_staff_have_roles_in_networks_that_exist():
    roles = [role for person in FIXTURES.users["people"] for role in person.get("roles", [])]
    assert {role["network"] for role in roles if role["role"] == Role.COORDINATOR} == set(NETWORKS)
    assert any(role["role"] == Role.COMMISSIONER for role in roles)
    assert any(person.get("superuser") for person in FIXTURES.users["people"])


@pytest.mark.parametrize("organisation", FIXTURES.organisations, ids=lambda row: row["slug"])
def test_an_organisation_is_complete(organisation):
    assert set(organisation["networks"]) <= set(NETWORKS)
    assert {person["role"] for person in organisation["people"]} <= set(OrganisationRole.values)
    assert organisation["people"][0]["role"] == OrganisationRole.OWNER
    codes = {place.postcode for place in FIXTURES.places}
    assert [venue["postcode"] for venue in organisation["venues"] if venue["postcode"] not in codes] == []
    activities = [service["activity"].lower() for service in organisation["services"]]
    assert len(set(activities)) == len(activities)


def test_files_are_named_after_their_organisation():
    names = sorted(path.stem for path in FIXTURES.folder.glob("organisations/*.json"))
    assert names == sorted(row["slug"] for row in FIXTURES.organisations)


@every_service
def test_every_name_in_a_service_exists(organisation, service):
    network = service.get("network", organisation["networks"][0])
    assert network in organisation["networks"]
    assert service["categories"]
    assert set(service["categories"]) <= category_slugs(network)
    assert service.get("venue") in {None, *(venue["slug"] for venue in organisation["venues"])}
    assert set(service["pathways"]) <= set(ReferralPathway.values)
    options = option_names(network)
    assert {
        f"{name}: {value}"
        for name, values in service.get("options", {}).items()
        for value in values
        if value not in options.get(name, ())
    } == set()


@every_service
def test_a_service_can_be_stored_and_shown(organisation, service):
    catchment = FIXTURES.catchment(service["catchment"])
    assert catchment is None or catchment.valid
    assert catchment is None or catchment.intersects(FIXTURES.area["boundary"])
    assert weekly_openings(service["hours"], season=service.get("season"), today=date(2026, 6, 1))
    for days in exceptions(service.get("exceptions", []), today=date(2026, 6, 1)):
        OpeningException(**days._asdict()).clean_fields(exclude=["service"])
        assert date(2026, 6, 1) <= days.last_day
        assert days.first_day <= days.last_day
    assert service["capacity"] >= 0
    assert 0 < len(service["summary"]) <= Service._meta.get_field("summary").max_length
    assert service["description"]
    age_from, age_to = service.get("ages", (None, None))
    assert age_from is None or age_to is None or age_from <= age_to


@every_service
def test_a_service_says_what_it_costs(organisation, service):
    assert service["cost"] in {Cost.FREE, Cost.CHARGED}
    assert len(service.get("cost_note", "")) <= Service._meta.get_field("cost_note").max_length


def test_a_venue_describes_its_access_unless_it_is_confidential():
    venues = [venue for row in FIXTURES.organisations for venue in row["venues"]]
    for venue in venues:
        features = venue.get("access_features", [])
        assert bool(features) != venue.get("confidential", False), venue["slug"]
        assert set(features) <= set(AccessFeature.values)
        words = f"{venue['access']}, {venue['facilities']}".lower()
        level = ("level access", "level entrance", "step-free", "ground floor")
        assert "step_free" in features or venue.get("confidential") or not any(word in words for word in level)
        assert "step_free" not in features or "one step" not in words
        assert "hearing_loop" in features or "hearing loop" not in words
    assert {feature for venue in venues for feature in venue.get("access_features", [])} == set(AccessFeature.values)


def test_services_differ():
    services = [service for _, _, service in SERVICES]
    kinds = {next(iter(service["catchment"] or {"area": None})) for service in services}
    assert kinds == {"area", "localities", "circle", "polygon"}
    assert any(service["capacity"] == 0 for service in services)
    assert any("paused_days_ago" in service for service in services)
    assert any(service.get("by_appointment") for service in services)
    assert any(not service["public"] for service in services)
    assert {service["cost"] for service in services} == {Cost.FREE, Cost.CHARGED}
    assert any("season" in service for service in services)
    assert any(service.get("closed_on_bank_holidays") for service in services)
    excepted = [
        days for service in services for days in exceptions(service.get("exceptions", []), today=date(2026, 6, 1))
    ]
    assert any(days.opens is None and days.first_day < days.last_day for days in excepted)
    assert any(days.opens for days in excepted)
    written = [opening for service in services for opening in weekly_openings(service["hours"], today=date(2026, 6, 1))]
    assert any(opening.closes <= opening.opens != time(0) for opening in written)
    assert any(venue.get("confidential") for row in FIXTURES.organisations for venue in row["venues"])


@pytest.mark.parametrize("network", NETWORKS)
def test_every_need_has_a_service(network):
    offered = {
        slug
        for _, organisation, service in SERVICES
        if service.get("network", organisation["networks"][0]) == network
        for slug in service["categories"]
    }
    parents = FIXTURES.of_network(network, "categories")
    lowest = {row["slug"] for parent in parents for row in (parent["children"] or [parent])}
    assert lowest - offered == set()


@pytest.mark.parametrize("network", NETWORKS)
def test_every_name_in_the_flow_chart_exists(network):
    rows = FIXTURES.of_network(network, "questions")
    options = [option for row in rows for option in row.get("options", [])]
    assert {name for option in options for name in option.get("reveals", [])} <= {row["id"] for row in rows}
    assert {slug for option in options for slug in option.get("needs", [])} <= category_slugs(network)
    assert {row.get("kind", "one") for row in rows} <= set(QuestionKind.values)
    assert all(bool(row.get("options")) == (row.get("kind") != QuestionKind.TEXT) for row in rows)
    assert any(option.get("urgent") for option in options)


def flow_chart() -> tuple[FlowChart, dict[tuple[str, str], int]]:
    """Return the questions of all files as the chart that the form walks, and the key of each option."""
    rows = questions()
    keys = {row["id"]: key for key, row in enumerate(rows)}
    options = {
        (row["id"], option["text"]): 1000 * keys[row["id"]] + place
        for row in rows
        for place, option in enumerate(row.get("options", []))
    }
    boxes = tuple(
        Box(
            id=keys[row["id"]],
            choices=tuple(
                Choice(
                    id=options[row["id"], option["text"]],
                    reveals=tuple(keys[name] for name in option.get("reveals", [])),
                    needs=frozenset(hash(slug) for slug in option.get("needs", [])),
                )
                for option in row.get("options", [])
            ),
        )
        for row in rows
    )
    return FlowChart(boxes), options


@every_situation
def test_a_situation_answers_what_the_form_would_ask(situation):
    chart, options = flow_chart()
    rows = questions()
    chosen = {
        key: {options[row["id"], text] for text in answers_to(situation, row["id"])}
        for key, row in enumerate(rows)
        if row.get("kind") != QuestionKind.TEXT
    }
    evaluation = evaluate(chart, chosen)
    assert set(situation["answers"]) <= {rows[key]["id"] for key in evaluation.shown}
    assert evaluation.needs
    assert len(situation["details"]) >= 100
    assert 0 < situation["ages"][0] <= situation["ages"][1]
    names = option_names(NETWORKS[0])
    assert set(situation.get("health", [])) <= names["Disability or health"]
    assert set(situation.get("household", [])) <= names["Household"]
    assert set(situation.get("immigration", [])) <= names["Immigration status"]
    assert situation.get("income") in {None, *option_names(NETWORKS[1])["Income"]}


def test_people_speak_languages_and_belong_to_groups_that_are_asked_for():
    names = option_names(NETWORKS[0])
    for group in FIXTURES.people["groups"]:
        assert group["ethnic_group"] in names["Ethnic group"]
        assert set(group["languages"]) <= names["Language"]
        assert group["women"]
        assert group["men"]
        assert group["families"]
    links = {link["name"] for row in FIXTURES.networks for link in row["referral_links"]}
    assert {row["link"] for row in FIXTURES.people["sources"] if "link" in row} <= links
    assert set(FIXTURES.people["reject_notes"]) == set(RejectReason.values)


def translatable_texts() -> list[str]:
    texts = [row["consent"] for row in FIXTURES.networks]
    texts += [row["settings"].get("urgent_advice", "") for row in FIXTURES.networks]
    for network in NETWORKS:
        for parent in FIXTURES.of_network(network, "categories"):
            texts += [parent["name"], *(child["name"] for child in parent["children"])]
        for row in FIXTURES.of_network(network, "demographics"):
            texts += [row["name"], row.get("help_text", "")]
            texts += [option[name] for option in row["options"] for name in ("name", "plural")]
    for row in questions():
        texts += [row["text"], row.get("text_to_self", ""), row.get("help_text", "")]
        texts += [option["text"] for option in row.get("options", [])]
    return texts


@pytest.mark.parametrize("language", ["cy", "pl"])
def test_every_text_of_a_network_has_its_translation_and_no_other_text_has_one(language):
    translations = FIXTURES.translations[language]
    assert translations.keys() == set(filter(None, translatable_texts()))
    for english, text in translations.items():
        assert text.strip()
        assert sorted(re.findall(r"{\w+}|\d+", text)) == sorted(re.findall(r"{\w+}|\d+", english))


def test_a_circle_has_the_radius_given():
    shape = circle(Point(-0.15, 51.54), 1.5)
    metres = [Geod(ellps="WGS84").inv(-0.15, 51.54, *corner)[2] for corner in shape.coords[0]]
    assert min(metres) == pytest.approx(1.5 * 1609.344, rel=0.005)
    assert max(metres) == pytest.approx(1.5 * 1609.344, rel=0.005)
    assert shape.contains(Point(-0.15, 51.54, srid=4326))


def test_hours_are_read_as_they_are_written():
    found = weekly_openings(["mon-wed 10:00-16:00", "sat,sun 22:00-02:00"], today=date(2026, 6, 1))
    assert [(opening.weekday, opening.opens, opening.closes) for opening in found] == [
        (0, time(10), time(16)),
        (1, time(10), time(16)),
        (2, time(10), time(16)),
        (5, time(22), time(2)),
        (6, time(22), time(2)),
    ]
    with pytest.raises(ValueError, match="mon-fri 10:00-16:00"):
        weekly_openings(["Monday 10-4"], today=date(2026, 6, 1))


@pytest.mark.parametrize(
    ("season", "today", "valid_from", "valid_to"),
    [
        (["11-01", "03-31"], date(2026, 12, 24), date(2026, 11, 1), date(2027, 3, 31)),
        (["11-01", "03-31"], date(2027, 2, 1), date(2026, 11, 1), date(2027, 3, 31)),
        (["11-01", "03-31"], date(2027, 6, 1), date(2027, 11, 1), date(2028, 3, 31)),
        (["06-01", "08-31"], date(2026, 7, 1), date(2026, 6, 1), date(2026, 8, 31)),
        (["06-01", "08-31"], date(2026, 9, 1), date(2027, 6, 1), date(2027, 8, 31)),
    ],
)
def test_a_season_is_the_current_or_the_next_one(season, today, valid_from, valid_to):
    (opening,) = weekly_openings(["mon 20:00-08:00"], season=season, today=today)
    assert (opening.valid_from, opening.valid_to) == (valid_from, valid_to)


def test_exceptions_are_the_current_or_the_next_ones():
    written = [
        {"days": ["12-25", "01-01"], "note": "Christmas"},
        {"days": ["12-24"], "hours": ["10:00-12:00", "14:00-02:00"], "note": "Christmas Eve"},
    ]
    assert exceptions(written, today=date(2026, 12, 26)) == [
        ExceptionalDays(date(2026, 12, 25), date(2027, 1, 1), note="Christmas"),
        ExceptionalDays(date(2027, 12, 24), date(2027, 12, 24), time(10), time(12), "Christmas Eve"),
        ExceptionalDays(date(2027, 12, 24), date(2027, 12, 24), time(14), time(2), "Christmas Eve"),
    ]


def test_the_stock_gallery_is_complete_and_used():
    files = {path.name for path in (FIXTURES.folder / "pictures").glob("*.jpg")}
    assert {row["path"].name for row in FIXTURES.pictures} == files
    for row in FIXTURES.pictures:
        with Image.open(row["path"]) as image:
            assert image.size == (1200, 800)
        assert row["title"]
        assert row["description"]
    used = {row["stock_picture"] for _, _, row in SERVICES if "stock_picture" in row}
    assert used == {row["slug"] for row in FIXTURES.pictures}
