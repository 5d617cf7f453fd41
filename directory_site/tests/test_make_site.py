"""A finished site to begin with, which is its editors' own from then on."""

import re

import pytest
from django.core.management import CommandError, call_command
from wagtail.models import Page, Site

from directory_site.models import (
    ContactPage,
    DirectoryPage,
    GuidanceIndexPage,
    GuidancePage,
    HomePage,
    PlainPage,
    PublicSite,
    SynonymGroup,
)
from directory_site.seed import make_site
from directory_site.seed.content import PAGES
from directory_site.tests.made_sites import listed, made_site, second_site
from referrals.tests.factories import CategoryFactory, NetworkFactory

pytestmark = pytest.mark.django_db

KINDS = [HomePage, DirectoryPage, GuidanceIndexPage, GuidancePage, PlainPage, ContactPage]


def everything() -> dict[str, object]:
    return {
        "pages": [tuple(row) for model in KINDS for row in model.objects.order_by("pk").values_list()],
        "sites": list(Site.objects.values()),
        "settings": list(PublicSite.objects.values()),
        "words": list(SynonymGroup.objects.order_by("pk").values()),
    }


def test_the_site_is_finished():
    make_site(name="Help in Northside")
    assert [model.objects.live().count() for model in KINDS] == [1, 1, 1, 6, 3, 1]
    assert SynonymGroup.objects.count() >= 25
    site = PublicSite.objects.select_related("site").get()
    assert site.name == "Help in Northside"
    assert [line["phone"] for line in site.urgent_lines] == ["999", "111", "116 123", "0808 2000 247"]
    assert Page.find_problems() == ([], [], [], [], [])


def test_a_second_time_changes_nothing():
    make_site()
    before = everything()
    assert make_site() == []
    assert everything() == before


def test_every_page_would_pass_if_an_editor_published_it_again():
    listed(NetworkFactory(), "Pantry", "food")
    make_site()
    for page in Page.objects.filter(depth__gt=1).specific():
        page.full_clean()
        for name in {"body", "related"} & {field.name for field in page._meta.get_fields()}:
            stream = getattr(page, name)
            stream.stream_block.clean(stream)
    for name in ("urgent_help", "header_menu", "footer_menu"):
        stream = getattr(PublicSite.objects.get(), name)
        stream.stream_block.clean(stream)


def test_every_link_on_every_page_leads_somewhere(client):
    make_site()
    addresses = {page.get_url() for page in Page.objects.live().filter(depth__gt=1)}
    paths = {f"/{address.split('/', 3)[3]}" if "://" in address else address for address in addresses}
    assert len(paths) == len(PAGES)
    found_on = {}
    for path in paths:
        html = client.get(path).content.decode()
        assert "<a>" not in html
        found_on |= dict.fromkeys(re.findall(r'<a[^>]* href="(/[^"]*)"', html), path)
    links = {link: path for link, path in found_on.items() if not link.startswith("/backoffice/")}
    assert [(path, link) for link, path in links.items() if client.get(link).status_code != 200] == []


def test_categories_that_no_network_has_are_left_out():
    make_site()
    page = GuidancePage.objects.get(slug="no-food-today")
    assert "services" not in {block.block_type for block in page.body}
    assert "category" not in {block.block_type for block in page.related}


def test_categories_that_a_network_has_are_named(client):
    service = listed(NetworkFactory(), "Larder Lane pantry", "food")
    make_site()
    html = client.get("/guidance/no-food-today/").content.decode()
    assert "/directory/?category=food" in html
    assert service.activity.name in html


def test_categories_lead_into_the_directory_under_the_name_they_have_here(client):
    network = NetworkFactory()
    CategoryFactory(network=network, name="Food and meals", slug="food")
    made_site(network)
    html = client.get("/guidance/no-food-today/").content.decode()
    assert '<a href="/directory/?category=food">Food and meals</a>' in html
    Page.objects.get(slug="directory").unpublish()
    assert "category=food" not in client.get("/guidance/no-food-today/").content.decode()


def test_what_editors_changed_stays_changed():
    make_site()
    about = PlainPage.objects.get(slug="about")
    about.title, about.slug = "Who we are", "who-we-are"
    about.save_revision().publish()
    GuidancePage.objects.get(slug="money-and-debt").delete()
    site = PublicSite.objects.get()
    site.header_menu, site.tagline = [], "Ours"
    site.save()
    SynonymGroup.objects.first().delete()
    before = everything()
    assert make_site() == []
    assert everything() == before


def test_a_front_page_that_somebody_has_edited_is_left_alone():
    home = HomePage.objects.get()
    home.introduction = "<p>Our own words.</p>"
    home.save_revision().publish()
    make_site()
    assert HomePage.objects.get().introduction == "<p>Our own words.</p>"


def test_the_address_of_the_installation_takes_the_place_of_wagtails(settings):
    settings.PUBLIC_URL = "https://help.example.org"
    make_site()
    site = Site.objects.get()
    assert (site.hostname, site.port, site.root_url) == ("help.example.org", 443, "https://help.example.org")
    settings.PUBLIC_URL = "https://elsewhere.example.org"
    make_site()
    assert Site.objects.get().hostname == "help.example.org"


def test_a_further_site_is_made_by_its_host():
    make_site()
    words = SynonymGroup.objects.count()
    site = second_site("westside.example.org").site
    call_command("make_site", "--host", "westside.example.org", verbosity=0)
    below = Page.objects.descendant_of(site.root_page)
    assert below.count() == len(PAGES) - 1
    assert SynonymGroup.objects.count() == words
    with pytest.raises(CommandError, match=r"no site called nowhere\.example\.org"):
        call_command("make_site", "--host", "nowhere.example.org")
