"""The site itself: who gets in, what it registers, what it shows first."""

import re
from datetime import timedelta

import pytest
from django.contrib import admin
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from backoffice.home.navigation import MODELS
from backoffice.scoped_admin.admin import ScopedAdmin
from backoffice.scoped_admin.checks import find_unscoped
from backoffice.scoped_admin.inlines import ScopedInline
from backoffice.site import BackofficeSite
from referrals import heartbeats, tasks, workflow
from referrals.models import (
    Answer,
    Assignment,
    DemographicOption,
    Need,
    Notification,
    OpeningException,
    OpeningHours,
    QuestionOption,
    Referral,
    Restriction,
    Service,
    Strand,
    User,
    Venue,
)
from referrals.tests.factories import ConsentWordingFactory
from referrals.tests.worlds import World, held_by, only_strand

pytestmark = pytest.mark.django_db


class TestWalls:
    def test_an_admin_without_walls_is_refused(self):
        site = BackofficeSite()
        for unscoped in (None, admin.ModelAdmin):
            with pytest.raises(ImproperlyConfigured, match=r"referrals\.Venue must extend"):
                site.register(Venue, unscoped)

    def test_what_other_packages_bring_along_is_passed_over(self):
        from django.contrib.auth.models import Group

        site = BackofficeSite()
        site.register(Group, admin.ModelAdmin)
        assert not site.is_registered(Group)

    @pytest.mark.parametrize("name", ScopedAdmin.SEALED)
    def test_a_wall_cannot_be_overridden(self, name):
        with pytest.raises(TypeError, match=name):
            type("Open", (ScopedAdmin,), {name: lambda self, *args: None})

    def test_neither_can_a_mixin_open_one(self):
        mixin = type("Mixin", (), {"get_queryset": lambda self, request: None})
        with pytest.raises(TypeError, match="get_queryset"):
            type("Open", (mixin, ScopedAdmin), {})
        with pytest.raises(TypeError, match="get_queryset"):
            type("Open", (mixin, ScopedInline), {})

    def test_the_system_check_finds_what_stands_outside(self):
        site = BackofficeSite()
        inline = type("Hours", (admin.TabularInline,), {"model": OpeningHours, "fields": ["weekday"]})
        site.register(Service, type("Scoped", (ScopedAdmin,), {"fields": ["capacity"]}))
        site._registry[Service].inlines = [inline]
        site._registry[Venue] = admin.ModelAdmin(Venue, site)
        found = {error.id for error in find_unscoped(site)}
        assert found == {"backoffice.E001", "backoffice.E002", "backoffice.E003", "backoffice.E004"}

    def test_the_site_itself_passes_it(self):
        assert list(find_unscoped(admin.site)) == []


class TestSigningIn:
    def test_with_e_mail_and_password(self, client):
        User.objects.create_user("sam@example.org", "a long enough password")
        page = client.get(reverse("backoffice:login"))
        assert ">E-mail</label>" in page.text
        data = {"username": "Sam@Example.org", "password": "a long enough password", "next": "/r/AAAA-AAAA/"}
        assert client.post(reverse("backoffice:login"), data).headers["Location"] == "/r/AAAA-AAAA/"

    def test_a_wrong_one_is_told_without_blame(self, client):
        response = client.post(reverse("backoffice:login"), {"username": "x@example.org", "password": "x"})
        assert "This e-mail and password do not go together" in response.text

    def test_those_who_may_not_open_the_back_office_stay_outside(self, signed_in):
        reader = User.objects.create_user("reader@example.org", is_staff=False)
        response = signed_in(reader).get(reverse("backoffice:index"))
        assert response.headers["Location"].startswith(reverse("backoffice:login"))


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
        offer = held_by(only_strand(silent))
        workflow.remind(offer.pk, at=late)
        workflow.lapse(offer.pk, at=late + timedelta(days=2))
        Referral.objects.filter(pk=urgent.pk).update(is_urgent=True)
        response = signed_in(world.coordinator).get(reverse("backoffice:index"))
        tasks = response.context["dashboard"]["tasks"]
        assert [task.referral for task in tasks] == [urgent, silent, without]
        assert "<b>3</b> waiting for you" in response.text
        assert "An organisation has not answered" in response.text
        assert "No organisation suits" in response.text

    @pytest.mark.parametrize(("tab", "figure"), [("waiting", "referrals"), ("late", "late")])
    def test_a_figure_that_is_pressed_leads_to_as_many_referrals(self, tab, figure, world, signed_in):
        in_two_parts = world.submit(services=[])
        strand = only_strand(in_two_parts)
        Strand.objects.create(
            referral=in_two_parts,
            network=strand.network,
            status=strand.status,
            why_coordinator=strand.why_coordinator,
            coordinator_told_at=strand.coordinator_told_at,
        )
        late = [world.submit(), world.submit(services=[])]
        Assignment.objects.filter(strand__referral=late[0]).update(remind_at=timezone.now() - timedelta(hours=1))
        Strand.objects.filter(referral=late[1]).update(coordinator_told_at=timezone.now() - timedelta(days=9))
        for user, expected in (
            (world.coordinator, {"waiting": 2, "late": 1}),
            (world.owners[0], {"waiting": 1, "late": 1}),
        ):
            client = signed_in(user)
            waiting = client.get(reverse("backoffice:index")).context["dashboard"]["waiting"]
            listing = client.get(reverse("backoffice:referrals"), {"tab": tab}).context["listing"]
            assert getattr(waiting, figure) == len(listing["rows"]) == expected[tab]
            assert [one["label"] for one in listing["tabs"] if one["is_current"]] != ["All"]

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


class TestNavigation:
    def test_everybody_finds_what_their_role_has(self, world, signed_in):
        def labels(user) -> list[str]:
            return [link.label for link in signed_in(user).get(reverse("backoffice:index")).context["header_links"]]

        everywhere = ["Home", "Referrals", "Services", "Organisations", "People", "Messages"]
        assert labels(world.owners[0]) == [label.replace("Services", "Your services") for label in everywhere]
        assert labels(world.coordinator) == [*everywhere, "Settings"]
        assert labels(world.commissioner) == ["Home", "Services", "Organisations"]
        assert labels(User.objects.create_superuser("operator@example.org")) == [*everywhere, "Settings", "System"]
        assert labels(User.objects.create_user("nobody@example.org")) == ["Home"]

    @pytest.mark.parametrize("who", ["coordinator", "owner", "commissioner", "operator"])
    def test_every_link_of_the_header_and_of_its_sections_opens(self, who, world, signed_in):
        world.submit()
        people = {"owner": world.owners[0], "coordinator": world.coordinator, "commissioner": world.commissioner}
        client = signed_in(people.get(who) or User.objects.create_superuser("operator@example.org"))
        sections = {}
        for link in client.get(reverse("backoffice:index")).context["header_links"]:
            page = client.get(link.url)
            assert page.status_code == 200, link
            assert [shown.label for shown in page.context["header_links"] if shown.is_current] == [link.label]
            sections |= {beside.url: page.context["section"] for beside in page.context["section_links"]}
        for address, section in sections.items():
            page = client.get(address)
            assert page.status_code == 200, address
            assert page.context["section"] == section
            assert [link.url for link in page.context["section_links"] if link.is_current] == [address]

    def test_every_list_stands_in_one_section(self):
        """Or its rows are edited on another's page."""
        listed = [model for models in MODELS.values() for model in models]
        assert len(listed) == len(set(listed))
        of_services = {OpeningException, OpeningHours, Restriction}
        edited_elsewhere = of_services | {QuestionOption, DemographicOption, Need, Answer}
        assert set(admin.site._registry) - set(listed) - edited_elsewhere == set()

    def test_the_header_counts_what_waits(self, world, signed_in):
        world.submit(), world.submit(services=[])
        for user in (world.coordinator, world.owners[0]):
            page = signed_in(user).get(reverse("backoffice:account"))
            assert {link.label: link.count for link in page.context["header_links"]}["Referrals"] == 1
            assert '1<span class="visually-hidden"> waiting for you</span>' in page.text


class TestSettings:
    def test_they_say_in_words_how_a_network_is_set(self, world, signed_in):
        ConsentWordingFactory(network=world.network)
        text = signed_in(world.coordinator).get(reverse("backoffice:settings")).text
        assert "A reminder after 2 days without an answer" in text
        assert "1 coordinator<" in text
        assert re.search(r"Version \d+, since", text)

    def test_they_are_for_coordinators(self, world, signed_in):
        for user in (world.owners[0], world.commissioner):
            assert signed_in(user).get(reverse("backoffice:settings")).status_code == 403

    def test_only_ones_own_networks_are_shown(self, world, signed_in):
        other = World(name="Elsewhere")
        assert other.network.name not in signed_in(world.coordinator).get(reverse("backoffice:settings")).text


class TestSystem:
    def test_it_is_for_the_operator_alone(self, world, signed_in):
        for user in (world.coordinator, world.owners[0], world.commissioner):
            assert signed_in(user).get(reverse("backoffice:system")).status_code == 403

    def test_it_says_what_is_wrong_and_what_to_do(self, world, signed_in):
        world.submit()
        Notification.objects.update(first_due_at=timezone.now() - timedelta(hours=3))
        operator = signed_in(User.objects.create_superuser("operator@example.org"))
        page = operator.get(reverse("backoffice:system"))
        unwell = {check.title for check in page.context["checks"] if not check.is_well}
        assert {"Background worker", "E-mail"} <= unwell
        assert "2 waiting to be sent, the oldest since 3" in page.text.replace("\xa0", " ")
        assert "manage.py work" in page.text

    def test_a_worker_that_has_just_finished_something_is_well(self, world, signed_in):
        heartbeats.renew_heartbeat()
        page = signed_in(User.objects.create_superuser("operator@example.org")).get(reverse("backoffice:system"))
        assert next(check for check in page.context["checks"] if check.title == "Background worker").is_well

    @pytest.mark.parametrize("is_full", [False, True])
    def test_a_full_disk_is_told(self, world, signed_in, is_full):
        operator = signed_in(User.objects.create_superuser("operator@example.org"))
        if is_full:
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL temp_file_limit = 0")
        page = operator.get(reverse("backoffice:system"))
        assert ("Make room on its disk" in page.text) is is_full


def test_no_page_holds_inline_scripts_or_styles(ours, signed_in):
    client = signed_in(ours.coordinator)
    pages = ["/backoffice/", f"/backoffice/referrals/?view={ours.referral.reference}"]
    pages += [reverse(f"backoffice:referrals_{name}_add") for name in ("service", "venue", "question", "category")]
    pages += [reverse("backoffice:referrals_service_change", args=[ours.service.pk])]
    for page in pages:
        response = client.get(page)
        assert response.status_code == 200, page
        text = response.text
        assert "<style" not in text
        assert " style=" not in text
        assert "<script>" not in text
        assert " onclick=" not in text
