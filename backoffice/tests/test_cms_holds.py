"""The CMS answers whatever stands in an address, and a form with nothing in it, without an error of ours."""

import logging
import re

import pytest
from django.test import Client

from backoffice.tests.ways_in import cms_routes, signed_in_in_full
from referrals.tests import factories as f
from referrals.tests.depth import draw_cases, gate_or_all

pytestmark = pytest.mark.django_db

KEYS = ["northside", "0", "-1", "9" * 30, "1.5", "%00", "%C3%A9", "1%20or%201", "referrals.user"]
NUMBERS = ["0", "2147483648", "9" * 30]
QUERY = {"id": "northside", "p": "x", "q": "\x00é", "ordering": "x", "locale": "x", "page_type": "x", "next": "//x"}
CONVERTER = re.compile(r"<(int:)?[^>]*>")


@pytest.fixture(autouse=True)
def quiet():
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def operator() -> Client:
    client = signed_in_in_full(f.UserFactory(is_superuser=True))
    client.raise_request_exception = False
    return client


def addresses() -> list[str]:
    found = []
    for route in dict.fromkeys(cms_routes()):
        for number, key in enumerate(KEYS):
            filled = CONVERTER.sub(lambda at: NUMBERS[number % len(NUMBERS)] if at[1] else key, route)  # noqa: B023
            found.append(filled)
    return list(dict.fromkeys(found))


@pytest.mark.sampled
@pytest.mark.slow(reason="every address of Wagtail's admin")
def test_no_address_and_no_empty_form_of_the_cms_is_an_error_of_ours(operator):
    failed, tried = [], 0
    for address in draw_cases("addresses of the CMS", addresses(), share=gate_or_all(gate=0.15, everything=1)):
        for name, response in (
            ("get", operator.get(address)),
            ("get with a query", operator.get(address, QUERY)),
            ("empty post", operator.post(address)),
        ):
            tried += 1
            if response.status_code >= 500:
                failed.append((name, address))
    assert failed == []
    assert tried > 100


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("post", "/cms/snippets/choose/directory_site/synonymgroup/create/", 404),
        ("post", "/cms/snippets/choose/directory_site/dangerwords/create/", 404),
        ("get", "/cms/snippets/choose/directory_site/phrasemeaning/create/", 404),
        ("get", "/cms/images/chooser/chosen/northside/", 404),
        ("get", "/cms/images/chooser/chosen-multiple/?id=northside", 404),
        ("post", "/cms/redirects/import/process/", 400),
        ("post", "/cms/choose-external-link/", 400),
        ("get", "/cms/pages/add/%00/%00/2/", 404),
        ("get", "/cms/failwhale/", 404),  # Wagtail's own way to see its error page
    ],
)
def test_what_failed_once_is_refused(method, address, status, operator):
    assert getattr(operator, method)(address).status_code == status


@pytest.mark.parametrize(
    ("address", "sent", "status"),
    [
        ("/cms/sites/new/", {"hostname": "a.example", "port": 80, "root_page": "x"}, 404),
        ("/cms/redirects/add/", {"old_path": "/a/", "redirect_page": "x"}, 404),
        ("/cms/snippets/directory_site/sitewords/add/", {"footer_text": ""}, 400),
        ("/cms/snippets/directory_site/sitewords/add/", {"footer_text": "null", "urgent_help-count": "x"}, 400),
        ("/cms/snippets/directory_site/sitewords/add/", {"footer_text": "null"}, 400),
    ],
)
def test_a_form_that_cannot_be_read_or_shown_is_refused(address, sent, status, operator):
    response = operator.post(address, sent)
    assert response.status_code == status
    assert "main" in response.text
