"""The second factor on its screens: setting up, signing in, and who is held until there is one."""

import re
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import chain

import pytest
import time_machine
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice, default_key
from wagtail.models import PageViewRestriction, Site

from backoffice.middleware import sign_in
from backoffice.sign_in import steps
from backoffice.tests.ways_in import signed_in_in_full
from referrals import accounts
from referrals.models import AccountEvent, Network, User
from referrals.tests import factories as f
from referrals.view_access import is_of_public_site, is_open_to_signed_out, is_open_while_signing_in

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough password"
CODE, RECOVERY, SET_UP = (reverse(f"backoffice:{name}") for name in ("code", "recovery", "second_factor"))


@pytest.fixture
def sam(world) -> User:
    user = f.UserFactory(email="sam@example.org", name="Sam Okoro", password=PASSWORD)
    return f.OrganisationMemberFactory(organisation=world.organisations[0], user=user).user


@pytest.fixture
def app(sam) -> "App":
    return App(sam)


class App:
    """Sam's second factor: the app on the telephone, and the codes in the drawer."""

    def __init__(self, user: User) -> None:
        self.key = default_key()
        code = f"{totp(bytes.fromhex(self.key)):06}"
        self.device, self.recovery_codes = accounts.turn_second_factor_on(user, key=self.key, code=code)
        TOTPDevice.objects.update(last_t=-1)  # as if it had been half a minute ago

    @property
    def code(self) -> str:
        return f"{totp(bytes.fromhex(self.key)):06}"


@pytest.fixture
def required(world) -> Network:
    Network.objects.filter(pk=world.network.pk).update(requires_second_factor=True)
    return world.network


def password_typed(client: Client, **data: str):
    data = {"username": "sam@example.org", "password": PASSWORD, **data}
    return client.post(reverse("backoffice:login"), data)


def is_in(client: Client) -> bool:
    return client.get(reverse("backoffice:index")).status_code == 200


class TestSigningIn:
    def test_the_password_alone_signs_nobody_in(self, client, app):
        response = password_typed(client, next="/r/AAAA-AAAA/")
        assert response.headers["Location"] == f"{CODE}?next=%2Fr%2FAAAA-AAAA%2F"
        assert "_auth_user_id" not in client.session
        assert not is_in(client)

    def test_the_code_does_and_the_page_asked_for_follows(self, client, app):
        password_typed(client)
        before = client.session.session_key
        response = client.post(CODE, {"code": f"{app.code[:3]} {app.code[3:]}", "next": "/r/AAAA-AAAA/"})
        assert response.headers["Location"] == "/r/AAAA-AAAA/"
        assert client.session.session_key != before
        assert is_in(client)

    def test_a_code_is_good_once(self, client, app):
        for browser, status in ((client, 302), (Client(), 200)):
            password_typed(browser)
            assert browser.post(CODE, {"code": app.code}).status_code == status

    def test_a_recovery_code_works_once_and_its_use_is_reported(self, client, app, sam):
        for browser, status in ((client, 302), (Client(), 200)):
            password_typed(browser)
            assert browser.post(RECOVERY, {"code": app.recovery_codes[0]}).status_code == status
        assert is_in(client)
        event = AccountEvent.objects.filter(user=sam).first()
        assert (event.kind, event.notifications.get().recipient) == ("recovery_code_used", sam.email)

    def test_the_password_is_remembered_for_ten_minutes(self, client, app):
        password_typed(client)
        with time_machine.travel(timezone.now() + timedelta(seconds=steps.CODE_TIMEOUT + 1)):
            response = client.post(CODE, {"code": app.code})
            assert response.headers["Location"].startswith(reverse("backoffice:login"))

    @pytest.mark.parametrize("change", [{"is_active": False}, {"session_generation": 7}])
    def test_not_when_the_account_has_changed_meanwhile(self, client, app, sam, change):
        password_typed(client)
        User.objects.filter(pk=sam.pk).update(**change)
        assert client.post(CODE, {"code": app.code}).headers["Location"] == reverse("backoffice:login")
        assert not is_in(client)

    def test_the_code_of_somebody_else_opens_nothing(self, client, app):
        other = App(f.UserFactory())
        password_typed(client)
        assert "This code is wrong" in client.post(CODE, {"code": other.code}).text

    def test_somebody_fully_signed_in_is_not_asked_for_a_code(self, sam, signed_in):
        assert signed_in(sam).get(CODE).headers["Location"] == reverse("backoffice:login")

    @pytest.mark.parametrize("url", [CODE, RECOVERY])
    def test_without_a_password_there_is_nothing_to_type_a_code_for(self, client, app, url):
        assert client.post(url, {"code": app.code}).headers["Location"] == reverse("backoffice:login")

    def test_guessing_has_to_wait_and_is_told_how_long(self, client, app):
        password_typed(client)
        moment = time.time()
        for tries in range(5):
            with time_machine.travel(moment := moment + 2**tries + 1):
                assert "This code is wrong" in client.post(CODE, {"code": "000000"}).text
        with time_machine.travel(moment + 4):
            response = client.post(CODE, {"code": app.code})
            assert response.status_code == 429
            assert re.search(r"wait 1[123] seconds", response.text)
            assert not is_in(client)
        with time_machine.travel(moment + 17):
            assert client.post(CODE, {"code": app.code}).status_code == 302


class TestSettingUp:
    def set_up(self, client: Client, **data: str):
        page = client.get(SET_UP, data)
        key = client.session["second_factor_key"]
        return page, client.post(SET_UP, {"code": f"{totp(bytes.fromhex(key)):06}", **data})

    def test_key_picture_code_and_recovery_codes(self, sam, signed_in):
        client = signed_in(sam)
        page, done = self.set_up(client)
        assert "<svg" in page.text
        assert re.search(r"([A-Z2-7]{4} ){7}[A-Z2-7]{4}", page.text)
        codes = re.findall(r"<code>([a-z2-7]{5}-[a-z2-7]{5})</code>", done.text)
        assert len(codes) == 10
        assert "no-store" in done.headers["Cache-Control"]
        assert accounts.use_recovery_code(sam, codes[3])
        assert is_in(client)

    def test_no_style_and_no_script_is_written_into_the_page(self, sam, signed_in):
        for response in self.set_up(signed_in(sam)):
            assert " style=" not in response.text
            assert "<style" not in response.text
            assert "<script>" not in response.text

    def test_a_wrong_code_leaves_it_off_and_the_key_as_it_was(self, sam, signed_in):
        client = signed_in(sam)
        client.get(SET_UP)
        key = client.session["second_factor_key"]
        assert "This code is wrong" in client.post(SET_UP, {"code": "000000"}).text
        assert client.session["second_factor_key"] == key
        assert not TOTPDevice.objects.exists()

    def test_after_ten_minutes_the_password_is_asked_for_again(self, sam, signed_in):
        client = signed_in(sam)
        client.get(SET_UP)
        code = f"{totp(bytes.fromhex(client.session['second_factor_key'])):06}"
        with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=False):
            assert 'name="password"' in client.get(SET_UP).text
            code = f"{totp(bytes.fromhex(client.session['second_factor_key'])):06}"
            assert "not your password" in client.post(SET_UP, {"code": code, "password": "guess"}).text
            assert client.post(SET_UP, {"code": code, "password": PASSWORD}).status_code == 200
        assert TOTPDevice.objects.filter(user=sam).exists()

    def test_other_browsers_that_are_signed_in_are_asked_for_the_code(self, sam, signed_in):
        here, elsewhere = signed_in(sam), signed_in(sam)
        self.set_up(here)
        assert is_in(here)
        response = elsewhere.get(reverse("backoffice:referrals"))
        assert response.headers["Location"] == f"{CODE}?next=%2Fbackoffice%2Freferrals%2F"


class TestLookingAfterIt:
    @pytest.fixture
    def client(self, client, app):
        password_typed(client)
        client.post(CODE, {"code": app.code})
        return client

    def test_the_page_says_how_many_recovery_codes_are_left(self, client, sam, app):
        accounts.use_recovery_code(sam, app.recovery_codes[0])
        assert "You have 9 recovery codes left" in client.get(reverse("backoffice:account")).text

    def test_new_recovery_codes_are_a_click_and_a_confirmation(self, client, sam, app):
        url = reverse("backoffice:recovery_codes")
        assert "stop working" in client.get(url).text
        assert "Keep your recovery codes" in client.post(url).text
        assert accounts.use_recovery_code(sam, app.recovery_codes[0]) is None

    def test_turning_it_off(self, client, sam):
        assert client.get(reverse("backoffice:second_factor_off")).status_code == 200
        assert accounts.second_factor_of(sam).is_on
        client.post(reverse("backoffice:second_factor_off"))
        assert not accounts.second_factor_of(sam).is_on

    def test_not_while_a_network_asks_for_it(self, client, sam, required):
        assert reverse("backoffice:second_factor_off") not in client.get(reverse("backoffice:account")).text
        assert "stays on" in client.post(reverse("backoffice:second_factor_off")).text
        assert accounts.second_factor_of(sam).is_on

    def test_an_hour_later_the_password_is_asked_for(self, client, sam):
        with time_machine.travel(timezone.now() + timedelta(minutes=30)):
            client.post(reverse("backoffice:second_factor_off"))
        assert accounts.second_factor_of(sam).is_on


PLACES = [
    "/backoffice/",
    "/backoffice/referrals/",
    "/cms/",
    "/cms/pages/",
    "/r/AAAA-AAAA/",
    "/backoffice/no-such-page/",
]


class TestWhoIsHeld:
    @pytest.mark.parametrize("place", PLACES)
    def test_whoever_needs_one_and_has_none_is_brought_to_set_it_up(self, sam, required, signed_in, place):
        response = signed_in(sam).get(place)
        assert response.status_code == 302
        assert response.headers["Location"].startswith(f"{SET_UP}?next=")

    @pytest.mark.parametrize("place", PLACES)
    def test_whoever_has_one_is_brought_to_type_the_code(self, sam, app, signed_in, place):
        assert signed_in(sam).get(place).headers["Location"].startswith(f"{CODE}?next=")

    def test_every_address_that_is_not_named_as_open_is_held(self, sam, required, signed_in, rf):
        """Walk the whole URL configuration: what is added tomorrow is held tomorrow."""
        client = signed_in(sam)
        request = rf.get("/backoffice/")
        request.COOKIES["sessionid"] = client.session.session_key
        request.session, request.user = client.session, sam
        sam.is_verified = lambda: False
        hold, tried = sign_in.SecondFactorMiddleware(lambda request: None), 0
        for name, view in named_views(get_resolver()):
            if not is_open_while_signing_in(view):
                assert hold.process_view(request, view, [], {}).status_code == 302, name
                tried += 1
        assert tried > 150

    def test_public_pages_for_signed_in_readers_need_the_second_factor_too(self, sam, required, signed_in):
        home = Site.objects.get().root_page
        PageViewRestriction.objects.create(page=home, restriction_type="login")
        held = signed_in(sam).get("/", follow=True).redirect_chain
        assert held[0][0].startswith(f"{reverse('backoffice:login')}?next=")
        assert held[-1][0].startswith(SET_UP)
        assert signed_in_in_full(sam).get("/").status_code == 200

    def test_what_is_open_is_a_short_list(self):
        views = named_views(get_resolver())
        of_the_site = {name for name, view in views if is_of_public_site(view)}
        site = [named_views(get_resolver(module)) for module in ("directory_site.urls", "directory_site.file_urls")]
        assert {*(name for name, _ in chain(*site)), "wagtail_serve"} == of_the_site
        assert {name for name, _ in views} >= sign_in.BACKGROUND_VIEWS
        for is_open, also in (
            (is_open_while_signing_in, {"backoffice:second_factor"}),
            (is_open_to_signed_out, {"join", "stop_digest"}),
        ):
            assert {name for name, view in views if is_open(view)} - of_the_site == {
                "backoffice:code",
                "backoffice:login",
                "backoffice:logout",
                "backoffice:recovery",
                "backoffice:session",
                "healthz",
                "leave_form",
                "media",
                "password_reset",
                "password_reset_confirm",
                "referral_form",
                "referral_form_link",
                "referral_form_try",
                "referral_sent",
                *also,
            }

    def test_changes_are_held_as_well(self, world, sam, required, signed_in):
        client = signed_in(sam)
        response = client.post(
            reverse("backoffice:referrals_service_add"), HTTP_REFERER="http://testserver/backoffice/x/"
        )
        assert response.headers["Location"] == f"{SET_UP}?next=%2Fbackoffice%2Fx%2F"

    def test_afterwards_the_page_wanted_follows(self, sam, required, signed_in):
        client = signed_in(sam)
        page = client.get("/backoffice/referrals/", follow=True)
        assert "asks everybody" in page.text
        key = client.session["second_factor_key"]
        done = client.post(
            SET_UP, {"code": f"{totp(bytes.fromhex(key)):06}", "next": "/backoffice/referrals/"}, follow=True
        )
        assert 'href="/backoffice/referrals/"' in done.text
        assert client.get("/backoffice/referrals/").status_code == 200

    def test_the_public_form_and_signing_out_stay_open(self, world, sam, required, signed_in):
        client = signed_in(sam)
        assert client.get(reverse("referral_form", args=[world.network.slug])).status_code == 200
        assert client.post(reverse("backoffice:logout")).headers["Location"] == reverse("backoffice:login")

    def test_coordinators_commissioners_and_operators_are_held_too(self, world, required, signed_in):
        operator = User.objects.create_superuser("operator@example.org", PASSWORD)
        for user in (world.coordinator, world.commissioner, operator):
            assert signed_in(user).get("/backoffice/").headers["Location"].startswith(SET_UP)

    def test_people_of_other_networks_are_not(self, required, signed_in):
        assert is_in(signed_in(f.NetworkRoleFactory().user))


def named_views(resolver, namespace: str = "") -> list[tuple[str, Callable]]:
    views = []
    for pattern in resolver.url_patterns:
        if hasattr(pattern, "url_patterns"):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            views += named_views(pattern, inner)
        else:
            views.append((f"{namespace}{pattern.name}" if pattern.name else "", pattern.callback))
    return views


class TestLostTelephones:
    @pytest.fixture
    def operator(self) -> User:
        return User.objects.create_superuser("operator@example.org", PASSWORD)

    def off(self, user: User) -> str:
        return reverse("backoffice:user_second_factor_off", args=[user.pk])

    def test_an_operator_turns_it_off_after_a_confirmation(self, sam, app, operator, signed_in):
        client = signed_in(operator)
        assert self.off(sam) in client.get(reverse("backoffice:referrals_user_change", args=[sam.pk])).text
        assert "Turn off the second factor of Sam Okoro?" in client.get(self.off(sam)).text
        assert accounts.second_factor_of(sam).is_on
        assert client.post(self.off(sam), {"password": "wrong"}).status_code == 200
        assert accounts.second_factor_of(sam).is_on
        response = client.post(self.off(sam), {"password": PASSWORD}, follow=True)
        assert "no longer has a second factor" in response.text
        assert not accounts.second_factor_of(sam).is_on
        event = AccountEvent.objects.filter(user=sam).first()
        assert (event.kind, event.actor) == ("second_factor_off", operator)

    def test_nobody_else_does(self, world, sam, app, signed_in):
        for user in (world.coordinator, world.owners[0], world.commissioner):
            client = signed_in(user)
            assert client.post(self.off(sam)).status_code == 403
            page = client.get(reverse("backoffice:referrals_user_change", args=[sam.pk]))
            assert self.off(sam) not in page.text
        assert accounts.second_factor_of(sam).is_on

    def test_there_is_nothing_to_turn_off_where_there_is_none(self, sam, operator, signed_in):
        client = signed_in(operator)
        assert self.off(sam) not in client.get(reverse("backoffice:referrals_user_change", args=[sam.pk])).text
        assert "no second factor to turn off" in client.post(self.off(sam), {"password": PASSWORD}, follow=True).text

    def test_the_user_is_told_of_a_password_set_by_an_operator(self, sam, operator, signed_in):
        data = {
            "name": sam.name,
            "email": sam.email,
            "is_active": "on",
            "is_staff": "on",
            "new_password": "three odd words",
            "your_password": PASSWORD,
        }
        signed_in(operator).post(reverse("backoffice:referrals_user_change", args=[sam.pk]), data)
        assert User.objects.get(pk=sam.pk).check_password("three odd words")
        event = AccountEvent.objects.get(user=sam)
        assert (event.kind, event.actor, event.notifications.count()) == ("password_changed", operator, 1)
