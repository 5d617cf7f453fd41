"""Referrals as tables: what is filtered, what may be read, and nothing that a spreadsheet would run."""

import csv
import io
from urllib.parse import urlsplit

import pytest
from django.urls import reverse
from tablib import Dataset

from backoffice.tests.tenants import SECRETS
from referrals import workflow
from referrals.import_export import ReferralResource
from referrals.models import Referral

pytestmark = pytest.mark.django_db

SCREEN = "/backoffice/referrals/"
LIST = f"{SCREEN}export.csv"


def rows(response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


def test_one_referral_downloads_whole_for_those_who_have_it(ours, signed_in):
    response = signed_in(ours.insider).get(reverse("backoffice:workspace_download", args=[ours.referral.reference]))
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"] == f'attachment; filename="{ours.referral.reference}.csv"'
    assert "no-store" in response.headers["Cache-Control"]
    (row,) = rows(response)
    assert row["Reference"] == ours.referral.reference
    assert row["Name"] == ours.referral.person.name
    assert row["Phone"] == "Ours SECRET PHONE"
    assert row["Postcode"] == "NW5 2AA"
    assert row["Age"] == "40"
    assert row["Details"] == "Ours SECRET DETAILS"
    assert row["Answers"] == "Ours SECRET Q? Ours SECRET ANSWER"
    assert row["About the person"] == f"{ours.demographic}: {ours.option}"
    assert row["Asked or accepted"] == f"{ours.asked} (accepted)"


def test_one_referral_is_not_downloaded_by_others_of_the_network(ours, signed_in):
    url = reverse("backoffice:workspace_download", args=[ours.referral.reference])
    response = signed_in(ours.outsider).get(url, follow=True)
    assert "Only the organisation that has this referral can download it." in response.text


def test_the_list_downloads_as_it_is_filtered(world, signed_in):
    for name in ("Tom Adeyemi", "Hana Suzuki"):
        world.submit(person=workflow.PersonDetails(name=name))
    client = signed_in(world.coordinator)
    assert [row["Name"] for row in rows(client.get(LIST))] == ["Hana Suzuki", "Tom Adeyemi"]
    found = urlsplit(client.post(SCREEN, {"q": "tom"})["Location"]).query
    assert [row["Name"] for row in rows(client.get(f"{LIST}?{found}"))] == ["Tom Adeyemi"]
    assert rows(client.get(LIST, {"q": "tom"})) == rows(client.get(LIST, {"find": "made-up"})) == []
    assert rows(client.get(LIST, {"tab": "urgent"})) == []


def test_the_list_downloads_as_a_workbook(world, signed_in):
    referral = world.submit()
    response = signed_in(world.coordinator).get("/backoffice/referrals/export.xlsx")
    sheet = Dataset().load(response.content, format="xlsx")
    assert sheet["Reference"] == [referral.reference]


def test_no_other_format_is_known(world, signed_in):
    assert signed_in(world.coordinator).get("/backoffice/referrals/export.yaml").status_code == 404


def test_full_columns_stay_empty_where_only_limited_details_may_be_read(ours, signed_in):
    response = signed_in(ours.outsider).get(LIST, {"tab": "all"})
    (row,) = rows(response)
    assert not any(secret in response.content.decode() for secret in SECRETS)
    filled = {column for column, value in row.items() if value}
    assert filled == {
        "Reference",
        "Sent",
        "Status",
        "Urgent",
        "Name",
        "Postcode district",
        "Needs",
        "Asked or accepted",
    }


def test_nobody_exports_what_is_of_others(ours, theirs, signed_in):
    for user in (ours.coordinator, ours.insider, ours.commissioner):
        assert "Theirs" not in signed_in(user).get(LIST, {"tab": "all"}).content.decode()
    exported = ReferralResource(ours.coordinator).export(Referral.objects.all())
    assert theirs.referral.reference not in exported["Reference"]
    assert ReferralResource(ours.commissioner).export(Referral.objects.all()).height == 0


def test_a_formula_in_a_name_does_not_reach_the_file(world, signed_in):
    world.submit(person=workflow.PersonDetails(name='=HYPERLINK("http://x")'))
    assert rows(signed_in(world.coordinator).get(LIST))[0]["Name"].startswith("'=")
