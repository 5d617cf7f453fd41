"""Tables: never more than their user may read, nothing that a spreadsheet would run, no query for each row."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from referrals.access.reach import keep_reach
from referrals.import_export import ReferralResource
from referrals.import_export.formulas import escape_formula
from referrals.models import Referral, User
from referrals.tests.worlds import World


@pytest.mark.parametrize("text", ["=1+1", "+44 20", "-1", "@SUM(A1)", "\tx", "\rx", " =1", "\n=1"])
def test_formulas_are_escaped(text):
    assert escape_formula(text) == f"'{text}"


@pytest.mark.parametrize("value", ["Tom", "O'Brien", "1-2", "", 5])
def test_other_text_is_not_escaped(value):
    assert escape_formula(value) == value


def export(user: User) -> list[dict]:
    return ReferralResource(user).export(Referral.objects.order_by("pk")).dict


def test_personal_columns_are_filled_only_with_access_to_full_details(world):
    referral = world.submit()
    assert [row["Phone"] for row in export(world.owners[0])] == ["07700 900123"]
    assert [row["Phone"] for row in export(world.coordinator)] == ["07700 900123"]
    (limited,) = export(world.owners[1])
    assert (limited["Reference"], limited["Name"]) == (referral.reference, "Maya Ferreira")
    assert {limited[column] for column in ("Phone", "E-mail", "Details", "Referred by")} == {""}


def test_rows_of_other_networks_are_left_out(world):
    other = World()
    other.submit()
    referral = world.submit()
    assert [row["Reference"] for row in export(world.coordinator)] == [referral.reference]
    assert export(world.commissioner) == []


def test_an_export_costs_the_same_at_one_and_at_three_rows(world):
    def cost() -> int:
        with keep_reach(), CaptureQueriesContext(connection) as queries:
            ReferralResource(world.coordinator).export(Referral.objects.order_by("pk"))
        return len(queries)

    world.submit()
    at_one = cost()
    world.submit()
    world.submit()
    assert cost() == at_one == 11  # two of them write down what was opened
