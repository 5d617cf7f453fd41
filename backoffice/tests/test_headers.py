"""What every answer tells the browser beside its content."""

import re
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import reverse

from backoffice.middleware.headers import ContentPolicyMiddleware
from referrals.models import Notification, User

pytestmark = pytest.mark.django_db

STRICT = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "object-src": "'none'",
    "frame-ancestors": "'none'",
}
CMS = STRICT | {
    "style-src-elem": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "frame-src": "'self'",
    "script-src-attr": "'unsafe-hashes' 'sha256-i+qr4lq34KgNHiW62lWi9aInEBwiEOrfCzaNPCvkqD8='",
}
PARTNER = "https://www.example.org"


def policy(response) -> dict[str, str]:
    """Return the directives of the answer's policy."""
    directives = (directive.partition(" ") for directive in response["Content-Security-Policy"].split("; "))
    return {name: sources for name, _, sources in directives}


def is_kept_nowhere(response) -> bool:
    return {"no-store", "private"} <= set(response.get("Cache-Control", "").split(", "))


@pytest.fixture
def operator(db) -> User:
    return User.objects.create_superuser("operator@example.org", "a long enough password")


@pytest.fixture
def public_addresses(ours) -> list[str]:
    return [
        "/",
        "/no-such-page/",
        "/healthz",
        reverse("backoffice:login"),
        reverse("referral_form", args=[ours.network.slug]),
        reverse("referral_form", args=["no-such-network"]),
        ours.link.get_absolute_url(),
        f"{reverse('referral_form', args=[ours.network.slug])}?embed=1",
        ours.referral.get_absolute_url(),
    ]


@pytest.fixture
def private_addresses(ours) -> list[str]:
    return [
        "/backoffice/",
        "/backoffice/no-such-page/",
        f"/backoffice/referrals/?view={ours.referral.reference}",
        ours.referral.get_absolute_url(),
        reverse("backoffice:workspace_export", args=["csv"]),
        reverse("backoffice:workspace_download", args=[ours.referral.reference]),
        reverse("backoffice:workspace_assign", args=[ours.referral.reference, ours.assignment.strand_id]),
        reverse("backoffice:referrals_service_changelist"),
        reverse("backoffice:referrals_service_change", args=[ours.service.pk]),
        reverse("backoffice:referrals_service_delete", args=[ours.service.pk]),
        reverse("backoffice:referrals_service_history", args=[ours.service.pk]),
        reverse("backoffice:password_change"),
    ]


def assert_strict(response, expected: dict[str, str] = STRICT) -> None:
    assert policy(response) == expected
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in response["Permissions-Policy"]


def test_whatever_the_signed_out_are_shown_is_strict(public_addresses, private_addresses, client):
    for address in [*public_addresses, *private_addresses]:
        assert_strict(client.get(address))


def test_whatever_the_signed_in_are_shown_is_strict_and_kept_nowhere(ours, private_addresses, signed_in):
    client = signed_in(ours.coordinator)
    for address in private_addresses:
        response = client.get(address)
        assert_strict(response)
        assert is_kept_nowhere(response), address


def test_the_public_site_may_be_kept(client):
    assert "no-store" not in client.get("/").get("Cache-Control", "")


def test_errors_are_as_strict(ours, client, monkeypatch):
    address = reverse("backoffice:login")
    refused = Client(enforce_csrf_checks=True).post(address, {"username": "x"})
    assert refused.status_code == 403
    assert_strict(refused)
    assert client.get("/", headers={"Host": "elsewhere.example.org"}).status_code == 400
    assert_strict(client.get("/", headers={"Host": "elsewhere.example.org"}))
    monkeypatch.setattr("referrals.referral_form.views.open_by_network", lambda *args: 1 / 0)
    client.raise_request_exception = False
    broken = client.get(reverse("referral_form", args=[ours.network.slug]))
    assert broken.status_code == 500
    assert_strict(broken)


def test_a_nonce_is_new_for_every_page_that_asks_for_one(rf):
    def page(request: HttpRequest) -> HttpResponse:
        return HttpResponse(str(request.csp_nonce))

    first, second = (ContentPolicyMiddleware(page)(rf.get("/")) for _ in range(2))
    assert policy(first)["script-src"] == policy(first)["style-src"] == f"'self' 'nonce-{first.text}'"
    assert first.text != second.text


class TestFraming:
    def test_the_embedded_form_is_framed_by_the_links_pages_only(self, ours, client):
        ours.link.embed_origins = f"{PARTNER}/help"
        ours.link.save()
        response = client.get(f"{ours.link.get_absolute_url()}?embed=1")
        assert policy(response) == STRICT | {"frame-ancestors": PARTNER}
        assert "X-Frame-Options" not in response
        assert_strict(client.get(ours.link.get_absolute_url()))

    def test_an_origin_cannot_add_to_the_policy(self, ours, client):
        ours.link.embed_origins = f"{PARTNER}; script-src *\n'unsafe-inline'\n*"
        ours.link.save()
        assert_strict(client.get(f"{ours.link.get_absolute_url()}?embed=1"))

    def test_a_message_brings_its_own_style_and_no_other(self, ours, signed_in):
        client = signed_in(ours.coordinator)
        notification = Notification.objects.filter(event__referral=ours.referral).first()
        response = client.get(reverse("backoffice:notification_body", args=[notification.pk]))
        assert re.fullmatch(r"'sha256-[A-Za-z0-9+/]{43}='", policy(response)["style-src"])
        assert policy(response) | {"style-src": ""} == {
            "sandbox": "",
            "default-src": "'none'",
            "style-src": "",
            "img-src": "data:",
            "form-action": "'none'",
            "base-uri": "'none'",
            "frame-ancestors": "'self'",
        }
        page = client.get(reverse("backoffice:referrals_notification_change", args=[notification.pk]))
        assert_strict(page, STRICT | {"frame-src": "'self'"})


class TestCms:
    def test_its_pages_are_given_what_wagtail_needs_and_no_more(self, operator, signed_in):
        client = signed_in(operator)
        for address in ("/cms/", "/cms/pages/", "/cms/images/", "/cms/documents/", "/cms/no-such-page/"):
            response = client.get(address)
            assert_strict(response, CMS)
            assert is_kept_nowhere(response), address

    def test_no_page_of_it_has_a_script_of_its_own(self, operator, signed_in):
        client = signed_in(operator)
        for address in ("/cms/pages/", "/cms/sites/new/", "/cms/workflows/add/", "/cms/reports/site-history/"):
            assert "data-widget-init" in client.get(address).text
            assert not re.search(r"<script(?![^>]*(src=|application/json))", client.get(address).text), address

    def test_signing_in_is_the_back_offices_business(self, operator, client, signed_in):
        sign_in = reverse("backoffice:login")
        assert client.get("/cms/login/?next=/cms/pages/")["Location"] == f"{sign_in}?next=/cms/pages/"
        assert client.get("/cms/pages/")["Location"] == f"{sign_in}?next=/cms/pages/"
        posted = client.post("/cms/login/", {"username": operator.email, "password": "x"})["Location"]
        assert posted == f"{sign_in}?next=%2Fbackoffice%2F&ended=lost"
        assert signed_in(operator).get("/cms/account/")["Location"] == reverse("backoffice:account")
        for address in ("/cms/password_reset/", "/cms/password_reset/done/"):
            assert client.get(address).status_code == 404

    def test_somebody_who_may_not_write_pages_is_led_back(self, ours, signed_in):
        client = signed_in(ours.coordinator)
        response = client.get("/cms/", follow=True)
        assert urlsplit(response.redirect_chain[-1][0]).path == "/backoffice/"

    def test_users_are_kept_elsewhere(self, operator, signed_in):
        client = signed_in(operator)
        addresses = ["users/", "users/new/", f"users/edit/{operator.pk}/", "groups/", "groups/new/"]
        addresses += [f"bulk/referrals/user/{action}/?id=all" for action in ("delete", "assign_role")]
        for address in addresses:
            assert client.get(f"/cms/{address}").status_code == 404, address
            assert client.post(f"/cms/{address}").status_code == 404, address
        assert User.objects.filter(pk=operator.pk).exists()
        for menu in (client.get("/cms/").text, client.get("/cms/pages/search/?q=x").text):
            assert "/cms/users/" not in menu
            assert "/cms/groups/" not in menu


def test_no_policy_but_the_cms_own_says_unsafe():
    assert "unsafe" not in str(settings.CONTENT_SECURITY_POLICY)
    assert [name for name, sources in settings.CMS_POLICY.items() if "unsafe" in str(sources)] == [
        "style-src-elem",
        "script-src-attr",
    ]
