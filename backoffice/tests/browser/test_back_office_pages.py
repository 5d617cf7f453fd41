"""Every kind of page of the back office, wide and narrow, light and dark: accessible, whole, without script errors."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from backoffice.tests.tenants import Tenant
from referrals.models import Notification

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "a long enough password"


@pytest.fixture
def tenant(transactional_db) -> Tenant:
    tenant = Tenant("Northside")
    for user in (tenant.insider, tenant.coordinator):
        user.set_password(PASSWORD)
        user.save()
    return tenant


def change(model: str, pk: int) -> str:
    return reverse(f"backoffice:referrals_{model}_change", args=[pk])


def pages_of_the_organisation(tenant: Tenant) -> list[str]:
    case = [tenant.referral.reference, tenant.assignment.pk]
    return [
        "/backoffice/",
        "/backoffice/referrals/",
        f"/backoffice/referrals/?view={tenant.referral.reference}",
        "/backoffice/referrals/?q=nobody",
        reverse("backoffice:workspace_refer_on", args=case),
        reverse("backoffice:workspace_close", args=[tenant.referral.reference, tenant.assignment.strand_id]),
        reverse("backoffice:referrals_service_changelist"),
        reverse("backoffice:referrals_service_add"),
        change("service", tenant.service.pk),
        f"{change('service', tenant.service.pk)}#part-opening",
        f"{change('service', tenant.service.pk)}#part-public",
        f"{change('service', tenant.service.pk)}#part-restrictions",
        reverse("backoffice:service_archive", args=[tenant.service.pk]),
        reverse("backoffice:services_confirm", args=[tenant.asked.memberships.get().pk]),
        change("venue", tenant.venue.pk),
        reverse("backoffice:referrals_publicmessage_changelist"),
        change("publicmessage", tenant.message.pk),
        change("person", tenant.referral.person_id),
        reverse("backoffice:password_change"),
    ]


def pages_of_the_coordinator(tenant: Tenant) -> list[str]:
    notification = Notification.objects.first()
    return [
        f"/backoffice/referrals/?view={tenant.referral.reference}",
        reverse("backoffice:workspace_assign", args=[tenant.referral.reference, tenant.assignment.strand_id]),
        reverse("backoffice:referrals_category_changelist"),
        reverse("backoffice:referrals_category_delete", args=[tenant.category.pk]),
        change("network", tenant.network.pk),
        change("question", tenant.question.pk),
        reverse("backoffice:referrals_publicmessage_changelist"),
        change("publicmessage", tenant.message.pk),
        change("area", tenant.network.area_id),
        reverse("backoffice:referrals_notification_changelist"),
        change("notification", notification.pk),
        reverse("backoffice:referrals_service_history", args=[tenant.service.pk]),
    ]


def look_at(page, address: str) -> list[str]:
    """Open a page and return what is wrong with it, in words."""
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(f"{address}: {error}"))
    page.goto(address)
    page.wait_for_load_state("networkidle")
    found = Axe().run(page).response["violations"]
    problems += [f"{address}: {violation['id']} {violation['nodes'][0]['html'][:120]}" for violation in found]
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        problems.append(f"{address}: wider than the screen")
    return problems


@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (390, "light")])
@pytest.mark.parametrize("who", ["insider", "coordinator"])
def test_pages_are_accessible_and_fit_the_screen(who, width, scheme, tenant, live_server, new_context):
    context = new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    problems = look_at(page, f"{live_server.url}/backoffice/")
    page.get_by_label("E-mail").fill(getattr(tenant, who).email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="What awaits you").wait_for()
    pages = pages_of_the_organisation(tenant) if who == "insider" else pages_of_the_coordinator(tenant)
    for address in pages:
        with context.new_page() as page:  # one that stays open goes on working
            problems += look_at(page, f"{live_server.url}{address}")
    assert problems == []
