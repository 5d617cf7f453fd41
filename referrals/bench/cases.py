"""The domain's cases: the suggestions from the bare look-up to the page, and the postcode import."""

import re
import tempfile
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from referrals.bench.frame import Pair, Probe, Skip, World, case
from referrals.hours import local_time
from referrals.importers.postcodes import import_postcodes
from referrals.matching import suggest
from referrals.matching.rank_sql import STATEMENT, parameters_of
from referrals.models import Postcode

_COVERS = """
SELECT id FROM referrals_service
WHERE network_id = %s::bigint AND archived_at IS NULL AND paused_at IS NULL AND capacity > 0
  AND ST_Covers(catchment, ST_SetSRID(ST_MakePoint(%s, %s), 4326))
"""
_FORM = "application/x-www-form-urlencoded"


@case("select.1")
def select_one(world: World) -> Pair:
    def ours(number: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchall()

    return Pair(ours, lambda number: world.bare.execute("SELECT 1").fetchall(), "bare: the same SQL sent by psycopg")


@case("suggest.covers")
def suggest_covers(world: World) -> Pair:
    def ours(number: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_COVERS, _covers_parameters(world, number))
            cursor.fetchall()

    return Pair(ours, lambda number: _look_up(world, number), "bare: the same SQL sent by psycopg")


@case("suggest.sql", growth_target=3)
def suggest_sql(world: World) -> Pair:
    parameters = [_statement_parameters(world, probe) for probe in world.probes]
    found = [len(_look_up(world, number)) for number in range(len(world.probes))]
    note = f"sent by psycopg; bare: the ST_Covers look-up, of {sorted(found)[len(found) // 2]} services in the median"

    def ours(number: int) -> None:
        world.bare.execute(STATEMENT, parameters[number]).fetchall()

    return Pair(ours, lambda number: _look_up(world, number), f"{note} and {max(found)} at most, on {world.places}")


@case("suggest.domain", target=1.5)
def suggest_domain(world: World) -> Pair:
    parameters = [_statement_parameters(world, probe) for probe in world.probes]

    def ours(number: int) -> None:
        suggest(world.network, world.probes[number].need_ids, world.probes[number].facts)

    def bare(number: int) -> None:
        world.bare.execute(STATEMENT, parameters[number]).fetchall()

    return Pair(ours, bare, "bare: its statement sent by psycopg")


@case("suggest.http")
def suggest_http(world: World) -> Pair:
    """Send the form's step of needs, whose answer is the page of suggestions. Django's own client, no network."""
    try:
        url = reverse("referral_form", args=[world.network.slug])
    except NoReverseMatch:
        raise Skip("the referral form has no address") from None
    client = Client(headers={"host": "localhost"})
    pages = [_fill_in_form(client, url, probe) for probe in world.probes]
    empty = reverse("bench_empty")

    def ours(number: int) -> None:
        response = client.post(url, pages[number], content_type=_FORM, secure=True)
        if response.status_code != 200 or b'name="needs"' in response.content:
            raise RuntimeError("The form did not show suggestions: the benchmark fills in what it no longer asks.")

    return Pair(
        ours,
        lambda number: client.post(empty, pages[number], content_type=_FORM, secure=True),
        "one POST of the form, in process; bare: the same POST to an empty view",
    )


@case("import.postcodes", target=3, sized=False, repeats=1)
def import_all_postcodes(world: World) -> Pair:
    """A bare copy is made the quick way: rows into a table without indexes, then the same indexes."""
    files = sorted((settings.VAR_DIR / "postcodes").glob("*.csv.gz"))
    if not files:
        raise Skip("there are no postcode files in var/postcodes; bin/fetch-postcodes fetches them")
    report = import_postcodes(files, replace=True)
    rows = Path(tempfile.mkdtemp(prefix="bench-")) / "postcodes.copy"
    with rows.open("wb") as kept, world.bare.cursor().copy("COPY referrals_postcode TO STDOUT") as copy:
        for block in copy:
            kept.write(block)
    world.bare.execute("CHECKPOINT")

    def bare(number: int) -> None:
        _copy_with_indexes(world, rows)
        rows.unlink()

    return Pair(
        lambda number: import_postcodes(files, replace=True),
        bare,
        "one repeat, after an import; bare: COPY of the same rows into a new table, then the same indexes",
        size=report.total,
    )


def _covers_parameters(world: World, number: int) -> list:
    point = world.probes[number].point
    return [world.network.pk, point.x, point.y]


def _look_up(world: World, number: int) -> list:
    return world.bare.execute(_COVERS, _covers_parameters(world, number)).fetchall()


def _statement_parameters(world: World, probe: Probe) -> dict:
    return parameters_of(world.network, probe.need_ids, probe.facts, local_time(timezone.now()))


def _fill_in_form(client: Client, url: str, probe: Probe) -> str:
    """Go through the form as far as the needs; return what the next POST is to send."""
    gender, language = sorted(probe.option_ids)
    steps = [
        {"name": "Robin", "no_contact": "on", "age": probe.age, "postcode": probe.postcode, "about_1": gender}
        | {"about_2": language},
        {"name": "Sam", "email": "sam@example.org"},
        {"needs": probe.need_ids, "details": "What has happened, and what would help. " * 4},
    ]
    page = client.get(url, secure=True).content.decode()
    for step in steps[:-1]:
        page = client.post(url, _with_state(page, step), content_type=_FORM, secure=True).content.decode()
    return _with_state(page, steps[-1])


def _with_state(page: str, step: dict) -> str:
    state = re.search(r'name="state" value="([^"]+)"', page)
    if not state:
        raise RuntimeError("The form's page carries no state.")
    return urlencode({"state": state[1], "action": "continue", **step}, doseq=True)


def _copy_with_indexes(world: World, rows: Path) -> None:
    table = Postcode._meta.db_table
    with world.bare.transaction():
        world.bare.execute(f"CREATE TABLE bench_copy (LIKE {table} INCLUDING DEFAULTS)")
        with rows.open("rb") as kept, world.bare.cursor().copy("COPY bench_copy FROM STDIN") as copy:
            while block := kept.read(1 << 20):
                copy.write(block)
        indexes = world.bare.execute("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s", [table])
        for name, definition in indexes.fetchall():
            world.bare.execute(definition.replace(name, f"bench_{name}"[:63]).replace(table, "bench_copy"))
    world.bare.execute("DROP TABLE bench_copy")
