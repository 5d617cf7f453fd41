"""What leaves as a table comes back as it was."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from backoffice.tests.import_export.words import TELLING, kept, kept_on_one_line
from backoffice.tests.tables import RESOURCES, preview, url
from referrals import models as m
from referrals.access import changeable_by
from referrals.enums import AccessFeature
from referrals.import_export import VenueResource
from referrals.import_export.reading import read_table
from referrals.tests import factories as f

pytestmark = pytest.mark.django_db


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


NAME = TELLING.filter(kept_on_one_line)


class VenueRoundTripTest(TestCase):
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
        assert venue.name == kept_on_one_line(name)
        assert venue.address == kept(address)
        assert venue.facilities == kept_on_one_line(facilities)
        assert (venue.access, venue.access_features) == (kept_on_one_line(access), features)
