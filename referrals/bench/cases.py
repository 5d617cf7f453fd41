"""The domain's cases: suggestions and the postcode import. The steps of the form are in form_journey.py."""

import tempfile
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone

from referrals.bench.measuring import REPEATS, CaseSkipped, Comparison, Sample, SamplePerson, case
from referrals.bench.sample_register import PEOPLE, make_people
from referrals.duplicates.lookup import candidates_for, find_alike
from referrals.hours import local_time
from referrals.importers.postcodes import import_postcodes
from referrals.matching import suggest
from referrals.matching.rank_sql import STATEMENT, statement_parameters
from referrals.models import Person, Postcode
from referrals.models.services import TAKES_PEOPLE_SQL

_COVERS = f"""
SELECT id FROM referrals_service service
WHERE network_id = %s::bigint AND {TAKES_PEOPLE_SQL}
  AND ST_Covers(catchment, ST_SetSRID(ST_MakePoint(%s, %s), 4326))
"""


@case("select.1")
def select_one(sample: Sample) -> Comparison:
    def ours(number: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchall()

    return Comparison(
        ours, lambda number: sample.bare.execute("SELECT 1").fetchall(), "bare: the same SQL sent by psycopg"
    )


@case("suggest.covers")
def suggest_covers(sample: Sample) -> Comparison:
    def ours(number: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_COVERS, _covers_parameters(sample, number))
            cursor.fetchall()

    return Comparison(ours, lambda number: _look_up(sample, number), "bare: the same SQL sent by psycopg")


@case("suggest.sql", growth_target=3)
def suggest_sql(sample: Sample) -> Comparison:
    parameters = [_statement_parameters(sample, person) for person in sample.people]
    found = [len(_look_up(sample, number)) for number in range(len(sample.people))]
    note = f"sent by psycopg; bare: the ST_Covers look-up, of {sorted(found)[len(found) // 2]} services in the median"

    def ours(number: int) -> None:
        sample.bare.execute(STATEMENT, parameters[number]).fetchall()

    return Comparison(
        ours, lambda number: _look_up(sample, number), f"{note} and {max(found)} at most, on {sample.places}"
    )


@case("suggest.domain", target=1.5)
def suggest_domain(sample: Sample) -> Comparison:
    parameters = [_statement_parameters(sample, person) for person in sample.people]

    def ours(number: int) -> None:
        suggest(sample.network, sample.people[number].need_ids, sample.people[number].facts)

    def bare(number: int) -> None:
        sample.bare.execute(STATEMENT, parameters[number]).fetchall()

    return Comparison(ours, bare, "bare: its statement sent by psycopg")


@case("import.postcodes", target=3, sized=False, repeats=1)
def import_all_postcodes(sample: Sample) -> Comparison:
    # The bare way is the fastest one: copy into a table without indexes, then create them.
    files = sorted((settings.VAR_DIR / "postcodes").glob("*.csv.gz"))
    if not files:
        raise CaseSkipped("there are no postcode files in var/postcodes; bin/fetch-postcodes fetches them")
    report = import_postcodes(files, replace=True)
    rows = Path(tempfile.mkdtemp(prefix="bench-")) / "postcodes.copy"
    with rows.open("wb") as kept, sample.bare.cursor().copy("COPY referrals_postcode TO STDOUT") as copy:
        for block in copy:
            kept.write(block)
    sample.bare.execute("CHECKPOINT")

    def bare(number: int) -> None:
        _copy_with_indexes(sample, rows)
        rows.unlink()

    return Comparison(
        lambda number: import_postcodes(files, replace=True),
        bare,
        "one repeat, after an import; bare: COPY of the same rows into a new table, then the same indexes",
        size=report.total,
    )


@case("duplicates", ms_target=20, sized=False)
def duplicates(sample: Sample) -> Comparison:
    make_people()
    first = Person.objects.order_by("pk").values_list("pk", flat=True)[0]
    people = list(Person.objects.filter(pk__in=[first + n * PEOPLE // REPEATS for n in range(REPEATS)]).order_by("pk"))
    statements = [_look_up_people(person) for person in people]
    today = timezone.localdate()
    plans = [candidates_for(person).explain() for person in people]
    scanned = sum("Seq Scan on referrals_person" in plan for plan in plans)
    counts = sorted(len(candidates_for(person)) for person in people)
    note = f"of {counts[len(counts) // 2]} candidates in the median, {counts[-1]} at most; {scanned} scan the table"
    return Comparison(
        lambda number: list(find_alike(people[number % REPEATS], today)),
        lambda number: sample.bare.execute(statements[number % REPEATS]).fetchall(),
        f"{note}; bare: its statement sent by psycopg",
        size=PEOPLE,
    )


def _look_up_people(person: Person) -> bytes:
    sql, parameters = candidates_for(person).query.sql_with_params()
    with connection.cursor() as cursor:
        return cursor.mogrify(sql, parameters)


def _covers_parameters(sample: Sample, number: int) -> list:
    point = sample.people[number].point
    return [sample.network.pk, point.x, point.y]


def _look_up(sample: Sample, number: int) -> list:
    return sample.bare.execute(_COVERS, _covers_parameters(sample, number)).fetchall()


def _statement_parameters(sample: Sample, person: SamplePerson) -> dict:
    return statement_parameters(sample.network, person.need_ids, person.facts, local_time(timezone.now()))


def _copy_with_indexes(sample: Sample, rows: Path) -> None:
    table = Postcode._meta.db_table
    with sample.bare.transaction():
        sample.bare.execute(f"CREATE TABLE bench_copy (LIKE {table} INCLUDING DEFAULTS)")
        with rows.open("rb") as kept, sample.bare.cursor().copy("COPY bench_copy FROM STDIN") as copy:
            while block := kept.read(1 << 20):
                copy.write(block)
        indexes = sample.bare.execute("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s", [table])
        for name, definition in indexes.fetchall():
            sample.bare.execute(definition.replace(name, f"bench_{name}"[:63]).replace(table, "bench_copy"))
    sample.bare.execute("DROP TABLE bench_copy")
