"""Files as changes: what each row would do, what is refused in which cell, and what is stored."""

import io

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone
from openpyxl import load_workbook

from backoffice.tests.tables import (
    VENUES,
    as_csv,
    changes,
    confirm,
    exported,
    imported,
    line_of,
    preview,
    problems,
    stored,
    table,
    upload,
    url,
    venue_line,
    venues,
)
from referrals import models as m
from referrals.enums import AccessFeature, MembershipStatus
from referrals.import_export import VenueResource
from referrals.tests import factories as f

pytestmark = pytest.mark.django_db


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
        "Changed Name and Postcode with an uploaded table.",
    )


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


def test_a_category_stands_below_one_of_its_own_network_by_its_short_name(ours, theirs, signed_in):
    other = f.NetworkFactory(name="Second", slug="second")
    m.NetworkRole.objects.create(network=other, user=ours.coordinator, role="coordinator")
    f.CategoryFactory(network=other, name="Elsewhere", slug="elsewhere")
    client = signed_in(ours.coordinator)
    heads = ["ID", "Network", "Parent", "Name", "Slug", "Position"]  # as before "Short name in addresses"
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
    [[column, told]] = problems(page)
    assert column == "Parent"
    assert told.startswith("There is no category “elsewhere” to choose here. There is “Food”,")
    assert "Elsewhere" not in told


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
    assert problems(page) == [["ID", "You cannot change this organisation. Take its row out of the file."]]


def test_a_file_from_before_an_organisation_had_a_namesake_still_fits(ours, signed_in):
    resource = VenueResource(ours.coordinator)
    file = resource.export(resource.changeable()).csv.encode()
    twin = m.Organisation.objects.create(name=ours.asked.name, slug="twin", email="twin@example.org")
    m.NetworkMembership.objects.create(organisation=twin, network=ours.network, status=MembershipStatus.ACTIVE)
    page = preview(signed_in(ours.coordinator), m.Venue, file)
    kinds = {change["kind"] for change in m.UploadedTable.objects.get().changes}
    assert kinds == {"unchanged"}, problems(page)


def test_a_workbook_to_fill_in_keeps_what_is_typed_as_it_is_typed(ours, signed_in):
    for filled in ({}, {"filled": ""}):
        content = signed_in(ours.insider).get(url(m.Venue, "template", "xlsx"), filled).content
        sheet = load_workbook(io.BytesIO(content)).active
        cells = [cell for row in sheet.iter_rows() for cell in row]
        assert {one.number_format for one in (*cells, *sheet.column_dimensions.values())} == {"@"}  # text


def test_the_empty_template_has_the_columns_and_no_row(ours, signed_in):
    response = signed_in(ours.insider).get(url(m.Venue, "template", "csv"))
    assert response.content.decode("utf-8-sig").splitlines() == [",".join(f'"{head}"' for head in VENUES)]
    refused = upload(signed_in(ours.insider), m.Venue, response.content)
    assert refused.status_code == 302


def test_of_categories_a_table_also_says_which_are_sensitive(ours, signed_in):
    heads = ["ID", "Network", "Parent", "Name", "Short name in addresses", "Position", "Sensitive"]
    imported(signed_in(ours.coordinator), m.Category, as_csv(heads, ["", "Ours network", "", "Refuges", "", "", "Yes"]))
    assert m.Category.objects.get(slug="refuges").is_sensitive


def test_a_retired_category_is_kept_where_it_is_and_chosen_nowhere_else(ours, signed_in):
    client = signed_in(ours.insider)
    old, gone, new = (f.CategoryFactory(network=ours.network, slug=slug) for slug in ("old", "gone", "new"))
    ours.service.categories.set([gone])
    m.Category.objects.filter(pk=old.pk).update(retired_at=timezone.now(), merged_into=new)
    m.Category.objects.filter(pk=gone.pk).update(retired_at=timezone.now())
    (line,) = exported(ours.insider)
    imported(client, m.Service, table(line | {"Categories": "gone; old"}))
    assert set(ours.service.categories.all()) == {gone, new}
    page = preview(client, m.Service, table(line_of(ours, activity="Another", categories="gone")))
    assert problems(page) == [["Categories", f"The category “{gone}” is retired. Choose another one."]]
