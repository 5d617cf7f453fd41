"""Lists as files and files as changes: what each user may see, choose and change, and nothing of anybody else's."""

import csv
import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import flatten_fieldsets
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from openpyxl import load_workbook
from tablib import Dataset

from backoffice.scoped_admin.admin import ScopedAdmin
from backoffice.scoped_admin.list_export import ListedResource
from backoffice.tests.tenants import SECRETS, Tenant
from backoffice.tests.test_walls import request_of
from referrals import models as m
from referrals.access import changeable_by
from referrals.enums import AccessFeature, MembershipStatus
from referrals.import_export import (
    ActivityResource,
    CategoryResource,
    OrganisationResource,
    ScopedResource,
    ServiceResource,
    VenueResource,
    uploads,
)
from referrals.import_export.fields import RelatedRowsField, RelationField
from referrals.import_export.formulas import as_workbook_text, escape_formula, unescape_formula, without_controls
from referrals.import_export.reading import Unreadable, read_table
from referrals.tests import factories as f
from referrals.user_input.text import without_unseen

pytestmark = pytest.mark.django_db

ADMINS = {model: shown for model, shown in admin.site._registry.items() if isinstance(shown, ScopedAdmin)}
EXPORTED = [model for model, shown in ADMINS.items() if shown.is_exported]
RESOURCES = [ActivityResource, CategoryResource, OrganisationResource, ServiceResource, VenueResource]
VENUES = ["ID", "Organisation", "Name", "Postcode", "Address", "Map link"]
VENUES += ["Access", "About access", "Facilities", "Address is confidential"]


def url(model, page, *args) -> str:
    return reverse(f"backoffice:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def rows(response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


def as_csv(heads: list[str], *lines: list[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([heads, *lines])
    return text.getvalue().encode()


def venue_line(pk="", organisation="", name="", postcode="", address="", **cells: str) -> list[str]:
    rest = [cells.get(name, "") for name in ("map_link", "access", "about_access", "facilities", "confidential")]
    return [str(pk), organisation, name, postcode, address, *rest]


def venues(*lines: list[str]) -> bytes:
    return as_csv(VENUES, *lines)


def upload(client: Client, model, content: bytes, name: str = "table.csv"):
    return client.post(url(model, "import"), {"file": SimpleUploadedFile(name, content)})


def preview(client: Client, model, content: bytes, name: str = "table.csv"):
    response = upload(client, model, content, name)
    assert response.status_code == 302, response.context["form"].errors
    return client.get(response.headers["Location"])


def changes(page) -> list[tuple]:
    return [(change["number"], change["kind"], change["name"]) for change in page.context["page"]]


def problems(page) -> list[list[str]]:
    return [problem for change in page.context["page"] for problem in change["problems"]]


def confirm(client: Client, page):
    return client.post(page.request["PATH_INFO"])


def imported(client: Client, model, content: bytes, name: str = "table.csv"):
    page = preview(client, model, content, name)
    response = confirm(client, page)
    assert response.headers["Location"] == url(model, "changelist"), (changes(page), problems(page))
    return response


def stored(model) -> list[dict]:
    return list(model.objects.order_by("pk").values())


# Out


def test_every_admin_says_what_leaves_it_or_why_nothing_does():
    for model, shown in ADMINS.items():
        declared = [bool(shown.resource), bool(shown.export_columns), bool(shown.not_exported)]
        assert declared.count(True) == 1, model


def test_an_admin_that_says_nothing_exports_nothing():
    silent = type("SilentAdmin", (ScopedAdmin,), {"fields": ["name"]})(m.Venue, admin.site)
    assert not silent.is_exported
    assert not [pattern for pattern in silent.get_urls() if "download" in (pattern.name or "")]


def rows_beside(resource: type[ScopedResource]) -> dict[str, type]:
    """Columns that stand for rows of another table, such as opening hours, with that table."""
    own = {field.name for field in resource._meta.model._meta.get_fields() if field.concrete}
    rows = {name: field for name, field in resource.fields.items() if isinstance(field, RelatedRowsField)}
    ages = {"age_from": m.Restriction, "age_to": m.Restriction} if "age_from" in resource.fields else {}
    return {name: field.model for name, field in rows.items() if name not in own} | ages


def test_no_column_leaves_that_neither_the_list_nor_the_page_shows(ours):
    request = request_of(ours.coordinator)
    for model in EXPORTED:
        shown = ADMINS[model]
        columns = set(shown.resource._meta.fields) - {"id"} if shown.resource else set(shown.export_columns)
        beside = rows_beside(shown.resource) if shown.resource else {}
        fields = flatten_fieldsets(shown.fieldsets or [(None, {"fields": shown.fields})])
        assert columns <= {*fields, *shown.get_list_display(request), *beside}, model
        assert set(beside.values()) <= set(EXPORTED), model  # its rows have a list of their own


def test_the_ways_of_tables_are_no_admins_own_to_change():
    with pytest.raises(TypeError, match="download_view"):
        type("Loose", (ScopedAdmin,), {"download_view": lambda self, request: None})
    with pytest.raises(TypeError, match="get_instance"):
        type("LooseResource", (ScopedResource,), {"get_instance": lambda *args: None})


def everybody(ours: Tenant) -> list[m.User]:
    nobody = m.User.objects.create_user("nobody@example.org")
    return [ours.coordinator, ours.commissioner, ours.insider, ours.outsider, nobody]


@pytest.mark.parametrize("model", EXPORTED, ids=lambda model: model.__name__)
def test_nothing_of_another_network_leaves(model, ours, theirs, signed_in):
    for user in everybody(ours):
        response = signed_in(user).get(url(model, "download", "csv"))
        assert response.status_code in (200, 404), user
        assert "Theirs" not in response.text, user
        assert "theirs" not in response.text, user


def test_a_file_is_made_of_nothing_of_others_whatever_rows_it_is_given(ours, theirs):
    """The wall behind the list: a table that is handed every row there is writes those that its user may see."""
    for model in EXPORTED:
        shown = ADMINS[model]
        everything = shown.with_related(model._default_manager.all())
        for user in (ours.coordinator, ours.insider, ours.commissioner):
            table = shown.resource(user) if shown.resource else ListedResource(user, shown)
            assert "theirs" not in table.export(everything).csv.lower(), (model, user)


@pytest.mark.parametrize("model", EXPORTED, ids=lambda model: model.__name__)
def test_no_secret_leaves_to_another_organisation_or_the_commissioner(model, ours, signed_in):
    for user in (ours.outsider, ours.commissioner):
        response = signed_in(user).get(url(model, "download", "csv"))
        assert not any(secret in response.text for secret in SECRETS), user


@pytest.mark.parametrize("model", EXPORTED, ids=lambda model: model.__name__)
def test_the_file_has_the_rows_of_the_list(model, ours, signed_in):
    for user in (ours.coordinator, m.User.objects.create_superuser("operator@example.org")):
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
    assert len(rows(client.get(url(m.Venue, "download", "csv"), {"q": "room"}))) == 121
    assert len(rows(client.get(url(m.Venue, "download", "csv"), {"q": "room", "whose": "own"}))) == 120
    link = f"{url(m.Venue, 'download', 'csv')}?q=room&amp;whose=own"
    assert link in client.get(url(m.Venue, "changelist"), {"q": "room", "whose": "own", "p": "2"}).text


def test_no_look_up_is_answered_but_those_of_the_filters(ours, signed_in):
    client = signed_in(ours.coordinator)
    for query in ({"organisation__members__user__email": "x"}, {"name__startswith": "O"}):
        assert client.get(url(m.Venue, "download", "csv"), query).status_code == 400


def test_what_the_user_may_not_see_is_blank(ours, signed_in):
    (seen,) = rows(signed_in(ours.insider).get(url(m.Service, "download", "csv")))
    (limited,) = rows(signed_in(ours.outsider).get(url(m.Service, "download", "csv")))
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
    assert max(at_one.values()) <= 25


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


@given(st.text(alphabet="='+-@ \tx", max_size=6))
def test_a_workbook_s_cell_is_read_as_it_was_and_is_no_formula(text):
    cell = str(as_workbook_text(escape_formula(text)))
    assert unescape_formula(cell) == text
    assert not cell.startswith("=")


@given(st.text(alphabet="='+-@ \tx", max_size=6))
def test_what_is_shown_and_not_run_comes_back_as_it_was(text):
    assert unescape_formula(str(escape_formula(text))) == text


# In


def test_a_table_changes_rows_and_adds_others(ours, signed_in):
    client = signed_in(ours.insider)
    content = venues(
        venue_line(ours.venue.pk, "Ours pantry", "Great hall", "NW1 2DB", confidential="No"),
        venue_line("", "Ours pantry", "Barn", "NW5 2AA", "1 Lane", map_link="https://example.org/", confidential="yes"),
        venue_line("", "Ours pantry", "Shop", access="hearing loop; Step-free access", about_access="Ring at the door"),
    )
    page = preview(client, m.Venue, content)
    assert changes(page) == [(2, "changed", "Great hall"), (3, "new", "Barn"), (4, "new", "Shop")]
    assert page.context["page"][0]["cells"] == [["Name", "Ours 0 hall", "Great hall"]]
    assert not m.Venue.objects.filter(name__in=["Great hall", "Barn"]).exists()
    response = confirm(client, page)
    assert response.headers["Location"] == url(m.Venue, "changelist")
    ours.venue.refresh_from_db()
    assert ours.venue.name == "Great hall"
    barn = m.Venue.objects.get(name="Barn")
    assert (barn.organisation, barn.is_confidential, barn.map_link) == (ours.asked, True, "https://example.org/")
    assert barn.point.coords == (-0.15, 51.54)
    shop = m.Venue.objects.get(name="Shop")
    assert (shop.access_features, shop.access) == (["hearing_loop", "step_free"], "Ring at the door")
    assert "2 added, 1 changed: table.csv." in client.get(url(m.Venue, "changelist")).text


def test_what_a_table_changed_stands_in_the_log_of_its_rows(ours, signed_in):
    imported(signed_in(ours.insider), m.Venue, venues(venue_line(ours.venue.pk, "Ours pantry", "Hall")))
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id, entry.change_message) == (
        ours.insider,
        str(ours.venue.pk),
        "With an uploaded table.",
    )


def test_a_row_of_others_answers_like_one_that_does_not_exist(ours, theirs, signed_in):
    client, before = signed_in(ours.insider), stored(m.Venue)
    told = []
    for key in (theirs.venue.pk, 999_999_999, "9" * 30, "x"):
        page = preview(client, m.Venue, venues(venue_line(key, "Ours pantry", "Mine now")))
        told.append((changes(page), problems(page)))
        assert confirm(client, page).headers["Location"] == page.request["PATH_INFO"]
    assert (
        told
        == [
            (
                [(2, "refused", "Mine now")],
                [["ID", "There is no such venue here; leave the column empty to add a new one."]],
            )
        ]
        * 4
    )
    assert stored(m.Venue) == before


def test_a_file_from_before_an_organisation_had_a_namesake_still_fits(ours, signed_in):
    resource = VenueResource(ours.coordinator)
    file = resource.export(resource.changeable()).csv.encode()
    twin = m.Organisation.objects.create(name=ours.asked.name, slug="twin", email="twin@example.org")
    m.NetworkMembership.objects.create(organisation=twin, network=ours.network, status=MembershipStatus.ACTIVE)
    page = preview(signed_in(ours.coordinator), m.Venue, file)
    assert {change["kind"] for change in page.context["page"]} <= {"unchanged"}, problems(page)


def test_another_organisation_of_the_network_changes_nothing(ours, signed_in):
    client = signed_in(ours.outsider)
    page = preview(client, m.Venue, venues(venue_line(ours.venue.pk, "Ours pantry", "Mine now")))
    assert problems(page)[0][1].startswith("There is no such venue here")


def relation_columns() -> Iterator[tuple[type[ScopedResource], str]]:
    for resource in RESOURCES:
        for name, field in resource.fields.items():
            if isinstance(field, RelationField) and name not in rows_beside(resource):
                yield resource, name


def test_no_relation_column_takes_what_is_of_others(ours, theirs):
    tried = 0
    for resource_class, name in relation_columns():
        resource = resource_class(ours.coordinator)
        row = theirs.rows()[resource.fields[name].model]
        for text in filter(None, (getattr(row, "slug", ""), getattr(row, "name", str(row)), str(row.pk))):
            head = resource.fields[name].column_name
            line = {**dict.fromkeys(resource.column_names, ""), head: text}
            (change,) = resource.apply([(2, list(line.values()))], dry_run=False)
            kind = resource.fields[name].model._meta.verbose_name
            told = f"There is no {kind} “{text}” to choose here."
            assert [head, told] in change.problems
            tried += 1
    assert tried == 25


def test_a_row_that_would_leave_ones_reach_is_not_brought_in(ours, theirs, signed_in, monkeypatch):
    """The wall behind the columns: should one ever take what is of others, the saved row is looked at once more."""
    monkeypatch.setattr(
        "referrals.import_export.widgets.choices_for", lambda field, user: field.related_model.objects.all()
    )
    page = preview(signed_in(ours.insider), m.Venue, venues(venue_line("", "Theirs pantry", "Strange hall")))
    assert problems(page) == [["", "This venue would belong to an organisation you do not act for."]]
    assert not m.Venue.objects.filter(name="Strange hall").exists()


@pytest.mark.parametrize("resource_class", RESOURCES, ids=lambda resource: resource.__name__)
def test_nobody_without_a_part_brings_anything_in(resource_class, ours, theirs):
    row = theirs.rows()[resource_class._meta.model]
    for user in (ours.commissioner, m.User.objects.create_user("nobody@example.org")):
        resource = resource_class(user)
        assert resource.export(resource.changeable()).height == 0
        for key in ("", str(row.pk)):
            (change,) = resource.apply([(2, [key, *["x"] * (len(resource.column_names) - 1)])], dry_run=False)
            assert change.kind == "refused"


def test_the_commissioner_is_offered_no_import(ours, signed_in):
    client = signed_in(ours.commissioner)
    assert "import/" not in client.get(url(m.Venue, "changelist")).text
    assert client.get(url(m.Venue, "import")).status_code == 404
    assert client.get(url(m.Venue, "template", "csv")).status_code == 404
    assert upload(client, m.Venue, venues()).status_code == 404


def test_whose_a_row_is_stays(ours, signed_in):
    f.OrganisationMemberFactory(user=ours.insider, organisation=ours.bystander)
    client = signed_in(ours.insider)
    page = preview(client, m.Venue, venues(venue_line(ours.venue.pk, "Ours bystander", "Ours 0 hall", "NW1 2DB")))
    assert problems(page) == [["Organisation", "This cannot be changed. Leave it as it was."]]


def test_refusals_say_row_and_column_in_words(ours, signed_in):
    content = venues(
        venue_line(ours.venue.pk, "Ours pantry", ""),
        venue_line("", "", "Barn", "ZZ1 1ZZ", map_link="nowhere", confidential="perhaps"),
        venue_line("", "Ours pantry", "Barn", "NW5"),
        venue_line(ours.venue.pk, "Ours pantry", "Again"),
        venue_line("", "Ours pantry", "Tower", access="Lift; no stairs at all"),
    )
    page = preview(signed_in(ours.insider), m.Venue, content)
    told = {change["number"]: change["problems"] for change in page.context["page"]}
    labels = ", ".join(map(str, AccessFeature.labels))
    assert told == {
        2: [["Name", "This cannot be empty."]],
        3: [
            ["Map link", "This is not a web address. Write one, like https://example.org/."],
            ["Address is confidential", "Write Yes or No."],
            ["Organisation", "This cannot be empty."],
        ],
        4: [["Postcode", "This is only a part of a postcode. Write the whole of it, like NW1 2DB."]],
        5: [["ID", "This venue is in the table twice."]],
        6: [["Access", f"“no stairs at all” is not one of the answers here: {labels}."]],
    }


def test_one_postcode_that_our_list_lacks_does_not_stop_a_table(ours, signed_in):
    """A gap in the reference data is not the user's error."""
    rows = [venue_line("", "Ours pantry", f"Hall of {code}", code) for code in ("JE3 7DW", "bt1\u00a05gs.", "NW9 9ZZ")]
    client = signed_in(ours.insider)
    page = preview(client, m.Venue, venues(*rows))
    assert {change["number"]: change["notes"][0] for change in page.context["page"]} == {
        2: ["Postcode", "Postcodes of Jersey are not loaded here. The venue is kept, but it is not on the map."],
        3: [
            "Postcode",
            "Postcodes of Northern Ireland are not loaded here. The venue is kept, but it is not on the map.",
        ],
        4: [
            "Postcode",
            "We do not know NW9 9ZZ. It may be newer than our list of postcodes. "
            "The venue is kept, but it is not on the map.",
        ],
    }
    confirm(client, page)
    added = m.Venue.objects.filter(name__startswith="Hall of").order_by("pk")
    assert list(added.values_list("postcode", "point")) == [("JE3 7DW", None), ("BT1 5GS", None), ("NW9 9ZZ", None)]


def test_a_file_with_one_bad_row_changes_nothing(ours, signed_in):
    client, before = signed_in(ours.insider), stored(m.Venue)
    good = venue_line(ours.venue.pk, "Ours pantry", "Great hall")
    page = preview(client, m.Venue, venues(good, venue_line("", "Ours pantry", "")))
    assert changes(page) == [(3, "refused", ""), (2, "changed", "Great hall")]
    assert "Make these changes" not in page.text
    assert confirm(client, page).headers["Location"] == page.request["PATH_INFO"]
    assert stored(m.Venue) == before


def test_a_constraint_speaks_for_itself(ours, signed_in):
    content = as_csv(["ID", "Organisation", "Name"], ["", "Ours pantry", "Food"], ["", "ours PANTRY", "food"])
    page = preview(signed_in(ours.insider), m.Activity, content)
    assert problems(page) == [["", "The organisation has an activity of this name already."]]


def test_confirming_twice_is_once(ours, signed_in):
    client = signed_in(ours.insider)
    page = preview(client, m.Venue, venues(venue_line("", "Ours pantry", "Barn")))
    confirm(client, page)
    response = client.post(page.request["PATH_INFO"], follow=True)
    assert "Nothing was done twice." in response.text
    assert m.Venue.objects.filter(name="Barn").count() == 1
    table = m.UploadedTable.objects.get()
    assert (table.rows, table.changes) == ([], [])


def test_nobody_else_and_no_other_session_finds_a_table(ours, theirs, signed_in):
    page = preview(signed_in(ours.insider), m.Venue, venues(venue_line("", "Ours pantry", "Barn")))
    operator = m.User.objects.create_superuser("operator@example.org")
    for user in (ours.coordinator, theirs.insider, operator):
        client = signed_in(user)
        for response in (client.get(page.request["PATH_INFO"]), client.post(page.request["PATH_INFO"])):
            assert response.status_code == 404, user
    client = signed_in(ours.insider)
    for send in (client.get, client.post):
        response = send(page.request["PATH_INFO"], follow=True)
        assert response.redirect_chain == [(url(m.Venue, "import"), 302)]
        assert "Send the file again to see what it would still change." in response.content.decode()
    assert not m.Venue.objects.filter(name="Barn").exists()


def test_a_table_is_confirmed_as_the_rows_it_was_uploaded_as(ours, signed_in):
    client = signed_in(ours.insider)
    page = preview(client, m.Venue, venues(venue_line("", "Ours pantry", "Barn")))
    pk = m.UploadedTable.objects.get().pk
    assert page.request["PATH_INFO"] == url(m.Venue, "confirm", pk)
    assert client.post(url(m.Activity, "confirm", pk)).status_code == 404


def leaves_the_organisation(ours: Tenant) -> None:
    m.OrganisationMember.objects.filter(user=ours.insider).update(organisation=ours.bystander)


def is_changed(ours: Tenant) -> None:
    m.Venue.objects.filter(pk=ours.venue.pk).update(facilities="Parking")


def is_deleted(ours: Tenant) -> None:
    ours.venue.delete()


@pytest.mark.parametrize("happens", [leaves_the_organisation, is_changed, is_deleted], ids=lambda it: it.__name__)
def test_what_changed_since_it_was_shown_is_shown_again(happens: Callable, ours, signed_in):
    client = signed_in(ours.insider)
    page = preview(client, m.Venue, venues(venue_line(ours.venue.pk, "Ours pantry", "Great hall", "NW1 2DB")))
    happens(ours)
    before = stored(m.Venue)
    again = client.post(page.request["PATH_INFO"], follow=True)
    assert "Something has changed since you looked." in again.text
    assert page.context["page"][0] != again.context["page"][0]
    assert stored(m.Venue) == before


def test_what_is_shown_again_can_be_confirmed(ours, signed_in):
    client = signed_in(ours.insider)
    page = preview(client, m.Venue, venues(venue_line(ours.venue.pk, "Ours pantry", "Great hall", "NW1 2DB")))
    is_changed(ours)
    confirm(client, page)
    confirm(client, page)
    ours.venue.refresh_from_db()
    assert (ours.venue.name, ours.venue.facilities) == ("Great hall", "")


def test_tables_are_forgotten_after_a_day(ours, signed_in):
    client = signed_in(ours.insider)
    preview(client, m.Venue, venues(venue_line("", "Ours pantry", "Barn")))
    assert uploads.prune_uploaded_tables() == 0
    m.UploadedTable.objects.update(uploaded_at=timezone.now() - timedelta(hours=25))
    assert uploads.prune_uploaded_tables() == 1


# Kinds of rows


def test_a_category_stands_below_one_of_its_own_network_by_its_short_name(ours, theirs, signed_in):
    other = f.NetworkFactory(name="Second", slug="second")
    m.NetworkRole.objects.create(network=other, user=ours.coordinator, role="coordinator")
    f.CategoryFactory(network=other, name="Elsewhere", slug="elsewhere")
    client = signed_in(ours.coordinator)
    heads = ["ID", "Network", "Parent", "Name", "Slug", "Position"]
    tree = as_csv(heads, ["", "Ours network", "", "Food", "", "3"], ["", "Ours network", "food", "Parcels", "", ""])
    imported(client, m.Category, tree)
    parcels = m.Category.objects.get(name="Parcels")
    assert (parcels.parent.name, parcels.slug, parcels.position) == ("Food", "parcels", 0)
    food = parcels.parent
    page = preview(
        client,
        m.Category,
        as_csv(
            heads,
            [food.pk, "Ours network", "parcels", "Food", "food", "3"],
            [parcels.pk, "Ours network", "elsewhere", "Parcels", "parcels", "0"],
        ),
    )
    assert problems(page) == [["Parent", "There is no category “elsewhere” to choose here."]]


def test_owners_change_their_organisation_and_add_none(ours, signed_in):
    client = signed_in(ours.insider)
    heads = ["ID", "Name", "E-mail for referrals", "Phone", "Website", "Description"]
    changed = as_csv(heads, [ours.asked.pk, "Larder", "new@example.org", "+44 20 7946 0011", "", "Food"])
    imported(client, m.Organisation, changed)
    ours.asked.refresh_from_db()
    assert (ours.asked.name, ours.asked.email, ours.asked.phone) == ("Larder", "new@example.org", "+44 20 7946 0011")
    page = preview(client, m.Organisation, as_csv(heads, ["", "New", "new@example.org", "", "", ""]))
    assert problems(page) == [["ID", "A new organisation cannot be added with a table."]]
    page = preview(client, m.Organisation, as_csv(heads, [ours.bystander.pk, "New", "x@example.org", "", "", ""]))
    assert problems(page) == [["ID", "There is no such organisation here."]]


def test_the_coordinator_of_one_network_does_not_change_what_is_anothers_too(ours, theirs, signed_in):
    m.NetworkMembership.objects.create(organisation=ours.asked, network=theirs.network, status=MembershipStatus.ACTIVE)
    page = preview(signed_in(ours.coordinator), m.Venue, venues(venue_line("", "Ours pantry", "Barn")))
    assert problems(page)[0] == ["Organisation", "There is no organisation “Ours pantry” to choose here."]


# Files


@pytest.mark.parametrize("resource_class", RESOURCES, ids=lambda resource: resource.__name__)
@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_what_was_downloaded_changes_nothing_when_it_comes_back(resource_class, file_format, ours, signed_in):
    model = resource_class._meta.model
    for user in (ours.insider, ours.coordinator):
        client = signed_in(user)
        if not changeable_by(user, model).exists():
            continue
        file = client.get(url(model, "template", file_format), {"filled": ""}).content
        page = preview(client, model, file, f"table.{file_format}")
        assert {change["kind"] for change in m.UploadedTable.objects.latest("pk").changes} == {"unchanged"}
        assert "Nothing would change" in page.text


def test_the_empty_template_has_the_columns_and_no_row(ours, signed_in):
    response = signed_in(ours.insider).get(url(m.Venue, "template", "csv"))
    assert response.content.decode("utf-8-sig").splitlines() == [",".join(f'"{head}"' for head in VENUES)]
    refused = upload(signed_in(ours.insider), m.Venue, response.content)
    assert refused.status_code == 302


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_letters_are_read_in_the_encodings_that_spreadsheets_write(encoding, ours, signed_in):
    content = venues(venue_line("", "Ours pantry", "Café Zoë")).decode().encode(encoding)
    imported(signed_in(ours.insider), m.Venue, content)
    assert m.Venue.objects.filter(name="Café Zoë").exists()


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_columns_may_stand_in_any_order_between_the_usual_marks(mark, ours):
    content = f"Name{mark}iD\nBarn{mark}7\n{mark}\n\nHall{mark}\n".encode()
    assert read_table(content, ["ID", "Name"]) == [(2, ["7", "Barn"]), (5, ["", "Hall"])]


def test_a_workbook_is_read_as_its_cells_say(ours):
    sheet = Dataset(["7", "Barn"], [8.0, True], ["", ""], [None, "'=1"], headers=["ID", "Name"])
    expected = [(2, ["7", "Barn"]), (3, ["8", "Yes"]), (5, ["", "=1"])]
    assert read_table(sheet.xlsx, ["ID", "Name"]) == expected


def test_a_wrong_header_names_what_is_missing_unknown_and_there_twice(ours, signed_in):
    response = upload(signed_in(ours.insider), m.Activity, b"ID,Name,Name,Colour\n")
    assert response.context["form"].errors["file"] == [
        "The first row must name the columns of the template: “Organisation” is missing; “Colour” is not known here; "
        "“Name” is there twice."
    ]
    assert not m.UploadedTable.objects.exists()


def workbook_of(size: int, part: str) -> bytes:
    content = io.BytesIO(Dataset(["7"], headers=["ID"]).xlsx)
    with zipfile.ZipFile(content, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(part, b" " * size)
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "“ID” is missing"),
        (b"ID\n\x81\x8d\xff\x9d1", "The letters of this file cannot be read for certain."),
        (b"PK\x03\x04 and then nothing", "cannot be read as an Excel workbook"),
        (b"\xd0\xcf\x11\xe0", "a workbook of an older kind"),
        (b'ID\n"' + b"x" * 200_000, "cannot be read as CSV"),
        (b"ID\n" + b"7\n" * 5001, "more than 5,000 rows"),
        (b"x" * 5_242_881, "larger than 5 MB"),
        (workbook_of(30_000_000, "xl/worksheets/sheet2.xml"), "far more than a table of its size"),
        (workbook_of(3_000_000, "xl/styles2.xml"), "far more than a table of its size"),
    ],
    ids=["empty", "bytes", "damaged", "old", "one cell", "rows", "size", "bomb", "styles"],
)
def test_what_is_no_table_is_refused_in_words(content, told):
    with pytest.raises(Unreadable, match=told):
        read_table(content, ["ID"])


def test_a_large_file_is_refused_on_its_page(ours, signed_in):
    response = upload(signed_in(ours.insider), m.Venue, b"x" * 5_242_881)
    assert response.context["form"].errors["file"] == ["This file is larger than 5 MB."]


def _kept(text: str) -> str:
    """What a form keeps of it: trimmed, one kind of line end, nothing unseen or that no workbook can hold."""
    return without_unseen(without_controls(text.replace("\r\n", "\n")).replace("\r", "\n")).strip()


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"], exclude_characters="\x00\ufffd"), max_size=60)
TELLING = st.one_of(TEXT, st.text(alphabet="='+-@ \t\r\n\"',;x", max_size=12))
NAME = TELLING.filter(_kept)


class RoundTripTest(TestCase):
    """Whatever words a venue has, they leave, come back unchanged, and can be brought back after a change."""

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        name=NAME,
        address=TELLING,
        facilities=TELLING,
        access=TELLING,
        features=st.lists(st.sampled_from(AccessFeature.values), unique=True),
        file_format=st.sampled_from(["csv", "xlsx"]),
    )
    def test_round_trip(
        self, name: str, address: str, facilities: str, access: str, features: list[str], file_format: str
    ) -> None:
        member = f.OrganisationMemberFactory()
        venue = f.VenueFactory(
            organisation=member.organisation,
            name=name,
            postcode="",
            address=address,
            facilities=facilities,
            access=access,
            access_features=features,
        )
        resource = VenueResource(member.user)
        exported = resource.export(resource.changeable())
        content = exported.xlsx if file_format == "xlsx" else exported.csv.encode()
        came_back = read_table(content, resource.column_names)
        (change,) = resource.apply(came_back, dry_run=False)
        assert change.kind == "unchanged"
        m.Venue.objects.filter(pk=venue.pk).update(name="x", address="", facilities="", access="", access_features=[])
        VenueResource(member.user).apply(came_back, dry_run=False)
        again = VenueResource(member.user).apply(came_back, dry_run=True)
        assert [change.kind for change in again] == ["unchanged"]
        venue.refresh_from_db()
        assert venue.name == _kept(name)
        assert venue.facilities == _kept(facilities)
        assert (venue.access, venue.access_features) == (_kept(access), features)
