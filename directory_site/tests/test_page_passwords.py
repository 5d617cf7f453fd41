"""The password of a page or document cannot be guessed without end."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Collection, CollectionViewRestriction, PageViewRestriction

from directory_site.models import HomePage

pytestmark = pytest.mark.django_db

PASSWORD = "an open secret"


@pytest.fixture(params=["page", "document"])
def address(request, site) -> str:
    if request.param == "page":
        home = HomePage.objects.get()
        restriction = PageViewRestriction.objects.create(page=home, restriction_type="password", password=PASSWORD)
        return reverse("wagtailcore_authenticate_with_password", args=[restriction.pk, home.pk])
    restriction = CollectionViewRestriction.objects.create(
        collection=Collection.get_first_root_node(), restriction_type="password", password=PASSWORD
    )
    return reverse("wagtaildocs_authenticate_with_password", args=[restriction.pk])


def guess(address: str, password: str, client: str = "192.0.2.7") -> int:
    data = {"password": password, "return_url": "/"}
    return Client(REMOTE_ADDR=client).post(address, data).status_code


def test_after_ten_tries_one_waits_a_quarter_of_an_hour(address):
    assert [guess(address, "wrong") for _ in range(11)] == [200] * 10 + [429]
    assert guess(address, PASSWORD) == 429
    assert guess(address, PASSWORD, client="192.0.2.8") == 302
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert guess(address, PASSWORD) == 302


def test_many_clients_do_not_guess_one_password_together(address):
    tries = [guess(address, "wrong", client=f"192.0.2.{number}") for number in range(101)]
    assert tries == [200] * 100 + [429]


def test_the_page_says_when_to_try_again(address):
    client = Client()
    for _ in range(10):
        client.post(address, {"password": "wrong", "return_url": "/"})
    response = client.post(address, {"password": "wrong", "return_url": "/"})
    assert "Too many passwords were tried" in response.text
    assert 0 < int(response["Retry-After"]) <= 900
