"""A site that is added in the CMS: it has all that the first one has, at once."""

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.models import Page, Site

from directory_site.addresses import service_path
from directory_site.models import HomePage, PublicSite, SynonymGroup
from directory_site.tests.made_sites import listed, made_site
from referrals.enums import Role
from referrals.models import Network, User
from referrals.tests import factories as f

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_site")]

HOST = "westside.example.org"


@pytest.fixture
def network(settings) -> Network:
    settings.ALLOWED_HOSTS = [HOST, "testserver"]
    made_site()
    return f.NetworkFactory(name="Westside")


@pytest.fixture
def operator() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("operator@example.org"))
    return client


def add(client: Client, network: Network, **fields: object):
    answers = {"site_name": "Help in Westside", "hostname": HOST, "port": "80", "networks": [network.pk]}
    return client.post(reverse("wagtailsites:add"), answers | {"root_page": ""} | fields)


def test_its_first_page_has_numbers_menu_and_directory(operator, network):
    service = listed(network, "Warm room", "energy")
    response = add(operator, network)
    site = Site.objects.get(hostname=HOST)
    assert response["Location"] == reverse("wagtailsettings:edit", args=["directory_site", "publicsite", site.pk])
    assert list(PublicSite.for_site(site).shown_networks) == [network]

    visitor = {"headers": {"host": HOST}}
    front = Client().get("/", **visitor).content.decode()
    assert all(words in front for words in ["999", 'href="/directory/"', 'href="/guidance/"', "Help in Westside"])
    assert "Warm room" in Client().get("/directory/", **visitor).content.decode()
    assert Client().get(service_path(service), **visitor).status_code == 200
    assert Page.find_problems() == ([], [], [], [], [])


def test_a_front_page_that_was_chosen_gets_what_it_lacks(operator, network):
    home = Page.get_first_root_node().add_child(instance=HomePage(title="Ours", slug="ours"))
    home.save_revision().publish()
    add(operator, network, root_page=str(home.pk))
    assert Site.objects.get(hostname=HOST).root_page_id == home.pk
    assert HomePage.objects.get(pk=home.pk).title == "Ours"
    home.refresh_from_db()
    assert home.get_children().filter(slug="directory").exists()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"hostname": "elsewhere.example.org"}, "does not answer at elsewhere.example.org"),
        ({"networks": []}, "Please choose at least one."),
        ({"site_name": ""}, "Please fill this in."),
    ],
)
def test_what_would_make_an_empty_site_is_refused(operator, network, fields, words):
    assert words in add(operator, network, **fields).content.decode()
    assert not Site.objects.filter(hostname=HOST).exists()
    assert HomePage.objects.count() == 1


def test_the_front_page_of_another_site_is_refused(operator, network):
    refused = add(operator, network, root_page=str(HomePage.objects.get().pk))
    assert "the front page of another site already" in refused.content.decode()


def test_search_words_that_were_thrown_away_stay_away(operator, network):
    before = SynonymGroup.objects.count()
    SynonymGroup.objects.first().delete()
    add(operator, network)
    assert SynonymGroup.objects.count() == before - 1


def test_an_editor_adds_none(network):
    client = Client()
    client.force_login(f.NetworkRoleFactory(role=Role.EDITOR).user)
    assert client.get(reverse("wagtailsites:add")).status_code == 302
    assert add(client, network).status_code == 302
    assert not Site.objects.filter(hostname=HOST).exists()
