"""What content editors may do in the CMS, and what becomes of it."""

import re

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse
from wagtail.models import GroupPagePermission, Page, Task, TaskState, Workflow
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from directory_site.cms.editors import GROUP, editors_group
from directory_site.models import GuidanceIndexPage, GuidancePage, PlainPage, PublicSite, SynonymGroup
from directory_site.tests.made_sites import made_site
from referrals.enums import Role
from referrals.models import User
from referrals.tests import factories as f
from referrals.tests.stock import stock_image

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_site")]


@pytest.fixture
def site() -> PublicSite:
    return made_site()


@pytest.fixture
def editor(site) -> Client:
    return signed_in(f.NetworkRoleFactory(role=Role.EDITOR).user)


@pytest.fixture
def writer(site) -> User:
    """Somebody who writes but does not publish: Wagtail's own group for that."""
    user = f.UserFactory(email="writer@example.org")
    user.groups.add(Group.objects.get(name="Editors"))
    return user


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def article(title: str = "If you are cold", **fields: object) -> dict[str, str]:
    """Return what the form of a guidance page sends."""
    words = {
        "title": title,
        "slug": "cold",
        "summary": "What to do when the heating is off.",
        "body": streamfield([("paragraph", rich_text("<p>Ring your supplier.</p>"))]),
        "related": streamfield([]),
        "comments": {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 0},
    }
    return nested_form_data(words | fields)


def write(client: Client, action: str = "", **fields: object):
    parent = GuidanceIndexPage.objects.get()
    address = reverse("wagtailadmin_pages:add", args=["directory_site", "guidancepage", parent.pk])
    return client.post(address, article(**fields) | ({action: "1"} if action else {}))


def settings_address(site: PublicSite) -> str:
    return reverse("wagtailsettings:edit", args=["directory_site", "publicsite", site.site_id])


class TestRights:
    def test_everything_that_editors_keep_opens_for_them(self, editor, site):
        page = Page.objects.get(slug="about")
        synonym = SynonymGroup.objects.first()
        for address in (
            reverse("wagtailadmin_home"),
            reverse("wagtailadmin_explore", args=[page.get_parent().pk]),
            reverse("wagtailadmin_pages:edit", args=[page.pk]),
            reverse("wagtailimages:index"),
            reverse("wagtailimages:add_multiple"),
            reverse("wagtaildocs:index"),
            settings_address(site),
            reverse(SynonymGroup.snippet_viewset.get_url_name("list")),
            reverse(SynonymGroup.snippet_viewset.get_url_name("edit"), args=[synonym.pk]),
            reverse("wagtailredirects:index"),
            reverse("wagtailredirects:add"),
        ):
            assert editor.get(address).status_code == 200, address

    def test_sites_workflows_and_collections_are_the_operators(self, editor):
        for name in ("wagtailsites:index", "wagtailadmin_workflows:index", "wagtailadmin_collections:index"):
            assert editor.get(reverse(name)).status_code == 302

    def test_a_group_that_was_thrown_away_is_made_again_with_the_same_rights(self):
        group = Group.objects.get(name=GROUP)

        def rights(group: Group) -> set[tuple]:
            on_pages = GroupPagePermission.objects.filter(group=group).values_list("permission__codename", flat=True)
            on_files = group.collection_permissions.values_list("permission__codename", flat=True)
            of_all = group.permissions.values_list("codename", flat=True)
            return {("page", *on_pages.order_by("permission")), *on_files, *of_all}

        before = rights(group)
        group.delete()
        assert rights(editors_group()) == before

    def test_a_right_that_was_taken_away_stays_away(self):
        group = editors_group()
        group.permissions.remove(Permission.objects.get(codename="change_publicsite"))
        assert not editors_group().permissions.filter(codename="change_publicsite").exists()

    def test_nobody_else_gets_in(self, site):
        for role in (Role.COORDINATOR, Role.COMMISSIONER):
            client = signed_in(f.NetworkRoleFactory(role=role).user)
            assert client.get(settings_address(site)).status_code == 302
            assert client.get(reverse("wagtailadmin_home")).status_code == 302

    def test_the_menu_has_what_there_is_to_do(self, editor):
        html = editor.get(reverse("wagtailadmin_home")).content.decode()
        assert "Search words" in html
        assert '"snippets"' not in html
        assert '"users"' not in html


class TestSettings:
    def form(self, **fields: object) -> dict[str, str]:
        words = {
            "tagline": "Together",
            "brand_colour": "",
            "footer_text": rich_text("<p>Ours</p>"),
            "contact_email": "",
            "urgent_help": streamfield([]),
            "leave_address": "https://www.bbc.co.uk/weather",
            "header_menu": streamfield([]),
            "footer_menu": streamfield([]),
        }
        return nested_form_data(words | fields)

    def test_an_editor_sets_the_look_but_not_whose_services_are_shown(self, editor, site):
        network = f.NetworkFactory(name="Somebody else's network")
        html = editor.get(settings_address(site)).content.decode()
        assert network.name not in html
        posted = self.form(brand_colour="#5b2a86") | {"shows_all_networks": "", "networks": [str(network.pk)]}
        assert editor.post(settings_address(site), posted).status_code == 302
        site.refresh_from_db()
        assert (site.tagline, site.brand_colour, site.shows_all_networks) == ("Together", "#5b2a86", True)
        assert not site.networks.exists()

    def test_the_operator_does(self, site):
        network = f.NetworkFactory()
        operator = signed_in(User.objects.create_superuser("operator@example.org"))
        assert network.name in operator.get(settings_address(site)).content.decode()
        operator.post(settings_address(site), self.form() | {"networks": [str(network.pk)]})
        site.refresh_from_db()
        assert not site.shows_all_networks
        assert list(site.shown_networks) == [network]

    def test_a_pale_colour_is_refused_in_words(self, editor, site):
        html = editor.post(settings_address(site), self.form(brand_colour="#ffcc00")).content.decode()
        assert re.search(r"contrast .* is 1\.\d to 1", html)
        site.refresh_from_db()
        assert site.brand_colour == ""

    def test_a_menu_with_more_than_fits_is_refused(self, editor, site):
        links = [("link", {"label": f"Link {n}", "page": "", "address": "/about/"}) for n in range(7)]
        html = editor.post(settings_address(site), self.form(header_menu=streamfield(links))).content.decode()
        assert "The maximum number of items is 6" in html


class TestSearchWords:
    def add(self, editor: Client, words: str) -> str:
        address = reverse(SynonymGroup.snippet_viewset.get_url_name("add"))
        return editor.post(address, {"words": words}, follow=True).content.decode()

    def test_an_editor_adds_and_finds_them(self, editor):
        self.add(editor, "Hampers,  Christmas  boxes")
        assert SynonymGroup.objects.get(words__contains="hampers").terms == ["hampers", "christmas boxes"]
        listing = reverse(SynonymGroup.snippet_viewset.get_url_name("list"))
        html = editor.get(listing, {"q": "hampers"}).content.decode()
        assert "hampers, christmas boxes" in html
        assert "council tax" not in html

    def test_a_word_that_is_there_already_is_refused(self, editor):
        before = SynonymGroup.objects.count()
        assert "is in another group already" in self.add(editor, "foodbank, hamper")
        assert SynonymGroup.objects.count() == before


class TestPages:
    def test_a_draft_is_not_public_until_it_is_published(self, editor):
        assert write(editor).status_code == 302
        page = GuidancePage.objects.get(slug="cold")
        assert not page.live
        assert Client().get("/guidance/cold/").status_code == 404
        editor.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), article() | {"action-publish": "1"})
        assert b"Ring your supplier." in Client().get("/guidance/cold/").content

    # Wagtail leaves the temporary file of a rendition to the garbage collector.
    @pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
    def test_a_picture_is_described_before_it_is_published(self, editor):
        picture = stock_image().pk
        refused = write(editor, "action-publish", picture=str(picture))
        assert b"tick below that it is only decoration" in refused.content
        assert write(editor, picture=str(picture)).status_code == 302
        assert (
            write(editor, "action-publish", slug="warm", picture=str(picture), picture_alt="A hall").status_code == 302
        )
        assert list(GuidancePage.objects.filter(slug__in=("cold", "warm"), live=True)) == [
            GuidancePage.objects.get(slug="warm")
        ]

    def test_a_renamed_page_keeps_its_old_address(self, editor, django_capture_on_commit_callbacks):
        page = GuidancePage.objects.get(slug="money-and-debt")
        page.slug = "money"
        with django_capture_on_commit_callbacks(execute=True):
            page.save_revision().publish()
        answer = Client().get("/guidance/money-and-debt/?utm_source=leaflet")
        assert (answer.status_code, answer["Location"]) == (301, "/guidance/money/")

    def test_so_do_those_below_a_page_that_moves(self, site):
        about, privacy = PlainPage.objects.get(slug="about"), PlainPage.objects.get(slug="privacy")
        about.add_child(instance=PlainPage(title="How we work", slug="how"))
        PlainPage.objects.get(slug="about").move(privacy, pos="last-child")
        answers = [Client().get(path) for path in ("/about/", "/about/how/")]
        assert [(answer.status_code, answer["Location"]) for answer in answers] == [
            (301, "/privacy/about/"),
            (301, "/privacy/about/how/"),
        ]

    def test_editors_send_other_addresses_on(self, editor, site):
        page = Page.objects.get(slug="no-food-today")
        sent = {"old_path": "/foodbanks", "redirect_page": str(page.pk), "redirect_link": "", "site": ""}
        assert editor.post(reverse("wagtailredirects:add"), sent).status_code == 302
        answer = Client().get("/foodbanks/")
        assert (answer.status_code, answer["Location"]) == (302, "/guidance/no-food-today/")


class TestModeration:
    def test_what_a_writer_submits_an_editor_approves(self, writer, editor, site, mailoutbox):
        client = signed_in(writer)
        assert (
            b"action-publish"
            not in client.get(reverse("wagtailadmin_pages:edit", args=[Page.objects.get(slug="about").pk])).content
        )
        assert write(client, "action-submit").status_code == 302
        page = GuidancePage.objects.get(slug="cold")
        assert not page.live
        state = TaskState.objects.get(workflow_state__object_id=str(page.pk))
        assert state.task.specific.groups.get().name == GROUP
        address = reverse("wagtailadmin_pages:workflow_action", args=[page.pk, "approve", state.pk])
        assert signed_in(writer).post(address).status_code == 302
        assert not GuidancePage.objects.get(pk=page.pk).live
        assert editor.post(address).status_code == 302
        assert GuidancePage.objects.get(pk=page.pk).live

    def test_the_workflow_covers_every_site(self):
        assert Workflow.objects.get().workflow_pages.get().page.is_root()
        assert Task.objects.get().active
