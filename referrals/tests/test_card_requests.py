"""A service's card by e-mail: what it says, to whom, how often, and how soon the address is deleted."""

from datetime import timedelta
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone, translation

from referrals import notifications, tasks
from referrals.models import CardRequest, Notification, OpeningHours, RateLimitCounter, Service
from referrals.rate_limits import TooMany
from referrals.tests import factories as f
from referrals.tests.threads import at_once
from referrals.tests.worlds import World
from referrals.visitor_messages import card_requests
from referrals.visitor_messages.card_requests import ask_for_card

pytestmark = pytest.mark.django_db

PAGE = "https://northside.example/services/1-hot-lunch/"


@pytest.fixture
def service(world) -> Service:
    service = world.services[0]
    service.activity.name = "Ana's hot lunch"
    service.activity.save()
    service.is_public, service.phone, service.summary = True, "020 7946 0011", "Soup & bread"
    service.description = "Come as you are. [Menu](https://menu.example/)"
    service.venue = f.VenueFactory(organisation=service.organisation, name="Elm Hall", address="1 Elm Row")
    service.save()
    OpeningHours.objects.create(service=service, weekday=0, opens="10:00", closes="12:00")
    return service


def send(service: Service, recipient: str = "visitor@example.org", **asked) -> CardRequest:
    defaults = {"key": uuid4(), "page": PAGE, "client": "192.0.2.7"}
    return ask_for_card(service, recipient=recipient, **defaults | asked)


def message() -> notifications.Rendered:
    return notifications.render(Notification.objects.get())


def test_the_message_is_the_public_card_in_both_bodies(service):
    send(service)
    email = message()
    assert email.recipient == "visitor@example.org"
    assert email.subject == f"Ana's hot lunch, {service.organisation.name}"
    for body in (email.text, email.html.replace("&#x27;", "'").replace("&amp;", "&")):
        for words in ("Ana's hot lunch", "Soup & bread", "Monday 10:00 to 12:00", "Elm Hall", "020 7946 0011", PAGE):
            assert words in body
        assert "None" not in body
    assert "&" + "#x27;" not in email.text
    assert "Come as you are. Menu" in email.text
    assert '<a href="https://menu.example/"' in email.html


def test_a_confidential_venue_is_not_in_it(service):
    service.venue.is_confidential = True
    service.venue.save()
    send(service)
    assert "Elm" not in message().text + message().html


def test_who_looks_at_a_list_of_messages_does_not_see_that_it_is_about_abuse(service):
    safety = f.CategoryFactory(network=service.network, is_sensitive=True)
    service.categories.add(f.CategoryFactory(network=service.network, parent=safety))
    send(service)
    email = message()
    assert email.subject == "The details that you asked for"
    for body in (email.text, BeautifulSoup(email.html, "html.parser").body.get_text()):
        assert "delete this message" in body[: body.index("Ana's hot lunch")]


def test_a_service_that_is_unlisted_before_it_is_sent_is_not_in_it(service):
    send(service)
    Service.objects.filter(pk=service.pk).update(is_public=False)
    email = message()
    for words in ("hot lunch", "020 7946", "Elm"):
        assert words not in email.subject + email.text.replace(PAGE, "") + email.html
    assert "not listed any more" in email.subject


def test_it_is_written_in_the_language_of_the_page_that_asked(service):
    with translation.override("fr"):
        assert send(service).language == "fr"
    assert message().text  # no catalogue of ours yet: it falls back, and the language of the worker stays
    assert translation.get_language() == "en-gb"


def test_a_form_sent_twice_sends_one_e_mail(service):
    key = uuid4()
    assert send(service, key=key) == send(service, key=key)
    assert send(service, "other@example.org", key=key) != CardRequest.objects.earliest("pk")
    assert Notification.objects.count() == 2


def test_the_address_is_deleted_once_the_card_is_sent(service, mailoutbox):
    send(service)
    assert card_requests.delete_expired() == 0  # it is still needed
    tasks.sweep_outbox()
    assert [sent.to for sent in mailoutbox] == [["visitor@example.org"]]
    tasks.delete_expired()
    assert not CardRequest.objects.exists()
    assert not Notification.objects.exists()
    assert "visitor" not in str(RateLimitCounter.objects.values())


@pytest.mark.parametrize(
    ("status", "age", "kept"), [("failed", 0, False), ("pending", 23, True), ("pending", 25, False)]
)
def test_the_address_is_deleted_after_failure_or_a_day(status, age, kept, service):
    send(service, at=timezone.now() - timedelta(hours=age))
    Notification.objects.update(status=status)
    card_requests.delete_expired()
    assert CardRequest.objects.exists() == Notification.objects.exists() == kept


def test_limits_by_client_by_mailbox_and_in_all(service, monkeypatch):
    for number in range(card_requests.FROM_ONE_CLIENT.most):
        send(service, f"visitor{number}@example.org")
    with pytest.raises(TooMany) as refusal:
        send(service, "one-more@example.org")
    assert refusal.value.limit == card_requests.FROM_ONE_CLIENT

    for number in range(card_requests.TO_ONE_ADDRESS.most):
        send(service, f"Ana+{number}@Example.org", client=f"198.51.100.{number}")
    with pytest.raises(TooMany) as refusal:
        send(service, "ana@example.org", client="198.51.100.99")
    assert refusal.value.limit == card_requests.TO_ONE_ADDRESS

    RateLimitCounter.objects.filter(what="card-in-all").update(count=card_requests.IN_ALL.most)
    with pytest.raises(TooMany) as refusal:
        send(service, "fresh@example.org", client="203.0.113.1")
    assert refusal.value.limit == card_requests.IN_ALL
    assert not Notification.objects.filter(recipient="fresh@example.org").exists()


@pytest.mark.django_db(transaction=True)
def test_the_same_form_sent_six_times_at_once_sends_one_message():
    world, key = World(), uuid4()
    at_once(*[lambda: send(world.services[0], key=key)] * 6)
    assert CardRequest.objects.count() == Notification.objects.count() == 1
    assert RateLimitCounter.objects.get(what="card-in-all").count == 1
