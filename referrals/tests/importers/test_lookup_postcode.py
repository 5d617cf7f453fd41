import json
from io import StringIO

import pytest
from django.contrib.gis.geos import Point
from django.core.management import CommandError, call_command

from referrals.models.geography import Postcode

pytestmark = pytest.mark.django_db


@pytest.fixture
def postcodes():
    Postcode.objects.create(
        code="NW12DB",
        point=Point(-0.1270141, 51.5299847, srid=4326),
        district_code="E09000007",
        country_code="E92000001",
    )
    Postcode.objects.create(code="AB431AG")
    Postcode.objects.create(code="W1A1AA", point=Point(-0.14, 51.52, srid=4326), terminated="202001")


def looked_up(*codes: str) -> tuple[list[dict], int]:
    """Return the answers as JSON, and the exit status."""
    output = StringIO()
    try:
        call_command("lookup_postcode", *codes, "--json", stdout=output)
    except CommandError as error:
        return [json.loads(line) for line in output.getvalue().splitlines()], error.returncode
    return [json.loads(line) for line in output.getvalue().splitlines()], 0


def test_a_postcode_is_found_in_any_spelling(postcodes):
    answers, status = looked_up("nw12db", " NW1  2DB")
    assert answers[0] == {
        "input": "nw12db",
        "postcode": "NW1 2DB",
        "latitude": 51.529985,
        "longitude": -0.127014,
        "district_code": "E09000007",
        "ward_code": None,
        "country_code": "E92000001",
        "terminated": None,
        "found": True,
        "reason": None,
    }
    assert answers[1] == answers[0] | {"input": " NW1  2DB"}
    assert status == 0


def test_a_postcode_without_position_is_found_and_says_so(postcodes):
    [answer], status = looked_up("AB43 1AG")
    assert (answer["found"], answer["latitude"], answer["longitude"]) == (True, None, None)
    assert answer["reason"] == "its source gives no position"
    assert status == 0


def test_a_terminated_postcode_says_when(postcodes):
    [answer], _ = looked_up("W1A 1AA")
    assert (answer["found"], answer["terminated"], answer["reason"]) == (True, "202001", "terminated in 2020-01")


def test_any_code_not_found_makes_the_exit_status_1(postcodes):
    answers, status = looked_up("NW1 2DB", "N1 1AA", "London")
    assert [(answer["found"], answer["postcode"], answer["reason"]) for answer in answers] == [
        (True, "NW1 2DB", None),
        (False, "N1 1AA", "unknown"),
        (False, None, "not the form of a postcode"),
    ]
    assert status == 1


def test_an_empty_table_has_a_reason_of_its_own(db):
    assert looked_up("NW1 2DB")[0][0]["reason"] == "no postcodes are imported yet: see import_postcodes"


def test_codes_come_from_standard_input_too(postcodes, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr("sys.stdin", StringIO("nw12db\n\nab431ag\n"))
    with django_assert_num_queries(1):
        answers, _ = looked_up("W1A1AA", "-")
    assert [answer["input"] for answer in answers] == ["W1A1AA", "nw12db", "ab431ag"]


def test_a_person_reads_a_table(postcodes):
    output = StringIO()
    call_command("lookup_postcode", "nw12db", "ab431ag", stdout=output)
    assert output.getvalue().splitlines() == [
        "Postcode    Latitude  Longitude  District   Ward       Country    Remark",
        "NW1 2DB    51.529985  -0.127014  E09000007             E92000001",
        "AB43 1AG                                                          its source gives no position",
    ]
