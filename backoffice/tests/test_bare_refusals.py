"""What is refused without words is given a page, and loses nothing on the way."""

import pytest
from django.http import HttpResponseNotAllowed

from backoffice.middleware.error_pages import ErrorPageMiddleware


def test_a_bare_refusal_keeps_its_headers_and_cookies(rf):
    refusal = HttpResponseNotAllowed(["POST"])
    refusal.set_cookie("language", "pl")
    request = rf.get("/directory/")
    request.htmx = False
    page = ErrorPageMiddleware(lambda request: refusal)(request)
    assert "<h1>" in page.text
    assert page.headers["Allow"] == "POST"
    assert page.cookies["language"].value == "pl"


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/refer/link/%00/", "/backoffice/password-reset/%00/%00/"])
def test_a_character_that_no_text_can_hold_is_refused_with_a_page(client, address):
    response = client.get(address)
    assert response.status_code in (200, 400, 404)
    assert "<h1>" in response.text
