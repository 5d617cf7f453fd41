"""No row, relation or place of others is reached by a table."""

from collections.abc import Iterator

import pytest

from backoffice.tests.tables import (
    RESOURCES,
    changes,
    confirm,
    exported,
    imported,
    line_of,
    preview,
    problems,
    rows_beside,
    stored,
    table,
    upload,
    url,
    venue_line,
    venues,
)
from referrals import models as m
from referrals.enums import MembershipStatus
from referrals.import_export import ScopedResource, ServiceResource
from referrals.import_export.fields import RelationField
from referrals.tests import factories as f

pytestmark = pytest.mark.django_db


def test_a_row_of_others_is_answered_like_one_that_does_not_exist(ours, theirs, signed_in):
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


def test_another_organisation_of_the_network_changes_nothing(ours, signed_in):
    client = signed_in(ours.outsider)
    page = preview(client, m.Venue, venues(venue_line(ours.venue.pk, "Ours pantry", "Mine now")))
    assert problems(page) == [["ID", "You cannot change this venue. Take its row out of the file."]]
    secret = preview(client, m.Venue, venues(venue_line(ours.refuge.pk, "Ours pantry", "Mine now")))
    assert problems(secret)[0][1].startswith("There is no such venue here")


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
            [problem] = [problem for column, problem in change.problems if column == head]
            assert problem.startswith(told)
            assert text not in problem.removeprefix(told)  # what may be meant is among one's own
            tried += 1
    assert tried == 25


def test_a_row_that_would_leave_ones_reach_is_not_brought_in(ours, theirs, signed_in, monkeypatch):
    """The wall behind the columns: should one ever take what is of others, the saved row is looked at once more."""
    monkeypatch.setattr(
        "referrals.import_export.relation_widgets.choices_for", lambda field, user: field.related_model.objects.all()
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


def test_the_coordinator_of_one_network_does_not_change_what_is_anothers_too(ours, theirs, signed_in):
    m.NetworkMembership.objects.create(organisation=ours.asked, network=theirs.network, status=MembershipStatus.ACTIVE)
    page = preview(signed_in(ours.coordinator), m.Venue, venues(venue_line("", "Ours pantry", "Barn")))
    told = "There is no organisation “Ours pantry” to choose here. Did you mean “Ours bystander”?"
    assert problems(page)[0] == ["Organisation", told]


def test_no_answer_venue_or_organisation_of_others_is_taken(ours, theirs, signed_in):
    theirs_said = f"{theirs.demographic.name}: {theirs.option.name}"
    lines = [
        line_of(ours, supported_answers=theirs_said),
        line_of(ours, supported_answers=str(theirs.option.pk)),
        line_of(ours, venue=theirs.venue.name),
        line_of(ours, categories=theirs.category.slug),
        line_of(ours, organisation="Theirs pantry"),
        line_of(ours, network="Theirs network"),
    ]
    page = preview(signed_in(ours.insider), m.Service, table(*lines))
    assert [change["kind"] for change in page.context["page"]] == ["refused"] * 6
    told = [change["problems"][0][0] for change in page.context["page"]]
    assert told == ["Supported answers", "Supported answers", "Venue", "Categories", "Organisation", "Network"]


def test_answers_are_those_of_the_services_own_network(ours, theirs, signed_in):
    f.OrganisationMemberFactory(user=ours.insider, organisation=theirs.asked)
    said = f"{theirs.demographic.name}: {theirs.option.name}"
    page = preview(signed_in(ours.insider), m.Service, table(line_of(ours, supported_answers=said)))
    assert [column for column, _ in problems(page)] == ["Supported answers"]


def test_no_activity_is_made_for_an_organisation_that_is_anothers_too(ours, theirs, signed_in):
    m.NetworkMembership.objects.create(organisation=ours.asked, network=theirs.network, status=MembershipStatus.ACTIVE)
    page = preview(signed_in(ours.coordinator), m.Service, table(line_of(ours)))
    assert problems(page) == [["Activity", "There is no activity “Parcels” to choose here."]]


def test_hours_of_a_service_of_others_are_not_written(ours, signed_in):
    before = list(m.OpeningHours.objects.values())
    (row,) = exported(ours.insider)
    page = preview(signed_in(ours.outsider), m.Service, table(row | {"Sunday": "1:00-2:00"}))
    assert problems(page)[0][0] == "ID"
    assert list(m.OpeningHours.objects.values()) == before


def test_a_venue_that_the_user_may_not_see_stays(ours, theirs, signed_in):
    """A coordinator of one network keeps services of an organisation in two, but knows not its other refuges."""
    m.NetworkMembership.objects.create(organisation=ours.asked, network=theirs.network, status=MembershipStatus.ACTIVE)
    m.Service.objects.filter(pk=ours.service.pk).update(venue=ours.refuge)
    hidden = ServiceResource(ours.coordinator)
    (row,) = hidden.export(hidden.changeable()).dict
    if row["Venue"]:  # seen because one of the coordinator's services is there
        assert row["Venue"] == ours.refuge.name
    imported(signed_in(ours.coordinator), m.Service, table(row | {"Summary": "New words"}))
    service = m.Service.objects.get(pk=ours.service.pk)
    assert (service.venue, service.summary) == (ours.refuge, "New words")


def test_an_organisation_that_has_left_the_network_gets_no_new_service(ours, signed_in):
    m.NetworkMembership.objects.filter(organisation=ours.asked).update(status=MembershipStatus.SUSPENDED)
    page = preview(signed_in(ours.coordinator), m.Service, table(line_of(ours)))
    assert problems(page) == [["Organisation", "This organisation is not an active member of this network."]]
