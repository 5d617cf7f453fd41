"""A table that a worker does, as its sender sees it: a page that moves on by itself."""

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from backoffice.tests.browser.scene import PASSWORD, sign_in
from backoffice.tests.tables import venue_line, venues
from referrals import tasks
from referrals.import_export import uploads
from referrals.models import UploadedTable, Venue
from referrals.tests import factories as f

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.sampled
@pytest.mark.slow(reason="hundreds of rows, and a page that asks again every few seconds")
@pytest.mark.parametrize(("scripted", "rows"), [(True, 1240), (False, 620)], ids=["script", "no script"])
def test_the_page_of_a_large_table_moves_on_by_itself(scripted, rows, new_context, live_server, settings):
    settings.UPLOADED_TABLE_ROWS_AT_ONCE = 2
    member = f.OrganisationMemberFactory()
    member.user.set_password(PASSWORD)
    member.user.save()
    lines = [venue_line("", member.organisation.name, f"Room {n}") for n in range(rows)]
    page = new_context(java_script_enabled=scripted, viewport={"width": 390, "height": 844}).new_page()
    sign_in(page, live_server.url, member.user)
    page.goto(live_server.url + reverse("backoffice:referrals_venue_import"))
    page.get_by_label("Your file").set_input_files({"name": "r.csv", "mimeType": "text/csv", "buffer": venues(*lines)})
    page.get_by_role("button", name="Upload and preview").click()
    page.get_by_role("heading", name="Checking your table").wait_for()
    page.get_by_text(f"{rows:,} rows").wait_for()
    UploadedTable.objects.update(uploaded_at=timezone.now() - 2 * uploads.TASK_IS_LATE)
    page.get_by_text("This has not started yet.").wait_for()
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.locator("html")).to_have_js_property("scrollWidth", 390)
    tasks.work_on_table(UploadedTable.objects.get().pk)
    page.get_by_role("button", name="Make these changes").click()
    page.get_by_role("heading", name="Making the changes").wait_for()
    tasks.work_on_table(UploadedTable.objects.get().pk)
    page.get_by_text(f"{rows} added, 0 changed: r.csv.").wait_for()
    assert Venue.objects.count() == rows
