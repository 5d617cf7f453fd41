"""Lists as files: the rows and columns that each user may see, and nothing that a spreadsheet would run."""

import csv
import io

import pytest
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from tablib import Dataset

from backoffice.scoped_admin.admin import ScopedAdmin
from backoffice.scoped_admin.list_export import ListedResource
from backoffice.tests.tables import ADMINS, EXPORTED, TEXTS, rows, rows_beside, url
from backoffice.tests.tenants import SECRETS, Tenant
from backoffice.tests.test_walls import request_of
from referrals import models as m
from referrals.enums import Cost
from referrals.import_export import ScopedResource
from referrals.import_export.formulas import as_workbook_text, escape_formula, unescape_formula
from referrals.tests import factories as f

pytestmark = pytest.mark.django_db


def test_every_admin_says_what_leaves_it_or_why_nothing_does():
    for model, shown in ADMINS.items():
        declared = [bool(shown.resource), bool(shown.export_columns), bool(shown.not_exported)]
        assert declared.count(True) == 1, model


def test_an_admin_that_says_nothing_exports_nothing():
    silent = type("SilentAdmin", (ScopedAdmin,), {"fields": ["name"]})(m.Venue, admin.site)
    assert not silent.is_exported
    assert not [pattern for pattern in silent.get_urls() if "download" in (pattern.name or "")]


def test_no_column_leaves_that_neither_the_list_nor_the_page_shows(ours):
    request = request_of(ours.coordinator)
    for model in EXPORTED:
        shown = ADMINS[model]
        columns = {*shown.resource(None).get_export_order()} - {"id"} if shown.resource else {*shown.export_columns}
        beside = rows_beside(shown.resource) if shown.resource else {}
        fields = flatten_fieldsets(shown.fieldsets or [(None, {"fields": shown.fields})])
        assert columns <= {*fields, *shown.get_list_display(request), *beside}, model
        assert set(beside.values()) <= set(EXPORTED), model  # its rows have a list of their own


def test_no_admin_can_override_how_tables_are_made():
    with pytest.raises(TypeError, match="download_view"):
        type("Loose", (ScopedAdmin,), {"download_view": lambda self, request: None})
    with pytest.raises(TypeError, match="get_instance"):
        type("LooseResource", (ScopedResource,), {"get_instance": lambda *args: None})


def everybody(ours: Tenant) -> list[m.User]:
    nobody = m.User.objects.create_user("nobody@example.org")
    return [ours.coordinator, ours.commissioner, ours.insider, ours.outsider, nobody]


def test_nothing_of_another_network_leaves(ours, theirs, signed_in):
    for user in everybody(ours):
        client = signed_in(user)
        for model in EXPORTED:
            response = client.get(url(model, "download", "csv"))
            assert response.status_code in (200, 404), (model, user)
            assert "theirs" not in response.text.lower(), (model, user)


def test_an_export_leaves_out_rows_of_others_whatever_rows_it_is_given(ours, theirs):
    """The wall behind the list: a table that is handed every row there is writes those that its user may see."""
    for model in EXPORTED:
        shown = ADMINS[model]
        for user in (ours.coordinator, ours.insider, ours.commissioner):
            everything = shown.with_related(model._default_manager.all(), user)
            table = shown.resource(user) if shown.resource else ListedResource(user, shown)
            assert "theirs" not in table.export(everything).csv.lower(), (model, user)


def test_no_secret_leaves_to_another_organisation_or_the_commissioner(ours, signed_in):
    for user in (ours.outsider, ours.commissioner):
        client = signed_in(user)
        for model in EXPORTED:
            response = client.get(url(model, "download", "csv"))
            assert not any(secret in response.text for secret in SECRETS), (model, user)


@pytest.mark.sampled
@pytest.mark.parametrize("model", EXPORTED, ids=lambda model: model.__name__)
def test_the_file_has_the_rows_of_the_list(model, ours, signed_in):
    operator = m.User.objects.create_superuser("operator@example.org")
    if admin.site.get_model_admin(model).only_operators:
        closed = signed_in(ours.coordinator)
        assert {closed.get(url(model, "download", kind)).status_code for kind in ("csv", "xlsx")} == {404}
    # The list of organisations is a screen of its own for all others, with a file of its own.
    is_for_operators = admin.site.get_model_admin(model).only_operators or model is m.Organisation
    for user in (operator,) if is_for_operators else (ours.coordinator, operator):
        client = signed_in(user)
        listed = client.get(url(model, "changelist")).context["cl"]
        assert len(rows(client.get(url(model, "download", "csv")))) == listed.result_count > 0
        sheet = Dataset().load(client.get(url(model, "download", "xlsx")).content, format="xlsx")
        assert sheet.height == listed.result_count


def test_the_signed_out_are_sent_to_sign_in(ours, client):
    pages = [url(model, "download", "csv") for model in EXPORTED]
    pages += [url(m.Venue, "import"), url(m.Venue, "template", "csv"), url(m.Venue, "confirm", 1)]
    for page in pages:
        for response in (client.get(page), client.post(page)):
            assert response.status_code == 302
            assert response.headers["Location"].startswith(reverse("backoffice:login"))


def test_a_file_has_all_pages_of_the_list_as_it_is_searched_and_filtered(ours, signed_in):
    m.Venue.objects.bulk_create(m.Venue(organisation=ours.asked, name=f"Room {n}") for n in range(120))
    f.VenueFactory(organisation=ours.bystander, name="Room elsewhere")
    client = signed_in(ours.insider)
    assert len(rows(client.get(url(m.Venue, "download", "csv"), {"q": "room", "whose": "all"}))) == 121
    assert len(rows(client.get(url(m.Venue, "download", "csv"), {"q": "room", "whose": "own"}))) == 120
    link = f"{url(m.Venue, 'download', 'csv')}?q=room&amp;whose=own"
    assert link in client.get(url(m.Venue, "changelist"), {"q": "room", "whose": "own", "p": "2"}).text


def test_no_look_up_is_answered_but_those_of_the_filters(ours, signed_in):
    client = signed_in(ours.coordinator)
    for query in ({"organisation__members__user__email": "x"}, {"name__startswith": "O"}):
        assert client.get(url(m.Venue, "download", "csv"), query).status_code == 400


def test_what_the_user_may_not_see_is_blank(ours, signed_in):
    (seen,) = rows(signed_in(ours.insider).get(url(m.Service, "download", "csv")))
    (limited,) = rows(signed_in(ours.outsider).get(url(m.Service, "download", "csv"), {"whose": "all"}))
    assert (seen["Venue"], seen["Activity"]) == (str(ours.refuge), str(ours.activity))
    assert (limited["Venue"], limited["Activity"]) == ("", str(ours.activity))


def test_an_export_costs_the_same_at_one_and_at_three_rows(ours, signed_in):
    client = signed_in(m.User.objects.create_superuser("operator@example.org"))

    def costs() -> dict[str, int]:
        found = {}
        for model in EXPORTED:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(url(model, "download", "csv")).status_code == 200
            found[model.__name__] = len(queries)
        return found

    costs()  # content types are looked up once for each process
    at_one = costs()
    ours.grow()
    ours.grow()
    assert costs() == at_one
    assert at_one.pop("Service") == 25  # hours, exceptions, restrictions, categories and their like: one each
    assert at_one.pop("Person") == 17  # their tags, and the record of who was read
    assert max(at_one.values()) == 14


def test_nothing_in_a_file_is_run_by_a_spreadsheet(ours, signed_in):
    f.VenueFactory(organisation=ours.asked, name="=HYPERLINK(1)", facilities="+1")
    row = next(row for row in rows(signed_in(ours.insider).get(url(m.Venue, "download", "csv"), {"q": "HYPER"})))
    assert (row["Name"], row["Facilities"]) == ("'=HYPERLINK(1)", "'+1")


def test_a_workbook_shows_telephone_numbers_as_they_are_and_runs_nothing(ours, signed_in):
    f.VenueFactory(organisation=ours.asked, name="=HYPERLINK(1)", facilities="+44 7700 900123", access="-1")
    content = signed_in(ours.insider).get(url(m.Venue, "download", "xlsx"), {"q": "HYPER"}).content
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    cells = {cell.value: cell.data_type for cell in sheet[2]}
    assert {"'=HYPERLINK(1)": "s", "+44 7700 900123": "s", "-1": "s"}.items() <= cells.items()


@pytest.mark.parametrize("sign", ["=1+1", "+44", "-1", "@SUM(1)", "\t=1", "'=1", "＝1"])  # noqa: RUF001
def test_no_text_of_a_service_is_run_by_a_spreadsheet(sign, ours, signed_in):
    m.Activity.objects.update(name=sign)
    m.Venue.objects.update(name=sign)
    m.Service.objects.update(venue=ours.venue, cost=Cost.FREE, **dict.fromkeys(TEXTS, sign))
    m.OpeningException.objects.update(note=sign)
    content = signed_in(ours.insider).get(url(m.Service, "download", "csv")).content.decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(content))
    for cell in row.values():
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝"))  # noqa: RUF001
    for head in ("Activity", "Opening note", "Summary", "Description", "Phone", "Cost note"):
        assert row[head] == f"'{sign}"


@given(st.text(alphabet="='+-@ \tx", max_size=6))
def test_a_workbook_s_cell_is_read_as_it_was_and_is_no_formula(text):
    cell = str(as_workbook_text(escape_formula(text)))
    assert unescape_formula(cell) == text
    assert not cell.startswith("=")


@given(st.text(alphabet="='+-@ \tx", max_size=6))
def test_what_is_shown_and_not_run_comes_back_as_it_was(text):
    assert unescape_formula(str(escape_formula(text))) == text
