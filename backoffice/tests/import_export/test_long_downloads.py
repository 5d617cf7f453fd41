"""Lists that are longer than what is read at a time."""

import csv
from io import BytesIO, StringIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from backoffice.scoped_admin import table_response
from referrals.models import AccessRecord, Referral

pytestmark = pytest.mark.django_db


@pytest.fixture
def newest(world, monkeypatch) -> list[str]:
    monkeypatch.setattr(table_response, "BATCH", 2)
    monkeypatch.setattr(table_response, "_SHORT", 0)
    for _ in range(7):
        world.submit()
    return list(Referral.objects.values_list("reference", flat=True))


def read_by() -> set[str]:
    return set(AccessRecord.objects.values_list("referral__reference", flat=True))


def test_a_list_comes_whole_and_in_order_and_is_recorded_as_it_is_sent(world, newest, signed_in):
    response = signed_in(world.coordinator).get(reverse("backoffice:workspace_export", args=["csv"]))
    pieces = iter(response.streaming_content)
    sent = next(pieces)
    assert read_by() < set(newest), "what was not sent has not been read"
    text = b"".join([sent, *pieces]).decode("utf-8-sig")
    assert [row["Reference"] for row in csv.DictReader(StringIO(text))] == newest
    assert read_by() == set(newest)


def test_so_does_a_workbook(world, newest, signed_in):
    response = signed_in(world.coordinator).get(reverse("backoffice:workspace_export", args=["xlsx"]))
    sheet = load_workbook(BytesIO(response.getvalue())).active
    assert [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)] == newest
    assert {cell.number_format for row in sheet.iter_rows() for cell in row} == {"@"}
    assert read_by() == set(newest)


def test_in_the_order_of_work_too(world, newest, signed_in):
    referrals = [world.submit(services=[]) for _ in range(5)]
    response = signed_in(world.coordinator).get(
        reverse("backoffice:workspace_export", args=["csv"]), {"tab": "waiting"}
    )
    text = response.getvalue().decode("utf-8-sig")
    assert [row["Reference"] for row in csv.DictReader(StringIO(text))] == [one.reference for one in referrals]
