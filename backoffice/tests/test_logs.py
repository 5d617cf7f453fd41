"""Log lines hold no key that lets somebody in, and nothing that a database quotes."""

import logging
import re

import pytest

from backoffice.logs import LineFormatter, RequestFilter


@pytest.fixture
def lines(caplog):
    """What the console gets."""
    caplog.handler.addFilter(RequestFilter())
    caplog.handler.setFormatter(LineFormatter("%(levelname)s %(name)s %(message)s"))
    return lambda: list(caplog.text.splitlines())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("referrals/?view=Maya&_to_field=%0d%0aERROR", 404),
        ("referrals/venue/?_to_field=%0d%0aERROR forged Maya", 400),
        ("switch/?name=Maya", 405),
        ("django_q/failure/?name=Maya", 403),
    ],
)
def test_a_refusal_is_one_line_that_names_the_user_by_key(signed_in, world, lines, address, status):
    client = signed_in(world.coordinator)
    client.raise_request_exception = False
    assert client.get(f"/backoffice/{address}").status_code == status
    assert lines()
    for line in lines():
        assert re.fullmatch(rf"\w+ django\.\S+ {status} GET /backoffice/[a-z_/]+ user {world.coordinator.pk}", line)


def test_an_address_breaks_no_line(client, db, lines):
    client.get("/nowhere/Maya%0d%0aERROR%20forged%1b[2J?q=Maya")
    assert lines() == ["WARNING django.request 404 GET /nowhere/Maya%0D%0AERROR%20forged%1B%5B2J user None"]


def test_no_line_break_of_a_stranger_makes_a_line_of_the_log(lines):
    log = logging.getLogger("any")
    try:
        raise ValueError("bad\r\nERROR forged\x1b[2J")
    except ValueError as error:
        log.exception("failed: %s\u2028x", error)
    assert [line for line in lines() if not line.startswith("  ")] == ["ERROR any failed: bad\\r"]
    assert "\x1b" not in "".join(lines())


def test_keys_in_addresses_and_quoted_rows_are_left_out():
    record = logging.LogRecord("django.request", logging.WARNING, "", 1, "Gone: %s", ("/join/5.abc-DEF/",), None)
    assert LineFormatter("%(message)s").format(record) == "Gone: /join/..."
    for begins in ("/refer/link/", "/refer/sent/", "/refer/try/", "/summaries/", "/backoffice/password-reset/"):
        record.args = (f"{begins}abc:DEF/step/",)
        assert LineFormatter("%(message)s").format(record) == f"Gone: {begins}..."
    record.msg, record.args = "duplicate key\nDETAIL:  Key (email)=(maya@example.org) already exists.", ()
    assert "maya" not in LineFormatter("%(message)s").format(record)
