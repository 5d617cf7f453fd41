"""The header, the sections and the links beside each other in them."""

import pytest
from django.contrib import admin
from django.urls import reverse

from backoffice.home.navigation import MODELS, UNLINKED_MODELS, list_url
from referrals.models import NetworkRole, User

pytestmark = pytest.mark.django_db


def test_everybody_finds_what_their_role_has(world, signed_in):
    def labels(user) -> list[str]:
        page = signed_in(user).get(reverse("backoffice:index"), follow=True)
        return [link.label for link in page.context["header_links"]]

    first, last = ["Home", "Referrals", "Services", "Organisations"], ["People", "Messages"]
    assert labels(world.owners[0]) == ["Home", "Referrals", "Your services", "Organisations", *last]
    assert labels(world.coordinator) == [*first, "Figures", *last, "Settings"]
    assert labels(world.commissioner) == ["Services", "Organisations", "Figures"]
    assert labels(User.objects.create_superuser("operator@example.org")) == [
        *first,
        "Figures",
        *last,
        "Settings",
        "System",
    ]
    assert labels(User.objects.create_user("nobody@example.org")) == ["Home"]


@pytest.mark.parametrize("who", ["coordinator", "owner", "commissioner", "operator"])
def test_every_link_of_the_header_and_of_its_sections_opens(who, world, signed_in):
    world.submit()
    people = {"owner": world.owners[0], "coordinator": world.coordinator, "commissioner": world.commissioner}
    client = signed_in(people.get(who) or User.objects.create_superuser("operator@example.org"))
    sections = {}
    for link in client.get(reverse("backoffice:index"), follow=True).context["header_links"]:
        page = client.get(link.url)
        assert page.status_code == 200, link
        assert [shown.label for shown in page.context["header_links"] if shown.is_current] == [link.label]
        sections |= {beside.url: page.context["section"] for beside in page.context["section_links"]}
    for address, section in sections.items():
        page = client.get(address)
        assert page.status_code == 200, address
        assert page.context["section"] == section
        assert [link.url for link in page.context["section_links"] if link.is_current] == [address]


@pytest.mark.parametrize("networks", [1, 2])
def test_what_is_set_up_page_by_page_lights_up_its_own_link(networks, ours, theirs, signed_in):
    if networks > 1:
        NetworkRole.objects.create(network=theirs.network, user=ours.coordinator, role="coordinator")
    client = signed_in(ours.coordinator)

    def lit(address: str) -> list[str]:
        return [link.label for link in client.get(address).context["section_links"] if link.is_current]

    for page, label in (("consent", "Consent wordings"), ("demographics", "Demographics"), ("area", "The network")):
        expected = "Networks" if networks > 1 and page == "area" else label
        assert lit(reverse(f"backoffice:settings_{page}", args=[ours.network.pk])) == [expected]
    assert lit(reverse("backoffice:referrals_demographic_change", args=[ours.demographic.pk])) == ["Demographics"]
    assert lit(reverse("backoffice:settings")) == ["Overview"]


def test_every_list_stands_in_one_section():
    """Or its rows are edited on another's page."""
    listed = [model for models in MODELS.values() for model in models]
    assert len(listed) == len(set(listed))
    elsewhere = {model for models in UNLINKED_MODELS.values() for model in models}
    assert set(admin.site._registry) - set(listed) == elsewhere


@pytest.mark.sampled
@pytest.mark.parametrize("who", ["insider", "coordinator", "commissioner", "operator"])
def test_every_list_lights_up_its_section_whose_links_open(who, ours, signed_in):
    client = signed_in(getattr(ours, who, None) or User.objects.create_superuser("operator@example.org"))
    answers, beside = {}, set()
    for model in admin.site._registry:
        page = client.get(list_url(model))
        answers[list_url(model)] = page.status_code
        if page.status_code == 200:
            lit = [link.url for link in page.context["header_links"] if link.is_current]
            assert reverse("backoffice:referrals") not in lit, model
            beside |= {link.url for link in page.context["section_links"]}
    answers |= {address: client.get(address).status_code for address in beside - set(answers)}
    assert {address for address in beside if answers[address] != 200} == set()


def test_the_header_counts_what_waits(world, signed_in):
    world.submit(), world.submit(services=[])
    for user in (world.coordinator, world.owners[0]):
        page = signed_in(user).get(reverse("backoffice:account"))
        assert {link.label: link.count for link in page.context["header_links"]}["Referrals"] == 1
        assert '1<span class="visually-hidden"> waiting for you</span>' in page.text
