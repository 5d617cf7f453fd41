"""Rows and people for tests that walk through many pages in a browser."""

from django.apps import apps
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Page as BrowserPage
from wagtail.coreutils import get_supported_content_language_variant
from wagtail.models import Collection, Locale, Site
from wagtail.models import Page as SitePage

from backoffice.tests.tenants import Tenant
from referrals import accounts, notifications, workflow
from referrals.digests import week_of
from referrals.enums import OrganisationRole
from referrals.models import Digest, NetworkMembership, OrganisationMember, Service, User
from referrals.notification_kinds import NotificationKind
from referrals.notifications.account_context import password_reset_link
from referrals.notifications.links import STOP_SIGNER
from referrals.tests import factories as f
from referrals.tests.browsers import give_session
from referrals.tests.worlds import World, live_on, only_strand

PASSWORD = "a long enough password"


class Scene:
    """A tenant with a row of every model, and beside it a referral that is offered and not answered yet."""

    def __init__(self) -> None:
        self.tenant = Tenant("Northside")
        self.world = World(needs=2, name="Westside")
        self.offered, self.again = self.world.submit(), self.world.submit(services=[])
        workflow.say_same(self.offered.pk, self.again.pk, actor=self.world.coordinator, is_same=True)
        self.world.submit(services=[])
        self.offer = live_on(only_strand(self.offered))
        front_page()
        self.listed = self.world.services[0]
        Service.objects.filter(pk=self.listed.pk).update(is_public=True)
        self.people = {
            "insider": self.tenant.insider,
            "asked": self.world.owners[0],
            "coordinator of one person's two referrals": self.world.coordinator,
            "coordinator": self.tenant.coordinator,
            "operator": User.objects.create_superuser("operator@example.org", name="Olive Operator"),
            "commissioner": self.tenant.commissioner,
            "editor": self.tenant.editor,
            "somebody of two": self.tenant.outsider,
        }
        f.OrganisationMemberFactory(organisation=self.world.organisations[1], user=self.tenant.outsider)
        for person in self.people.values():
            person.set_password(PASSWORD)
            person.save()
        self.awaiting = accounts.invite_colleague(
            self.tenant.asked.pk,
            actor=self.tenant.coordinator,
            email="new@pantry.example",
            role=OrganisationRole.MEMBER,
        )

    @property
    def member(self) -> OrganisationMember:
        return OrganisationMember.objects.get(user=self.tenant.insider)

    @property
    def membership(self) -> NetworkMembership:
        return NetworkMembership.objects.get(organisation=self.tenant.asked)

    @property
    def reset(self) -> list[str]:
        """What stands in the address of a mailed link to a new password."""
        return password_reset_link(self.tenant.insider).rstrip("/").split("/")[-2:]

    @property
    def stop_token(self) -> str:
        """What stands in the address that stops a weekly summary."""
        asked = self.tenant.asked
        digest, _ = Digest.objects.get_or_create(organisation=asked, week=week_of(timezone.now()))
        sent = notifications.record(digest, NotificationKind.ORGANISATION_DIGEST, asked.email)
        return STOP_SIGNER.sign(sent.pk)

    @property
    def on_case(self) -> list:
        return [self.tenant.referral.reference, self.tenant.assignment.pk]

    @property
    def on_strand(self) -> list:
        return [self.tenant.referral.reference, self.tenant.assignment.strand_id]

    @property
    def on_offer(self) -> list:
        return [self.offered.reference, self.offer.pk]


def front_page() -> SitePage:
    """Return the public site's front page. Tests in a browser empty all tables behind them, so that it may have to be
    made again, with a site that shows every network."""
    HomePage = apps.get_model("directory_site", "HomePage")
    if HomePage.objects.exists():
        return Site.objects.get(is_default_site=True).root_page
    Locale.objects.get_or_create(language_code=get_supported_content_language_variant(settings.LANGUAGE_CODE))
    Collection.add_root(name="Root")
    home = SitePage.add_root(title="Root", slug="root").add_child(instance=HomePage(title="Help near you", slug="home"))
    site = Site.objects.create(hostname="localhost", site_name="Northside", root_page=home, is_default_site=True)
    apps.get_model("directory_site", "PublicSite").objects.create(site=site, shows_all_networks=True)
    return home


def sign_in(page: BrowserPage, site: str, person: User, *, then: str = "/backoffice/") -> None:
    give_session(page.context, site, person)
    page.goto(f"{site}{then}")
