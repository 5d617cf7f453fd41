"""The site itself: who gets in, what it registers, what it shows first."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse
from django.utils import timezone

from backoffice.scoped_admin.admin import ScopedAdmin
from backoffice.scoped_admin.checks import find_unscoped
from backoffice.scoped_admin.inlines import ScopedInline
from backoffice.site import BackofficeSite
from referrals import heartbeats, tasks, workflow
from referrals.models import Notification, OpeningHours, Service, User, Venue
from referrals.tests.worlds import held_by, only_strand

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


class TestStart:
    def test_an_organisation_finds_its_offers(self, world, signed_in):
        referral = world.submit()
        text = signed_in(world.owners[0]).get(reverse("backoffice:index")).text
        assert "1 referral waits for your answer" in text
        assert f"?view={referral.reference}#viewing" in text
        assert "Maya" not in text
        assert referral.reference not in signed_in(world.owners[1]).get(reverse("backoffice:index")).text

    def test_a_coordinator_finds_what_needs_one(self, world, signed_in):
        without = world.submit(services=[])
        silent = world.submit()
        late = timezone.now() + timedelta(days=6)
        offer = held_by(only_strand(silent))
        workflow.remind(offer.pk, at=late)
        workflow.lapse(offer.pk, at=late + timedelta(days=2))
        text = signed_in(world.coordinator).get(reverse("backoffice:index")).text
        assert "2 need a coordinator" in text
        assert without.reference in text
        assert silent.reference in text

    def test_a_coordinator_is_told_of_messages_that_did_not_go_out(self, world, signed_in):
        world.submit()
        first, second = Notification.objects.order_by("pk")
        Notification.objects.filter(pk=first.pk).update(status="failed")
        Notification.objects.filter(pk=second.pk).update(first_due_at=timezone.now() - timedelta(hours=1))
        text = signed_in(world.coordinator).get(reverse("backoffice:index")).text
        assert "1 message could not be sent" in text
        assert "1 message should have been sent by now" in text
        assert "could not be sent" not in signed_in(world.owners[0]).get(reverse("backoffice:index")).text

    def test_without_a_mail_server_those_who_can_act_are_told(self, world, signed_in, settings):
        settings.EMAIL_BACKEND, settings.SMTP_HOST = "django.core.mail.backends.dummy.EmailBackend", ""
        world.submit()
        tasks.sweep_outbox()
        told = "2 messages</a> are kept here."

        def start_page(user) -> str:
            return signed_in(user).get(reverse("backoffice:index")).text

        assert f"{told} Tell whoever runs" in start_page(world.coordinator)
        assert told not in start_page(world.owners[0])
        settings.SMTP_HOST = "none"
        assert told not in start_page(world.coordinator)
        assert "Nothing at the moment" in start_page(world.coordinator)

    def test_operators_see_how_much_waits(self, world, signed_in):
        world.submit()
        heartbeats.renew_heartbeat()
        operator = signed_in(User.objects.create_superuser("operator@example.org"))
        page = operator.get(reverse("backoffice:referrals_heartbeat_changelist"))
        assert "Waiting: 2 tasks, 2 messages" in page.text

    def test_sections_are_those_of_ones_role(self, world, signed_in):
        def sections(user) -> list[str]:
            return [section.title for section in signed_in(user).get(reverse("backoffice:index")).context["sections"]]

        world.submit()
        own = ["Referrals", "Your services", "All organisations", "People"]
        assert sections(world.owners[0]) == own
        own[1] = "Services"
        assert sections(world.coordinator) == [*own, "Network settings", "Operation"]
        assert sections(world.commissioner) == ["Services", "All organisations"]

    def test_somebody_without_a_network_is_told_what_to_do(self, signed_in):
        nobody = User.objects.create_user("nobody@example.org")
        assert "You do not belong to a network" in signed_in(nobody).get(reverse("backoffice:index")).text

    def test_every_link_of_the_start_page_opens(self, world, signed_in):
        world.submit()
        for user in (world.coordinator, world.owners[0], world.commissioner):
            client = signed_in(user)
            context = client.get(reverse("backoffice:index")).context
            links = [link for section in context["sections"] for link in section.links] + context["header_links"]
            for address in {address for link in links for address in (link.url, link.add_url) if address}:
                assert client.get(address).status_code == 200, (user, address)


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
