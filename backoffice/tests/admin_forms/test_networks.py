"""A network's own settings."""

from datetime import date

import pytest

from backoffice.tests.test_walls import url
from referrals.models import Network

pytestmark = pytest.mark.django_db


@pytest.fixture
def form(ours, signed_in):
    """Return a function that saves the network's page with other values, and the response's errors."""
    client, address = signed_in(ours.coordinator), url(Network, "change", ours.network.pk)
    shown = client.get(address).context["adminform"].form
    values = {name: shown[name].value() for name in shown.fields}
    unchanged = {name: "" if value is None else value for name, value in values.items() if value is not False}

    def save(**changed: str) -> dict:
        response = client.post(address, unchanged | changed)
        return {} if response.status_code == 302 else response.context["adminform"].form.errors

    return save


def test_days_when_nobody_answers_are_written_one_on_each_line(ours, form):
    assert form(closed_days="2027-01-04\r\n\r\n 24/12/2026 \r\n2027-01-04") == {}
    ours.network.refresh_from_db()
    assert ours.network.closed_days == [date(2026, 12, 24), date(2027, 1, 4)]
    assert form(closed_days="") == {}
    ours.network.refresh_from_db()
    assert ours.network.closed_days == []


def test_what_is_no_day_is_named_by_its_line(form):
    assert form(closed_days="2026-12-24\nChristmas")["closed_days"] == ["Line 2: Enter a valid date."]
    assert "Line 1: The year 0026 cannot be right" in str(form(closed_days="0026-12-24"))
