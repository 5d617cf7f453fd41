"""What was typed is still there when a form is refused after its own checks."""

from urllib.parse import urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from backoffice.tests.test_walls import url
from referrals import models as m
from referrals.tests import factories as f

pytestmark = pytest.mark.django_db


def test_whoever_was_second_finds_what_they_typed(ours, signed_in, monkeypatch):
    taken = f.CategoryFactory(network=ours.network, slug="food")
    for check in ("validate_unique", "validate_constraints"):  # the other one came after the form had looked
        monkeypatch.setattr(m.Category, check, lambda *args, **kwargs: None)
    sent = {"network": ours.network.pk, "name": "Warm meals", "slug": taken.slug, "position": 7}
    response = signed_in(ours.coordinator).post(url(m.Category, "add"), sent)
    assert response.status_code == 409
    assert "Somebody has changed it just now" in response.text
    assert 'value="Warm meals"' in response.text
    assert not m.Category.objects.filter(name="Warm meals").exists()


def test_a_refused_row_that_would_belong_to_others_keeps_what_was_typed(ours, signed_in, monkeypatch):
    monkeypatch.setattr(
        "backoffice.scoped_admin.scoping.choices_for", lambda field, user: field.remote_field.model.objects.all()
    )
    sent = {"network": f.NetworkFactory().pk, "name": "Strange", "slug": "strange", "position": 0}
    response = signed_in(ours.coordinator).post(url(m.Category, "add"), sent)
    assert response.status_code == 403
    assert 'value="Strange"' in response.text


def test_an_operator_who_forgot_their_own_password_is_asked_and_not_counted(signed_in):
    operator = m.User.objects.create_superuser("operator@example.org", "the operator's password")
    user = f.UserFactory(email="somebody@example.org")
    sent = {"name": user.name, "email": "new@example.org", "is_active": "on", "is_staff": "on", "your_password": ""}
    response = signed_in(operator).post(reverse("backoffice:referrals_user_change", args=[user.pk]), sent)
    assert response.context["adminform"].form.errors["your_password"] == ["Type your own password."]
    assert not m.RateLimitCounter.objects.exists()


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("She asks for a woman's voice.", "Please choose for which organisation."),
        ("Long. " * 1000, "Please write at most 4000 characters"),
    ],
)
def test_a_note_that_is_refused_is_not_lost(text, refusal, world, signed_in):
    referral = world.submit()
    m.OrganisationMember.objects.create(organisation=world.organisations[1], user=world.owners[0])
    address = reverse("backoffice:workspace_note", args=[referral.reference])
    page = signed_in(world.owners[0]).post(f"{address}?tab=all", {"text": text})
    assert refusal in page.text
    assert text[:20].replace("'", "&#x27;") in page.text
    assert not m.Note.objects.exists()


def test_the_page_after_a_refused_note_leads_on(world, signed_in):
    """It is shown at an address that takes nothing but notes."""
    referral = world.submit()
    client = signed_in(world.owners[0])
    address = reverse("backoffice:workspace_note", args=[referral.reference])
    searched = client.post(
        "/backoffice/referrals/", {"q": referral.reference, "view": referral.reference, "tab": "all"}
    )
    address += f"?{urlsplit(searched['Location']).query}"
    main = BeautifulSoup(client.post(address, {"text": ""}).text, "html.parser").select_one(".work")
    asked = [link["href"] for link in main.select("a[href]")]
    asked += [form.get("action", "") for form in main.select("form[method=get]")]
    answers = {link: client.get(urljoin(address, link)).status_code for link in asked if link[:1] in ("", "?", "/")}
    assert len(answers) > 5
    assert set(answers.values()) == {200}, answers


def test_two_who_add_organisations_of_one_name_wait_for_each_other(ours, signed_in):
    sent = {"name": "Corner Kitchen", "email": "a@kitchen.example", "network": ours.network.pk}
    client = signed_in(ours.coordinator)
    with CaptureQueriesContext(connection) as queries:
        assert client.post(url(m.Organisation, "add"), sent).status_code == 302
    statements = [query["sql"] for query in queries]
    locked = next(number for number, sql in enumerate(statements) if "pg_advisory_xact_lock" in sql)
    assert locked < next(
        number for number, sql in enumerate(statements) if 'INSERT INTO "referrals_organisation"' in sql
    )
    assert client.post(url(m.Organisation, "add"), sent).status_code == 302
    assert set(m.Organisation.objects.filter(name="Corner Kitchen").values_list("slug", flat=True)) == {
        "corner-kitchen",
        "corner-kitchen-2",
    }
