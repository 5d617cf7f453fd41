"""The first page: what waits for the user, and what the header says of it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from referrals import tasks, workflow
from referrals.enums import Role
from referrals.models import Assignment, NetworkMembership, Notification, Referral, Service, Strand, User
from referrals.tests.factories import NetworkRoleFactory, OrganisationMemberFactory
from referrals.tests.worlds import live_on, only_strand

pytestmark = pytest.mark.django_db

SCREEN = "/backoffice/referrals/"


def start_page(client) -> str:
    return client.get(reverse("backoffice:index")).text


class TestStart:
    def test_an_organisation_finds_its_offers(self, world, signed_in):
        referral = world.submit()
        text = start_page(signed_in(world.owners[0]))
        assert "<b>1</b> waiting for you" in text
        assert f"view={referral.reference}#viewing" in text
        assert "Maya" in text  # a name is known to everybody in the network
        assert "You were asked" in text
        other = start_page(signed_in(world.owners[1]))
        assert "<b>0</b> waiting for you" in other
        assert referral.reference not in other

    def test_a_coordinator_finds_what_needs_one_urgent_first_then_late(self, world, signed_in):
        silent, without, urgent = world.submit(), world.submit(services=[]), world.submit(services=[])
        late = timezone.now() + timedelta(days=6)
        offer = live_on(only_strand(silent))
        workflow.remind(offer.pk, at=late)
        workflow.lapse(offer.pk, at=late + timedelta(days=2))
        Referral.objects.filter(pk=urgent.pk).update(is_urgent=True)
        response = signed_in(world.coordinator).get(reverse("backoffice:index"))
        tasks = response.context["dashboard"]["referrals"]
        assert [task.referral for task in tasks] == [urgent, silent, without]
        assert "<b>3</b> waiting for you" in response.text
        assert "An organisation has not answered" in response.text
        assert "No organisation suits" in response.text

    @pytest.mark.parametrize(("tab", "figure"), [("waiting", "referrals"), ("late", "late"), ("pressing", "urgent")])
    def test_a_figure_that_is_pressed_leads_to_as_many_referrals(self, tab, figure, world, signed_in):
        now = timezone.now()
        in_two_parts = world.submit(services=[])
        strand = only_strand(in_two_parts)
        Strand.objects.create(
            referral=in_two_parts,
            network=strand.network,
            status=strand.status,
            why_coordinator=strand.why_coordinator,
            coordinator_told_at=strand.coordinator_told_at,
        )
        silent, told_long_ago = world.submit(), world.submit(services=[])
        Assignment.objects.filter(strand__referral=silent).update(remind_at=now - timedelta(hours=1), lapsed_at=now)
        Strand.objects.filter(referral=told_long_ago).update(coordinator_told_at=now - timedelta(days=9))
        Referral.objects.filter(pk__in=[in_two_parts.pk, silent.pk]).update(is_urgent=True)
        has_both_roles = NetworkRoleFactory(network=world.network, role=Role.COORDINATOR).user
        OrganisationMemberFactory(organisation=world.organisations[0], user=has_both_roles)
        for user, expected in (
            (world.coordinator, {"waiting": 3, "late": 2, "pressing": 2}),
            (world.owners[0], {"waiting": 1, "late": 1, "pressing": 1}),
            (has_both_roles, {"waiting": 3, "late": 2, "pressing": 2}),
            (User.objects.create_superuser("operator@example.org"), {"waiting": 3, "late": 2, "pressing": 2}),
        ):
            client = signed_in(user)
            dashboard = client.get(reverse("backoffice:index")).context["dashboard"]
            listing = client.get(reverse("backoffice:referrals"), {"tab": tab}).context["listing"]
            assert getattr(dashboard["waiting"], figure) == len(listing["rows"]) == expected[tab], user
            assert len(dashboard["referrals"]) == expected["waiting"]
            counts = {one["key"]: one["count"] for one in listing["tabs"]}
            assert counts["waiting"] == expected["waiting"]
            assert [one["key"] for one in listing["tabs"] if one["is_current"]] == [tab]

    def test_the_list_has_the_order_of_the_first_page_and_says_why_each_waits(self, world, signed_in):
        now = timezone.now()
        told_first, sent_first, urgent = (world.submit(services=[], at=now - timedelta(hours=h)) for h in (5, 9, 1))
        silent, gone = (world.submit(at=now - timedelta(hours=h)) for h in (2, 3))
        Strand.objects.filter(referral=told_first).update(coordinator_told_at=now - timedelta(hours=20))
        Referral.objects.filter(pk=urgent.pk).update(is_urgent=True)
        Assignment.objects.filter(strand__referral=silent).update(remind_at=now, lapsed_at=now)
        Assignment.objects.filter(strand__referral=gone).update(organisation=world.organisations[1])
        NetworkMembership.objects.filter(organisation=world.organisations[1]).update(status="suspended")
        client = signed_in(world.coordinator)
        first_page = client.get(reverse("backoffice:index")).context["dashboard"]["referrals"]
        (link,) = (link for link in client.get(SCREEN).context["header_links"] if link.count)
        page = client.get(link.url)
        rows = page.context["listing"]["rows"]
        order = [urgent, silent, gone, told_first, sent_first]
        assert [row["referral"] for row in rows] == [row.referral for row in first_page] == order
        assert [row["waiting"] for row in rows] == [row.waiting for row in first_page]
        assert page.text.count(">Late<") == 2
        assert page.text.count("No organisation suits") == 3
        suspended = "Its organisation is suspended or has left"
        assert suspended in page.text
        assert suspended in client.get(SCREEN, {"view": gone.reference}).text

    def test_an_urgent_referral_is_late_with_the_coordinator_sooner(self, world, signed_in):
        referral = world.submit(services=[])
        Strand.objects.update(coordinator_told_at=timezone.now() - timedelta(days=1, hours=12))
        client = signed_in(world.coordinator)
        assert client.get(reverse("backoffice:index")).context["dashboard"]["waiting"].late == 0
        Referral.objects.filter(pk=referral.pk).update(is_urgent=True)
        assert client.get(reverse("backoffice:index")).context["dashboard"]["waiting"].late == 1

    def test_a_coordinator_is_told_of_messages_that_did_not_go_out(self, world, signed_in):
        world.submit()
        first, second = Notification.objects.order_by("pk")
        Notification.objects.filter(pk=first.pk).update(status="failed")
        Notification.objects.filter(pk=second.pk).update(first_due_at=timezone.now() - timedelta(hours=1))
        text = start_page(signed_in(world.coordinator))
        assert "1 message could not be sent" in text
        assert "1 message should have been sent by now" in text
        assert "could not be sent" not in start_page(signed_in(world.owners[0]))

    def test_without_a_mail_server_those_who_can_act_are_told(self, world, signed_in, settings):
        settings.EMAIL_BACKEND, settings.SMTP_HOST = "django.core.mail.backends.dummy.EmailBackend", ""
        world.submit()
        tasks.sweep_outbox()
        told = "2 messages</a> are kept here."
        assert f"{told} Tell whoever runs" in start_page(signed_in(world.coordinator))
        assert told not in start_page(signed_in(world.owners[0]))
        settings.SMTP_HOST = "none"
        assert told not in start_page(signed_in(world.coordinator))
        assert "Nothing at the moment" in start_page(signed_in(world.coordinator))

    def test_a_commissioner_starts_with_the_figures_and_those_of_the_lists(self, world, signed_in):
        full, paused, archived = world.services
        world.submit(services=[full])
        Service.objects.filter(pk=full.pk).update(capacity=1)
        Service.objects.filter(pk=paused.pk).update(paused_at=timezone.now())
        Service.objects.filter(pk=archived.pk).update(archived_at=timezone.now())
        client = signed_in(world.commissioner)
        page = client.get(reverse("backoffice:index"), follow=True)
        assert page.redirect_chain == [(reverse("backoffice:figures"), 302)]
        shown = page.context["offered"]
        listed = [
            state["count"] for state in client.get(reverse("backoffice:referrals_service_changelist")).context["states"]
        ]
        assert (
            [shown["services"], shown["with_room"], shown["paused"]] == [listed[0], listed[1], listed[3]] == [2, 0, 1]
        )
        assert shown["organisations"] == len(world.organisations)

    def test_somebody_without_a_network_is_told_what_to_do(self, signed_in):
        nobody = User.objects.create_user("nobody@example.org")
        assert "You do not belong to a network" in start_page(signed_in(nobody))

    def test_it_costs_the_same_however_much_waits(self, world, signed_in):
        def cost(user) -> int:
            client = signed_in(user)
            client.get(reverse("backoffice:index"))
            with CaptureQueriesContext(connection) as queries:
                client.get(reverse("backoffice:index"))
            assert max(len(query["sql"]) for query in queries) < 4096
            return len(queries)

        world.submit(), world.submit(services=[])
        before = [cost(user) for user in (world.coordinator, world.owners[0])]
        for _ in range(3):
            world.submit(), world.submit(services=[])
        assert [cost(user) for user in (world.coordinator, world.owners[0])] == before
        assert max(before) <= 15
