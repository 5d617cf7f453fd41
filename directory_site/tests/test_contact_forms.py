"""The pages on which visitors write: what they show, what they refuse, and what becomes of what was typed."""

import re
from urllib.parse import parse_qs, unquote

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from directory_site.addresses import correction_path, qr_path, send_path, service_path
from directory_site.models import ContactPage
from referrals.models import CardRequest, Notification, PublicMessage, RateLimitCounter, Service
from referrals.tests import factories as f
from referrals.tests.worlds import World
from referrals.visitor_messages import card_requests, public_messages

pytestmark = pytest.mark.django_db

MESSAGE = "/contact/message/"


@pytest.fixture
def service(world, site) -> Service:
    return Service.objects.get(pk=world.services[0].pk)


def soup(response) -> BeautifulSoup:
    return BeautifulSoup(response.content, "html.parser")


def form_of(client: Client, path: str, **typed: str) -> dict[str, str]:
    """Return what a browser would send of the form at `path`, with this typed into it."""
    fields = soup(client.get(path)).select("main form [name]")
    data = {field["name"]: field.get("value", "") for field in fields if field.get("type") != "radio"}
    return {name: value for name, value in data.items() if name != "csrfmiddlewaretoken"} | typed


def send_form(client: Client, path: str, **typed: str):
    return client.post(path, form_of(client, path, **typed))


def paths(service: Service) -> list[str]:
    of_service = [correction_path(service), send_path(service)]
    return [*of_service, *(f"{path}thanks/" for path in of_service), MESSAGE, f"{MESSAGE}thanks/"]


class TestEveryPage:
    def test_is_kept_by_no_cache_and_found_by_no_search_engine(self, service, client):
        for path in paths(service):
            response = client.get(path)
            assert response.status_code == 200, path
            assert "no-store" in response["Cache-Control"]
            assert response["X-Robots-Tag"] == "noindex"
            assert '<meta name="robots" content="noindex">' in response.text
            assert not re.search(r"<style|<script(?! src=)| style=| onclick=", response.text)

    @pytest.mark.parametrize("count", [1, 3])
    def test_costs_the_same_with_one_service_and_with_three(self, count, service, client, django_assert_num_queries):
        Service.objects.exclude(pk=service.pk).update(is_public=False)
        for _ in range(count - 1):
            f.ServiceFactory(network=service.network, organisation=service.organisation, is_public=True)
        for path in (correction_path(service), send_path(service)):
            # Site, its settings; the service, hours, exceptions, restrictions; whether it is sensitive.
            with django_assert_num_queries(7):
                client.get(path)

    @pytest.mark.parametrize(
        "hidden",
        [{"is_public": False}, {"paused_at": timezone.now()}, {"archived_at": timezone.now(), "is_public": False}],
    )
    def test_of_a_service_that_is_not_shown_is_not_there(self, hidden, service, client):
        Service.objects.filter(pk=service.pk).update(**hidden)
        for path in [*paths(service)[:4], qr_path(service), service_path(service)]:
            assert client.get(path).status_code == 404, path
        for path in (correction_path(service), send_path(service)):
            assert client.post(path, {"wrong": "closed", "email": "a@example.org"}).status_code == 404
        assert not PublicMessage.objects.exists()
        assert not CardRequest.objects.exists()

    def test_of_a_network_that_the_site_does_not_show_is_not_there(self, service, client):
        elsewhere = World()
        Service.objects.update(is_public=True)
        for path in [*paths(elsewhere.services[0])[:4], qr_path(elsewhere.services[0])]:
            assert client.get(path).status_code == 404, path
        assert elsewhere.network.name not in client.get(MESSAGE).text

    def test_asks_for_the_token_of_its_own_form(self, service):
        client = Client(enforce_csrf_checks=True)
        for path in (correction_path(service), send_path(service), MESSAGE):
            response = client.post(path, {"text": "Hello", "wrong": "hours", "email": "a@example.org"})
            assert response.status_code == 403
            assert "This was not sent" in response.text
        assert not PublicMessage.objects.exists()
        assert not CardRequest.objects.exists()

    def test_never_shows_a_secret_place(self, service, client):
        service.venue = f.VenueFactory(organisation=service.organisation, name="Hidden House", is_confidential=True)
        service.save()
        for path in [*paths(service), service_path(service)]:
            assert "Hidden House" not in client.get(path).text


class TestCorrections:
    def test_a_correction_is_stored_and_thanked_for(self, service, client):
        typed = {"wrong": "hours", "text": "Shut on Mondays.", "name": "Ana", "contact": "ana@example.org"}
        response = send_form(client, correction_path(service), **typed)
        assert (response.status_code, response["Location"]) == (302, f"{correction_path(service)}thanks/")
        message = PublicMessage.objects.get()
        assert (message.service, message.wrong, message.text) == (service, "hours", "Shut on Mondays.")
        assert (message.writer_name, message.writer_contact) == ("Ana", "ana@example.org")
        thanks = client.get(response["Location"])
        assert escape(str(service.organisation)) in thanks.text
        assert soup(thanks).select_one("main a.button")["href"] == service_path(service)

    def test_the_form_sent_twice_is_one_message(self, service, client):
        data = form_of(client, correction_path(service), wrong="closed")
        answers = [client.post(correction_path(service), data) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [302, 302]
        assert PublicMessage.objects.count() == 1

    @pytest.mark.parametrize("key", ["", "made up", "07fb7ab0-7998-4b14-8a66-d9250170d064"])
    def test_a_form_with_a_key_of_its_own_idea_is_taken_all_the_same(self, key, service, client):
        assert client.post(correction_path(service), {"key": key, "wrong": "closed"}).status_code == 302
        assert PublicMessage.objects.count() == 1

    @pytest.mark.parametrize(
        ("typed", "problem"),
        [
            ({}, "Choose what is not right."),
            ({"wrong": "made-up"}, "Select a valid choice. made-up is not one of the available choices."),
            ({"wrong": "other"}, "Say in a few words what is not right."),
            ({"wrong": "hours", "text": "x" * 2001}, "Please say it in 2000 characters; you wrote 2001."),
            ({"wrong": "hours", "text": "null \0"}, "Null characters are not allowed."),
        ],
    )
    def test_what_is_wrong_with_it_is_said_in_words_with_a_way_there(self, typed, problem, service, client):
        response = send_form(client, correction_path(service), **{"name": "Ana"} | typed)
        page = soup(response)
        link = page.select_one(".attention a")
        assert (response.status_code, link.text) == (200, problem)
        target = page.select_one(link["href"])
        assert target.name in ("input", "textarea")
        assert page.select_one("[name=name]")["value"] == "Ana"
        assert not PublicMessage.objects.exists()

    def test_what_only_a_program_fills_in_is_told_to_a_person_and_loses_nothing(self, service, client):
        typed = {"wrong": "hours", "text": "Shut on Mondays.", "homepage": "https://spam.example"}
        response = send_form(client, correction_path(service), **typed)
        assert response.status_code == 200
        assert "only programs fill it in" in response.text
        assert "Shut on Mondays." in response.text
        assert not PublicMessage.objects.exists()
        assert client.post(correction_path(service), typed | {"homepage": ""}).status_code == 302

    def test_too_many_are_answered_in_words_with_all_that_was_typed(self, service, client):
        RateLimitCounter.objects.create(what="message-about-service", whom=service.pk, since=timezone.now(), count=10)
        response = send_form(client, correction_path(service), wrong="hours", text="Shut on Mondays.")
        assert response.status_code == 429
        assert 23 * 3600 < int(response["Retry-After"]) <= 24 * 3600
        problem = soup(response).select_one(".attention").text
        assert "This was not sent" in problem
        assert "1\xa0day" in problem
        assert service.phone in problem
        assert service.network.email in problem
        assert "Shut on Mondays." in soup(response).select_one("textarea").text
        assert not PublicMessage.objects.exists()

    def test_clients_behind_our_proxy_are_told_apart(self, service, client, settings):
        settings.TRUSTED_PROXIES = 1
        data = {"wrong": "closed"}
        for number in range(2 * public_messages.ABOUT_ONE_SERVICE.most // 2):
            client.post(correction_path(service), data, headers={"X-Forwarded-For": f"203.0.113.{number % 2}"})
        assert list(RateLimitCounter.objects.filter(what="message-from-client").values_list("count", flat=True)) == [
            5,
            5,
        ]


class TestQuestions:
    def test_a_question_goes_to_the_network_of_the_site(self, world, service, client):
        response = send_form(client, MESSAGE, text="Who helps with a move?", contact="07700 900123")
        assert (response.status_code, response["Location"]) == (302, f"{MESSAGE}thanks/")
        numbers = soup(client.get(response["Location"])).select(".until-then a")
        assert [link["href"] for link in numbers] == ["tel:999", "tel:116123", "tel:08082000247"]
        message = PublicMessage.objects.get()
        assert (message.kind, message.network, message.service) == ("question", world.network, None)
        assert client.get(response["Location"]).status_code == 200

    def test_where_there_are_several_one_is_chosen(self, site, world, client):
        other = World(name="Westside").network
        site.networks.add(other)
        response = send_form(client, MESSAGE, text="Who helps with a move?")
        assert "Choose whom you want to ask." in response.text
        assert send_form(client, MESSAGE, text="Who helps?", network=other.pk).status_code == 302
        assert PublicMessage.objects.get().network == other

    def test_a_network_that_the_site_does_not_show_cannot_be_chosen(self, site, world, client):
        site.networks.add(World(name="Westside").network)
        hidden = World(name="Hidden").network
        response = send_form(client, MESSAGE, text="Who helps?", network=hidden.pk)
        assert response.status_code == 200
        assert not PublicMessage.objects.exists()

    def test_it_leads_back_to_where_it_came_from_and_to_help_at_once(self, site, service, client):
        home = site.site.root_page
        page = soup(client.get(MESSAGE))
        assert [(tag.text, tag["href"]) for tag in page.select("a.back")] == [(f"Back to {home.title}", "/")]
        home.add_child(instance=ContactPage(title="Reach us", slug="contact"))
        page = soup(client.get(MESSAGE))
        assert [(tag.text, tag["href"]) for tag in page.select("a.back")] == [("Back to Reach us", "/contact/")]
        assert page.select_one(".actions a")["href"] == "/contact/"
        assert page.select_one(".message.wait a")["href"] == "tel:999"

    def test_without_words_it_is_asked_for_them(self, service, client):
        assert "Write your message." in send_form(client, MESSAGE, text="  ").text

    def test_a_site_without_a_network_has_no_such_page(self, site, client):
        site.networks.clear()
        assert client.get(MESSAGE).status_code == 404

    def test_too_many_lead_to_the_coordinators_address(self, world, service, client):
        RateLimitCounter.objects.create(
            what="message-to-network", whom=world.network.pk, since=timezone.now(), count=60
        )
        response = send_form(client, MESSAGE, text="Who helps?")
        assert response.status_code == 429
        assert world.network.email in soup(response).select_one(".attention").text


class TestTakingItAlong:
    def test_the_card_is_owed_to_the_address_and_the_address_is_in_no_url(self, service, client, settings):
        settings.PUBLIC_URL = "https://northside.example"
        response = send_form(client, send_path(service), email="visitor@example.org")
        assert response["Location"] == f"{send_path(service)}thanks/"
        assert CardRequest.objects.get().page == f"https://northside.example{service_path(service)}"
        assert Notification.objects.get().recipient == "visitor@example.org"
        assert "visitor" not in client.get(response["Location"]).text

    def test_the_links_of_another_site_are_its_own(self, site, service, client, settings):
        site.site.is_default_site = False
        site.site.hostname = "help.example"
        site.site.save()
        settings.ALLOWED_HOSTS = ["help.example"]
        client.post(send_path(service), {"email": "visitor@example.org"}, headers={"Host": "help.example"})
        assert CardRequest.objects.get().page == f"http://help.example{service_path(service)}"

    @pytest.mark.parametrize(
        "typed", ["", "nobody", "a@example.org\nBcc: b@example.org", "a@example.org, b@example.org"]
    )
    def test_what_is_no_address_is_said_so(self, typed, service, client):
        response = client.post(send_path(service), {"email": typed})
        assert response.status_code == 200
        assert soup(response).select_one(".attention a")["href"] == "#id_email"
        assert not CardRequest.objects.exists()

    def test_too_many_are_answered_in_words(self, service, client):
        for _ in range(card_requests.TO_ONE_ADDRESS.most):
            client.post(send_path(service), {"email": "visitor@example.org"})
        response = client.post(send_path(service), {"email": "visitor@example.org"})
        assert response.status_code == 429
        assert soup(response).select_one("[name=email]")["value"] == "visitor@example.org"
        assert CardRequest.objects.count() == card_requests.TO_ONE_ADDRESS.most

    def test_a_text_message_holds_name_phone_and_page(self, service, client, settings):
        link = soup(client.get(send_path(service))).select_one('a[href^="sms:"]')["href"]
        (body,) = parse_qs(link.partition("?&")[2])["body"]
        name = f"{service.activity.name}, {service.organisation.name}"
        assert body.split("\n") == [name, service.phone, f"{settings.PUBLIC_URL}{service_path(service)}"]
        assert " " not in link
        assert unquote(link).count("\n") == 2

    def test_the_square_is_a_picture_of_the_pages_address(self, service, client):
        response = client.get(qr_path(service))
        assert response["Content-Type"] == "image/svg+xml"
        assert response.content.startswith(b"<svg")
        assert b"style" not in response.content
        assert response.content == client.get(qr_path(service)).content
        picture = soup(client.get(send_path(service))).select_one("img.qr")
        assert picture["src"] == qr_path(service)
        assert service_path(service) in picture["alt"]


def test_an_old_name_of_a_service_leads_to_its_page(service, client):
    response = client.get(f"/services/{service.pk}-an-older-name/")
    assert (response.status_code, response["Location"]) == (301, service_path(service))
    page = soup(client.get(service_path(service)))
    links = {link["href"] for link in page.select("main .detail-foot a")}
    assert links == {send_path(service), correction_path(service)}
