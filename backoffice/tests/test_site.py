"""The site itself: who gets in, what it registers, what it shows first."""

import re
from datetime import timedelta

import pytest
from django.contrib import admin
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django_q.models import Schedule

from backoffice.scoped_admin.admin import ScopedAdmin
from backoffice.scoped_admin.checks import find_unscoped
from backoffice.scoped_admin.inlines import ScopedInline
from backoffice.site import BackofficeSite
from referrals import heartbeats
from referrals.enums import Role
from referrals.models import (
    Category,
    NetworkRole,
    Notification,
    OpeningHours,
    OrganisationMember,
    Service,
    User,
    Venue,
)
from referrals.tests.factories import ConsentWordingFactory, OrganisationFactory
from referrals.tests.worlds import World

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

    def test_a_wrong_password_is_explained_without_blame(self, client):
        response = client.post(reverse("backoffice:login"), {"username": "x@example.org", "password": "x"})
        assert "This e-mail and password do not match" in response.text

    def test_those_who_may_not_open_the_back_office_stay_outside(self, signed_in):
        reader = User.objects.create_user("reader@example.org", is_staff=False)
        response = signed_in(reader).get(reverse("backoffice:index"))
        assert response.headers["Location"].startswith(reverse("backoffice:login"))


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

    def test_an_operator_finds_the_network_of_their_workplace_whatever_their_role(self, world, signed_in):
        World(name="Elsewhere")
        operator = User.objects.create_superuser("operator@example.org")
        alone = OrganisationFactory(name="In no network")
        for organisation in (world.organisations[0], alone):
            OrganisationMember.objects.create(organisation=organisation, user=operator)
        client = signed_in(operator)

        def shown(workplace: str) -> list:
            client.post(reverse("backoffice:switch"), {"workplace": workplace})
            return [network for network, *_ in client.get(reverse("backoffice:settings")).context["networks"]]

        assert len(shown("")) == 2
        assert shown(f"{world.organisations[0].pk}-{world.network.pk}") == [world.network]
        assert shown(f"{alone.pk}-") == []
        assert "is in no network now" in client.get(reverse("backoffice:settings")).text

    def test_each_link_leads_to_what_is_of_its_network_even_if_that_is_nothing(self, world, signed_in):
        other = World(name="Elsewhere").network
        NetworkRole.objects.create(network=other, user=world.coordinator, role=Role.COORDINATOR)
        client = signed_in(world.coordinator)
        for emptied in (Category.objects.none(), other.categories.all(), world.network.categories.all()):
            emptied.delete()
            for network, _, settings in client.get(reverse("backoffice:settings")).context["networks"]:
                (link,) = [setting.url for setting in settings if setting.title == "Categories"]
                page = client.get(link)
                assert set(page.context["cl"].result_list) == set(network.categories.all())
        assert "Add the first one" in page.text


class TestSystem:
    def test_it_is_for_the_operator_alone(self, world, signed_in):
        for user in (world.coordinator, world.owners[0], world.commissioner):
            assert signed_in(user).get(reverse("backoffice:system")).status_code == 403

    def test_it_says_what_is_wrong_and_what_to_do(self, world, signed_in):
        world.submit()
        Notification.objects.update(first_due_at=timezone.now() - timedelta(hours=3))
        Schedule.objects.all().delete()
        operator = signed_in(User.objects.create_superuser("operator@example.org"))
        page = operator.get(reverse("backoffice:system"))
        unwell = {check.title for check in page.context["checks"] if not check.is_well}
        assert {"Background worker", "E-mail"} <= unwell
        assert "2 waiting to be sent, the oldest for 3" in page.text.replace("\xa0", " ")
        assert "There are none: no reminder is sent." in page.text
        assert "Nobody is refused just now" in page.text
        assert "manage.py work" in page.text

    def test_a_worker_that_has_just_finished_something_is_well(self, world, signed_in):
        heartbeats.renew_heartbeat()
        page = signed_in(User.objects.create_superuser("operator@example.org")).get(reverse("backoffice:system"))
        worker = next(check for check in page.context["checks"] if check.title == "Background worker")
        assert (worker.is_well, worker.now) == (True, "It last finished a task just now.")

    @pytest.mark.parametrize("is_full", [False, True])
    def test_a_full_disk_is_reported(self, world, signed_in, is_full):
        operator = signed_in(User.objects.create_superuser("operator@example.org"))
        if is_full:
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL temp_file_limit = 0")
        page = operator.get(reverse("backoffice:system"))
        assert ("Free some disk space" in page.text) is is_full


def test_no_page_holds_inline_scripts_or_styles(ours, signed_in):
    client = signed_in(ours.coordinator)
    pages = ["/backoffice/", f"/backoffice/referrals/?view={ours.referral.reference}"]
    pages += [reverse(f"backoffice:referrals_{name}_add") for name in ("service", "venue", "demographic", "category")]
    pages += [reverse("backoffice:referrals_service_change", args=[ours.service.pk])]
    for page in pages:
        response = client.get(page)
        assert response.status_code == 200, page
        text = response.text
        assert "<style" not in text
        assert " style=" not in text
        assert "<script>" not in text
        assert " onclick=" not in text
