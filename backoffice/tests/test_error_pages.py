"""Whatever is refused says so on a page of ours, with a way on."""

import json

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse

from backoffice.tests.addresses import addresses_of
from backoffice.tests.test_every_way_in import client_of
from referrals.tests.depth import draw_cases, gate_or_all

pytestmark = pytest.mark.django_db

SHARE = gate_or_all(gate=0.3, everything=1)
ROLES = ["coordinator", "insider", "outsider", "commissioner", "nobody"]


def faults_of(response, address: str) -> list[str]:
    """Return what a page that refuses lacks."""
    if response.headers["Content-Type"].startswith("application/json"):
        return [] if json.loads(response.content) else ["says nothing"]
    page = BeautifulSoup(response.content, "html.parser")
    links = [link["href"] for link in page.select("main a[href], #content a[href]")]
    wanted = {
        "header": page.select_one("header.bar"),
        "title": page.title and page.title.text.strip(),
        "heading": page.h1,
        "a way on": [link for link in links if link != address],
    }
    return [name for name, found in wanted.items() if not found]


@pytest.mark.sampled
@pytest.mark.slow(reason="every address of the back office, by each role")
@pytest.mark.parametrize("who", ROLES)
def test_every_refusal_of_the_back_office_is_a_page_of_ours(who, ours):
    client, refused = client_of(who, ours), set()
    addresses = [one for one in addresses_of(ours) if one.startswith("/backoffice/")]
    addresses += ["/backoffice/no/such/page/", "/backoffice/referrals/service/999999/change/"]
    for address in draw_cases(f"refusals for {who}", addresses, share=SHARE):
        for response in (client.get(address), client.put(address)):
            if response.status_code >= 400:
                refused.add(response.status_code)
                assert faults_of(response, address) == [], (who, address, response.status_code)
    assert refused >= {404, 405}


@pytest.mark.parametrize("who", ROLES)
def test_the_way_on_leads_somewhere(who, ours):
    client = client_of(who, ours)
    page = BeautifulSoup(client.get("/backoffice/no/such/page/").content, "html.parser")
    assert client.get(page.select_one("#content a.button")["href"], follow=True).status_code == 200


def test_too_large_a_request_is_explained(ours, signed_in, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    response = signed_in(ours.insider).post(reverse("backoffice:switch"), {"place": "x" * 100})
    assert (response.status_code, faults_of(response, "")) == (400, [])
    assert "too large" in response.text


@pytest.mark.parametrize("address", ["/directory/map-data/", "/r/AAAA-AAAA/", "/healthz", "/favicon.ico"])
def test_the_public_is_never_left_with_an_empty_page(address):
    response = Client().put(address)
    assert response.status_code in (302, 404) or response.content
