"""Messages from the public in the back office: found, read beside their service, done, opened again."""

from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from backoffice.tests.forms import service_data
from referrals.models import Notification, PublicMessage, Service
from referrals.tests import factories as f
from referrals.visitor_messages.public_messages import ask_network, mark_done, suggest_correction

pytestmark = pytest.mark.django_db

LIST = "/backoffice/referrals/publicmessage/"


def page_of(message: PublicMessage) -> str:
    return reverse("backoffice:referrals_publicmessage_change", args=[message.pk])


def act(client, verb: str, message: PublicMessage, **data):
    return client.post(reverse(f"backoffice:public_message_{verb}", args=[message.pk]), data, follow=True)


@pytest.fixture
def correction(world) -> PublicMessage:
    service = world.services[0]
    words = {"text": "Shut on Mondays.", "name": "Ana Reyes", "contact": "ana@example.org"}
    return suggest_correction(service, key=uuid4(), wrong="hours", client=None, **words)


@pytest.fixture
def question(world) -> PublicMessage:
    return ask_network(world.network, key=uuid4(), text="Who helps with a move?", contact="07700 900123", client=None)


class TestTheList:
    def listed(self, client, query: str = "") -> list[PublicMessage]:
        return list(client.get(LIST + query).context["cl"].result_list)

    def test_it_shows_what_is_open_and_on_request_what_is_done(self, world, correction, question, signed_in):
        client = signed_in(world.coordinator)
        assert self.listed(client) == [question, correction]
        mark_done(question.pk, actor=world.coordinator)
        assert self.listed(client) == [correction]
        assert self.listed(client, "?state=done") == [question]
        assert self.listed(client, "?state=all") == [question, correction]

    def test_an_organisation_finds_what_is_said_of_its_own_services(self, world, correction, question, signed_in):
        assert self.listed(signed_in(world.owners[0])) == [correction]
        assert self.listed(signed_in(world.owners[1])) == []
        assert self.listed(signed_in(world.commissioner)) == []

    def test_it_is_searched_by_service_organisation_and_words(self, world, correction, question, signed_in):
        client = signed_in(world.coordinator)
        activity, organisation = world.services[0].activity.name, world.organisations[0].name
        for words, found in ((activity, [correction]), (organisation, [correction]), ("move", [question])):
            assert self.listed(client, f"?q={words}") == found
        assert "No message matches" in client.get(f"{LIST}?q=nothing-of-the-kind").text

    def test_it_filters_by_kind_and_by_what_is_wrong(self, world, correction, question, signed_in):
        client = signed_in(world.coordinator)
        assert self.listed(client, "?kind__exact=question") == [question]
        assert self.listed(client, "?wrong__exact=hours") == [correction]
        assert self.listed(client, "?wrong__exact=address") == []

    def test_a_filter_that_no_row_can_have_is_no_fault_of_ours(self, world, correction, signed_in):
        client = signed_in(world.coordinator)
        refused = client.get(f"{LIST}?kind__exact=%00")
        assert (refused.status_code, "We could not read this" in refused.text) == (400, True)
        assert client.get(f"{LIST}?q=%00").status_code == 200

    def test_when_nothing_waits_it_says_what_would_stand_here(self, world, signed_in):
        assert "Nothing to do here" in signed_in(world.coordinator).get(LIST).text
        assert "deleted half a year after" in signed_in(world.coordinator).get(f"{LIST}?state=done").text


class TestTheMessage:
    def test_it_stands_beside_what_people_are_told_and_leads_to_its_correction(self, world, correction, signed_in):
        text = signed_in(world.owners[0]).get(page_of(correction)).text
        for words in ("The days or hours are wrong", "Shut on Mondays.", "Ana Reyes", "What people are told now"):
            assert words in text
        assert '<a href="mailto:ana@example.org">' in text
        way = reverse("backoffice:referrals_service_change", args=[world.services[0].pk])
        assert f"{way}?next={page_of(correction)}" in text

    def test_saving_the_service_leads_back_to_it(self, ours, signed_in):
        address = reverse("backoffice:referrals_service_change", args=[ours.service.pk])
        data = service_data(ours, venue=ours.venue.pk)
        response = signed_in(ours.insider).post(f"{address}?next={page_of(ours.message)}", data)
        assert response["Location"] == page_of(ours.message)

    def test_what_a_visitor_wrote_is_shown_as_it_was_typed(self, world, correction, signed_in):
        PublicMessage.objects.update(text="<b>x</b> http://spam.example", writer_contact="http://spam.example")
        text = signed_in(world.coordinator).get(page_of(correction)).text
        assert "&lt;b&gt;x&lt;/b&gt;" in text
        assert 'href="http://spam.example' not in text

    def test_a_refuge_is_not_shown_beside_it(self, world, correction, signed_in):
        hidden = f.VenueFactory(organisation=world.organisations[0], name="Hidden House", is_confidential=True)
        Service.objects.filter(pk=world.services[0].pk).update(venue=hidden)
        assert "Hidden House" not in signed_in(world.coordinator).get(page_of(correction)).text

    def test_others_find_no_such_message(self, world, correction, signed_in):
        for user in (world.owners[1], world.commissioner):
            client = signed_in(user)
            assert client.get(page_of(correction)).headers["Location"] == reverse("backoffice:index")  # as of no row
            for verb in ("done", "reopen"):
                answer = client.post(reverse(f"backoffice:public_message_{verb}", args=[correction.pk]))
                assert answer.status_code == 404
        correction.refresh_from_db()
        assert not correction.is_done


class TestDoing:
    def test_it_is_done_with_a_note_and_opened_again(self, world, correction, signed_in):
        client = signed_in(world.owners[0])
        page = act(client, "done", correction, outcome="Rang them: right.")
        correction.refresh_from_db()
        assert (correction.is_done, correction.done_by, correction.outcome) == (
            True,
            world.owners[0],
            "Rang them: right.",
        )
        assert "Marked as done." in page.text
        assert "Rang them: right." in page.text
        page = act(client, "reopen", correction)
        correction.refresh_from_db()
        assert not correction.is_done
        assert "Reopened." in page.text
        assert LogEntry.objects.filter(user=world.owners[0], object_id=str(correction.pk)).count() == 2
        assert "Ana" not in str(LogEntry.objects.values())

    def test_who_comes_second_is_told_and_nothing_is_overwritten(self, world, correction, signed_in):
        act(signed_in(world.coordinator), "done", correction, outcome="First.")
        page = act(signed_in(world.owners[0]), "done", correction, outcome="Second.")
        assert f"{world.coordinator} has done this already." in page.text
        correction.refresh_from_db()
        assert correction.outcome == "First."
        assert LogEntry.objects.count() == 1

    def test_a_note_that_is_too_long_is_said_so(self, world, correction, signed_in):
        page = act(signed_in(world.coordinator), "done", correction, outcome="x" * 301)
        assert "at most 300 characters" in page.text
        correction.refresh_from_db()
        assert not correction.is_done

    def test_looking_does_nothing(self, world, correction, signed_in):
        client = signed_in(world.coordinator)
        address = reverse("backoffice:public_message_done", args=[correction.pk])
        assert client.get(address).status_code == 405


class TestElsewhere:
    def test_the_start_page_counts_what_waits(self, world, correction, question, signed_in):
        def start(user) -> str:
            return signed_in(user).get(reverse("backoffice:index")).text

        assert "2 messages from the public" in start(world.coordinator)
        assert "1 message from the public" in start(world.owners[0])
        assert page_of(correction) in start(world.owners[0])
        assert "from the public</h3>" not in start(world.owners[1])
        mark_done(correction.pk, actor=world.owners[0])
        assert "from the public</h3>" not in start(world.owners[0])

    def test_with_more_than_it_shows_it_leads_to_all(self, world, signed_in):
        for number in range(7):
            ask_network(world.network, key=uuid4(), text=f"Question {number}", client=None)
        text = signed_in(world.coordinator).get(reverse("backoffice:index")).text
        assert "7 messages from the public" in text
        assert "See all 7" in text

    def test_the_outbox_shows_coordinators_that_it_was_told(self, world, correction, question, signed_in):
        client = signed_in(world.coordinator)
        text = client.get(reverse("backoffice:referrals_notification_changelist")).text
        assert "the days or hours are wrong" in text
        for notification in Notification.objects.all():
            address = reverse("backoffice:referrals_notification_change", args=[notification.pk])
            assert client.get(address).status_code == 200

    def test_a_service_of_which_messages_are_kept_is_not_deleted(self, world, correction, signed_in):
        client = signed_in(world.owners[0])
        address = reverse("backoffice:referrals_service_delete", args=[world.services[0].pk])
        assert "messages that still use it" in client.get(address).text
        client.post(address, {"post": "yes"})
        assert Service.objects.filter(pk=world.services[0].pk).exists()
