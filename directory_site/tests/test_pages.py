"""What each kind of page shows, and where it may stand."""

import re
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page

from directory_site.models import (
    ContactPage,
    DirectoryPage,
    GuidanceIndexPage,
    GuidancePage,
    HomePage,
    PlainPage,
)
from directory_site.tests.made_sites import listed, made_site, second_site
from referrals.tests import factories as f
from referrals.tests.stock import stock_image

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_site")]

BELOW = {
    HomePage: {DirectoryPage, GuidanceIndexPage, PlainPage, ContactPage},
    DirectoryPage: set(),
    GuidanceIndexPage: {GuidancePage},
    GuidancePage: set(),
    PlainPage: {PlainPage},
    ContactPage: set(),
}


@pytest.mark.parametrize("model", BELOW)
def test_pages_stand_only_where_they_make_sense(model):
    assert set(model.allowed_subpage_models()) == BELOW[model]


def test_a_site_has_one_directory_and_one_contact_page():
    home = made_site().site.root_page
    assert not DirectoryPage.can_create_at(home)
    assert not ContactPage.can_create_at(home)
    assert PlainPage.can_create_at(home)


@pytest.mark.parametrize(
    "path", ["/", "/directory/", "/guidance/", "/guidance/money-and-debt/", "/about/", "/contact/"]
)
def test_every_kind_can_be_looked_at_before_it_is_published(path):
    made_site()
    slug = path.strip("/").rpartition("/")[2] or "home"
    page = Page.objects.get(slug=slug).specific
    page.title = "Not published yet"
    response = page.make_preview_request()
    assert "Not published yet" in response.render().content.decode()


def tiles(host: str = "localhost") -> list[tuple[str, str, str]]:
    """Return category, name and what is below it, of each tile of the front page."""
    html = Client().get("/", headers={"host": host}).content.decode()
    found = re.findall(
        r'<a class="tile" href="/directory/\?category=([\w-]+)"><strong>([^<]*)</strong>(?:<span>([^<]*)</span>)?', html
    )
    return [(slug, name, below.replace("&nbsp;", " ")) for slug, name, below in found]


class TestHome:
    def test_it_asks_first(self, client):
        made_site()
        html = client.get("/").content.decode()
        form = html.partition('<form class="search-form"')[2].partition("</form>")[0]
        assert 'action="/directory/" method="get"' in form
        assert re.findall(r'name="(\w+)"', form) == ["q", "place"]
        assert html.index("search-form") < html.index("urgent-band")

    def test_categories_are_those_under_which_something_is_listed(self):
        network = f.NetworkFactory()
        food = f.CategoryFactory(network=network, name="Food", slug="food", position=2)
        meals = f.CategoryFactory(network=network, name="Meals", slug="meals", parent=food)
        lunch = f.CategoryFactory(network=network, name="Lunch clubs", slug="lunch", parent=meals)
        money = f.CategoryFactory(network=network, name="Money", slug="money", position=1)
        f.CategoryFactory(network=network, name="Transport", slug="transport")
        hidden = f.CategoryFactory(network=network, name="Hidden", slug="hidden")
        made_site(network)
        assert tiles() == []
        listed(network, "Lunch", categories=[lunch])
        listed(network, "Debts", categories=[money])
        f.ServiceFactory(network=network, categories=[hidden])
        listed(network, "Paused", categories=[hidden], paused_at=timezone.now())
        assert tiles() == [("money", "Money", ""), ("food", "Food", "Meals")]

    def test_at_most_three_below_are_named(self):
        network = f.NetworkFactory()
        food = f.CategoryFactory(network=network, name="Food", slug="food")
        for position, name in enumerate(("One", "Two", "Three", "Four")):
            below = f.CategoryFactory(network=network, name=name, slug=name.lower(), parent=food, position=position)
            listed(network, name, categories=[below])
        made_site(network)
        assert tiles() == [("food", "Food", "One · Two · Three …")]

    def test_a_category_of_the_same_name_in_two_networks_is_one(self):
        networks = [f.NetworkFactory(), f.NetworkFactory()]
        for network in networks:
            listed(network, "Pantry", "food")
        made_site(*networks)
        assert tiles() == [("food", "Food", "")]

    def test_the_forms_are_those_of_networks_that_take_referrals(self, client):
        network, silent = f.NetworkFactory(name="Northside"), f.NetworkFactory(name="Silent")
        f.ConsentWordingFactory.create_batch(2, network=network)
        made_site(network, silent)
        html = client.get("/").content.decode()
        assert html.count(reverse("referral_form", args=[network.slug])) == 1
        assert "Silent" not in html

    def test_queries_are_as_many_for_one_category_and_network_as_for_four(self, django_assert_num_queries):
        made_site()
        seen = 0
        for number in (1, 3):
            for _ in range(number):
                network = f.ConsentWordingFactory().network
                listed(network, "Service", f"category-{seen}")
                seen += 1
            Client().get("/")
            # Site, locale, page and its rules: 6. Settings, directory, tiles, networks, translations, menus: 10.
            with django_assert_num_queries(16):
                html = Client().get("/").content.decode()
            assert html.count('class="tile"') == seen

    def test_a_site_shows_its_own_networks_and_no_others(self, settings):
        settings.ALLOWED_HOSTS = ["*"]
        ours, theirs = (f.ConsentWordingFactory(network__name=name).network for name in ("Northside", "Westside"))
        listed(ours, "Ours", "food")
        listed(theirs, "Theirs", "money")
        made_site(ours)
        second_site("westside.example.org", theirs)
        second_site("empty.example.org")
        assert [tile[0] for tile in tiles()] == ["food"]
        assert [tile[0] for tile in tiles("westside.example.org")] == ["money"]
        assert tiles("empty.example.org") == []
        for host, shown, hidden in (
            ("localhost", [ours], [theirs]),
            ("westside.example.org", [theirs], [ours]),
            ("empty.example.org", [], [ours, theirs]),
        ):
            html = Client().get("/", headers={"host": host}).content.decode()
            assert all(network.name in html for network in shown)
            assert not any(network.name in html for network in hidden)


class TestGuidance:
    def test_articles_are_listed_in_their_order_once_they_are_published(self, client):
        made_site()
        Page.objects.get(slug="money-and-debt").unpublish()
        found = re.findall(r'<h2><a href="/guidance/([\w-]+)/">', client.get("/guidance/").content.decode())
        assert found == [
            "no-food-today",
            "losing-your-home",
            "unsafe-at-home",
            "helping-a-neighbour",
            "after-a-referral",
        ]

    @pytest.mark.filterwarnings("error")
    def test_queries_are_as_many_with_one_picture_as_with_three(self, django_assert_num_queries):
        made_site()
        articles = list(GuidancePage.objects.all())
        for number in (1, 3):
            for page in articles[:number]:
                page.picture = stock_image(f"Picture of {page.title}")
                page.save()
            Client().get("/guidance/")  # sizes never shown before are made
            # Site, locale, page and its rules: 8. Settings, articles, pictures, menus, translations, trail: 8.
            with django_assert_num_queries(16):
                html = Client().get("/guidance/").content.decode()
            assert html.count("<img ") == number

    def test_an_article_leads_to_those_before_and_after_it(self, client):
        made_site()

        def neighbours(slug: str) -> list[tuple[str, str]]:
            html = client.get(f"/guidance/{slug}/").content.decode()
            return re.findall(r'<a rel="(\w+)" href="/guidance/([\w-]+)/">', html)

        assert neighbours("no-food-today") == [("next", "losing-your-home")]
        assert neighbours("losing-your-home") == [("prev", "no-food-today"), ("next", "unsafe-at-home")]
        assert neighbours("after-a-referral") == [("prev", "helping-a-neighbour")]
        Page.objects.get(slug="no-food-today").unpublish()
        assert neighbours("losing-your-home") == [("next", "unsafe-at-home")]

    def test_it_says_when_it_was_last_checked(self, client):
        made_site()
        assert "Last checked" not in client.get("/guidance/money-and-debt/").content.decode()
        GuidancePage.objects.filter(slug="money-and-debt").update(reviewed_on=date(2026, 11, 3))
        html = client.get("/guidance/money-and-debt/").content.decode()
        assert '<time datetime="2026-11-03">3 November 2026</time>' in html

    @pytest.mark.filterwarnings("error")
    def test_its_picture_says_what_it_shows_in_sizes_for_every_screen(self, client):
        made_site()
        page = GuidancePage.objects.get(slug="money-and-debt")
        page.picture, page.picture_alt = stock_image("Purse"), "An open purse"
        page.save()
        html = client.get("/guidance/money-and-debt/").content.decode()
        image = re.search(r"<img [^>]*>", html.partition('class="article-picture"')[2])[0]
        assert 'alt="An open purse"' in image
        assert 'width="960" height="640"' in image
        assert re.findall(r" (\d+)w", image) == ["480", "960", "1200"]
        for address in re.findall(r"/media/[^ \"]+", image):
            assert client.get(address)["Content-Type"] == "image/webp"


class TestContact:
    def test_networks_say_themselves_how_to_reach_them(self, client):
        network = f.NetworkFactory(name="Northside", email="coordinators@northside.example", phone="020 7946 0010")
        other = f.NetworkFactory()
        made_site(network)
        html = client.get("/contact/").content.decode()
        assert '<a href="tel:02079460010">020 7946 0010</a>' in html
        assert '<a href="mailto:coordinators@northside.example">' in html
        assert other.email not in html


def test_plain_pages_lead_to_those_below_them(client):
    made_site()
    below = PlainPage(title="How we work", slug="how")
    PlainPage.objects.get(slug="about").add_child(instance=below)
    assert '<a href="/about/how/">How we work</a>' in client.get("/about/").content.decode()
    below.unpublish()
    assert "How we work" not in client.get("/about/").content.decode()
