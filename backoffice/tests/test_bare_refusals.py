"""What is refused without words is given a page, and loses nothing on the way."""

import pytest
from bs4 import BeautifulSoup
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
@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/refer/link/%00/", 404, "There is no form at this address"),
        ("/backoffice/password-reset/%00/%00/", 200, "This link no longer works"),
    ],
)
def test_a_character_that_no_text_can_hold_is_refused_with_a_page(client, address, status, words):
    response = client.get(address)
    assert response.status_code == status
    heading = BeautifulSoup(response.content, "html.parser").h1
    assert heading.get_text(strip=True) == words
