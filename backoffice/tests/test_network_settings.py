"""What coordinators set up for their network: part by part, the wordings of consent, what is asked about people."""

import pytest
from bs4 import BeautifulSoup
from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from django.db import IntegrityError, transaction
from django.urls import reverse

from backoffice.network_settings.consent import put_into_force
from referrals.models import (
    Category,
    ConsentWording,
    Demographic,
    DemographicOption,
    Network,
    Notification,
    Postcode,
    ReferralLink,
)
from referrals.refusals import Refusal, constraint_message
from referrals.tests import factories as f
from referrals.tests.threads import at_once
from referrals.tests.worlds import World

pytestmark = pytest.mark.django_db


def address(world, page: str) -> str:
    return reverse(f"backoffice:settings_{page}", args=[world.network.pk])


def page_of(client, world, page: str) -> BeautifulSoup:
    client.force_login(world.coordinator)
    return BeautifulSoup(client.get(address(world, page)).content, "html.parser")


def fields_of(part) -> dict[str, object]:
    """Return what the browser would send if the form were saved as it is."""
    sent = {}
    for field in part.select("input:not([type=submit]), textarea, select"):
        if field.get("type") in ("checkbox", "radio"):
            if field.has_attr("checked"):
                sent.setdefault(field["name"], []).append(field.get("value", "on"))
        elif field.name == "select":
            sent[field["name"]] = (field.select_one("[selected]") or field.option)["value"]
        else:
            sent[field["name"]] = field.get("value", field.get_text().lstrip("\n"))
    return sent


def save_part(client, world, key: str, **changes: object) -> list[str]:
    part = page_of(client, world, "network").select_one(f"#{key} form")
    sent = {**fields_of(part), **{f"{key}-{name}": value for name, value in changes.items()}}
    answer = client.post(address(world, "network"), sent, follow=True)
    return [str(message) for message in answer.context["messages"]]


def test_a_part_saves_what_was_changed_in_it_and_nothing_else(client, world):
    page = page_of(client, world, "network")
    Network.objects.filter(pk=world.network.pk).update(details_length=50)  # a colleague's change, meanwhile
    sent = fields_of(page.select_one("#form form"))
    answer = client.post(address(world, "network"), sent | {"form-suggestion_count": "3"}, follow=True)
    assert [str(message) for message in answer.context["messages"]] == [
        "The referral form: most organisations suggested saved."
    ]
    network = Network.objects.get(pk=world.network.pk)
    assert (network.suggestion_count, network.details_length, network.has_public_form) == (3, 50, True)
    assert save_part(client, world, "form") == ["This is how it was: nothing has changed."]


def test_a_part_that_is_refused_says_where(client, world):
    part = page_of(client, world, "network").select_one("#safety form")
    sent = fields_of(part) | {"safety-leave_address": "javascript:alert(1)", "safety-urgent_advice": "Ring us."}
    page = BeautifulSoup(client.post(address(world, "network"), sent).content, "html.parser")
    assert page.title.get_text().startswith("Error: ")
    assert page.select_one("[role=alert] a")["href"] == "#safety"
    assert page.select_one("#safety .errorlist")
    assert page.select_one("#safety textarea").get_text().strip() == "Ring us."
    assert Network.objects.get(pk=world.network.pk).urgent_advice == ""


def test_every_part_can_be_saved_as_it_is(client, world):
    keys = [section["id"] for section in page_of(client, world, "network").select(".settings-part") if section.button]
    for key in keys:
        assert save_part(client, world, key) == ["This is how it was: nothing has changed."]


def test_networks_are_linked_by_who_coordinates_both_and_both_are_told(client, world):
    other, stranger = World(name="Law"), World(name="Elsewhere")
    f.NetworkRoleFactory(network=other.network, user=world.coordinator)
    world.network.linked_networks.add(stranger.network)
    offered = page_of(client, world, "network").select("#linked input[type=checkbox]")
    assert [one["value"] for one in offered] == [str(other.network.pk)]
    save_part(client, world, "linked", linked_networks=[other.network.pk])
    assert set(world.network.linked_networks.all()) == {other.network, stranger.network}
    assert Notification.objects.filter(kind="access_changed", recipient=other.network.email).exists()
    save_part(client, world, "linked", linked_networks=[world.network.pk, stranger.network.pk])
    assert set(world.network.linked_networks.all()) == {other.network, stranger.network}


def test_a_network_is_linked_to_itself_by_no_way_in(client, world):
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        world.network.linked_networks.add(world.network)
    assert constraint_message(refused.value, Network) == "A network cannot be linked with itself."
    link = Network.linked_networks.through.objects
    with pytest.raises(IntegrityError), transaction.atomic():
        link.bulk_create([link.model(from_network=world.network, to_network=world.network)])
    client.force_login(f.UserFactory(is_superuser=True, is_staff=True))
    change = reverse("backoffice:referrals_network_change", args=[world.network.pk])
    form = BeautifulSoup(client.get(change).content, "html.parser").select_one("#network_form")
    client.post(change, fields_of(form) | {"linked_networks": [world.network.pk]})
    assert not world.network.linked_networks.exists()


def test_the_next_wording_gets_the_next_number(client, world):
    referral = world.submit()
    page = page_of(client, world, "consent")
    text = page.select_one("textarea").get_text().strip()
    assert text == world.wording.text
    heading = page.select_one("#in-force-title").get_text(" ")
    assert f"Version {world.wording.version} In force" in " ".join(heading.split())
    assert "agreed to in 1 referral" in page.get_text()
    sent = {"text": "We share it.\n\nYou can object.", "after": world.wording.version}
    shown = client.post(address(world, "consent"), sent | {"preview": "1"})
    assert "<p>We share it.</p>" in shown.content.decode()
    assert ConsentWording.objects.count() == 1
    client.post(address(world, "consent"), sent)
    newest = ConsentWording.objects.filter(network=world.network).first()
    assert (newest.version, newest.text) == (world.wording.version + 1, "We share it.\n\nYou can object.")
    assert referral.consents.get().wording == world.wording


def test_who_began_from_an_older_wording_is_told_and_keeps_what_was_written(client, world):
    put_into_force(world.network.pk, "A colleague's.", after=world.wording.version, actor=world.coordinator)
    client.force_login(world.coordinator)
    answer = client.post(address(world, "consent"), {"text": "Mine.", "after": world.wording.version})
    assert "Meanwhile version" in " ".join(map(str, answer.context["messages"]))
    assert ConsentWording.objects.count() == 2
    form = BeautifulSoup(answer.content, "html.parser").select_one("[aria-labelledby=next-title] form")
    assert fields_of(form)["text"] == "Mine."
    client.post(address(world, "consent"), fields_of(form))  # having read the other
    assert ConsentWording.objects.first().text == "Mine."


@pytest.mark.django_db(transaction=True)
def test_two_wordings_at_once_end_in_one():
    world = World()
    after = world.wording.version
    results = at_once(
        *(
            lambda text=text: put_into_force(world.network.pk, text, after=after, actor=world.coordinator)
            for text in ("One.", "Another.")
        )
    )
    assert sum(isinstance(result, Refusal) for result in results) == 1
    assert ConsentWording.objects.count() == 2


def test_answers_are_put_in_order_added_and_retired(client, world):
    gender = f.DemographicFactory(network=world.network, name="Gender")
    woman, man = (f.DemographicOptionFactory(demographic=gender, name=name) for name in ("Woman", "Man"))
    referral = world.submit()
    referral.person.options.add(man)
    client.force_login(world.coordinator)

    def press(action: str, **typed: str) -> None:
        client.post(address(world, "demographics"), {"action": action, **typed})

    press(f"up:answer:{man.pk}")
    press(f"answer:demographic:{gender.pk}", **{f"answer-{gender.pk}": " Non-binary "})
    press(f"answer:demographic:{gender.pk}", **{f"answer-{gender.pk}": "non-binary"})
    assert [option.name for option in gender.options.all()] == ["Man", "Woman", "Non-binary"]
    press(f"retire:answer:{man.pk}")
    assert [option.name for option in gender.options.offered()] == ["Woman", "Non-binary"]
    assert list(referral.person.options.all()) == [man]
    assert "1 person" in page_of(client, world, "demographics").get_text()
    press(f"back:answer:{man.pk}")
    press(f"retire:demographic:{gender.pk}")
    assert not Demographic.objects.offered().exists()
    assert DemographicOption.objects.offered().count() == 3
    assert woman in gender.options.all()


def test_something_new_is_asked_with_its_answers(client, world):
    client.force_login(world.coordinator)
    sent = {"action": "add", "name": "Tenure", "answers": "Owner\nTenant\n\nTenant\nLodger"}
    client.post(address(world, "demographics"), sent)
    assert [option.name for option in Demographic.objects.get().options.all()] == ["Owner", "Tenant", "Lodger"]
    again = client.post(address(world, "demographics"), sent)
    assert "You ask about “Tenure” already" in " ".join(map(str, again.context["messages"]))
    refused = client.post(address(world, "demographics"), {"action": "add", "name": "Pets", "answers": "Yes"})
    assert "Write at least two answers" in refused.content.decode()


def test_the_area_is_found_by_its_name_or_a_postcode_inside_it_and_chosen(client, world):
    before = world.network.area
    far = MultiPolygon(Polygon.from_bbox((-1.2, 51.5, -1.1, 51.6)))
    ward, elsewhere = f.AreaFactory(name="Kentish Town"), f.AreaFactory(name="Elsewhere", boundary=far)
    f.NetworkFactory(area=f.AreaFactory(name="Somebody else's", boundary=far))
    Postcode.objects.create(code="NW52AA", point=Point(-0.15, 51.55))
    client.force_login(world.coordinator)
    page = address(world, "area")

    def found(words: str) -> set[str]:
        return {one.area.name for one in client.get(page, {"q": words}).context["areas"]}

    assert found("") == found("nw5 2aa") == {before.name, "Kentish Town"}
    assert found("elsewh") == {"Elsewhere"}
    assert found("Somebody") == set()
    assert f"Make {ward} the area" in client.get(page, {"area": ward.pk}).text
    assert "Choose an area first." in client.post(page, {"seen": before.pk}).text
    client.post(page, {"area": elsewhere.pk, "seen": ward.pk})
    assert Network.objects.get(pk=world.network.pk).area == before  # it is not what the page had shown
    client.post(page, {"area": ward.pk, "seen": before.pk})
    assert Network.objects.get(pk=world.network.pk).area == ward


def test_several_categories_are_added_at_once_in_their_order(client, world):
    client.force_login(world.coordinator)
    before = list(Category.objects.filter(network=world.network).values_list("pk", flat=True))

    def add(names: str):
        return client.post(address(world, "categories"), {"names": names}, follow=True)

    assert "3 categories were added." in add("Law\r\n - Eviction \r\n\r\nDebt!\r\n").text
    added = Category.objects.in_tree_order([world.network.pk]).exclude(pk__in=before)
    assert list(added.values_list("name", "parent__name", "slug")) == [
        ("Law", None, "law"),
        ("Eviction", "Law", "eviction"),
        ("Debt!", None, "debt"),
    ]
    assert "2 categories were added." in add("Debt\n\tdebt?").text
    assert set(added.filter(name__in=["Debt", "debt?"]).values_list("slug", flat=True)) == {"debt-2", "debt-3"}
    for names, problem in {
        "Housing\nLAW": "“LAW” is there already",
        "Housing\nhousing": "“housing” is written twice",
        " Housing": "The first cannot stand beneath another",
        "x" * 121: "is longer than 120 characters",
        " \n-": "Write at least one",
    }.items():
        assert problem in add(names).text
    assert added.count() == 5


@pytest.mark.parametrize("page", ["network", "area", "categories", "consent", "demographics"])
def test_another_networks_settings_are_not_found(client, world, page):
    other = World()
    for user in (other.coordinator, world.owners[0], world.commissioner):
        client.force_login(user)
        assert client.get(address(world, page)).status_code == 404
        assert client.post(address(world, page), {"part": "form", "action": "add"}).status_code == 404
    theirs = f.DemographicOptionFactory(demographic__network=other.network)
    client.force_login(world.coordinator)
    client.post(address(world, "demographics"), {"action": f"retire:answer:{theirs.pk}"})
    assert DemographicOption.objects.get(pk=theirs.pk).retired_at is None


@pytest.mark.django_db(transaction=True)
def test_fifty_openings_at_once_are_counted_as_fifty(client):
    world = World()
    link = ReferralLink.objects.create(network=world.network, name="Library")
    at_once(*(lambda: client.__class__().get(link.get_absolute_url()) for _ in range(50)))
    assert ReferralLink.objects.get().openings == 50


def test_what_is_added_from_the_list_of_a_network_is_for_that_network(client, world):
    other = World()
    f.NetworkRoleFactory(network=other.network, user=world.coordinator)
    client.force_login(world.coordinator)
    add = reverse("backoffice:referrals_category_add")
    for listed, chosen in ((world.network.pk, str(world.network.pk)), ("x", ""), (World().network.pk, "")):
        page = client.get(add, {"_changelist_filters": f"network__id__exact={listed}"})
        options = BeautifulSoup(page.content, "html.parser").select("#id_network option[selected]")
        assert [option["value"] for option in options] in ([chosen], [] if not chosen else [chosen])


def test_an_operator_who_adds_a_network_is_told_what_comes_next(client, world):
    client.force_login(f.UserFactory(is_superuser=True, is_staff=True))
    add = reverse("backoffice:referrals_network_add")
    form = BeautifulSoup(client.get(add).content, "html.parser").select_one("#network_form")
    sent = fields_of(form) | {"name": "Law", "slug": "law", "email": "law@example.org", "area": world.network.area_id}
    answer = client.post(add, sent | {"_save": "1"}, follow=True)
    assert Network.objects.filter(slug="law").exists()
    assert "put a wording of consent into force" in answer.content.decode()


def test_what_no_browser_sends_is_refused_and_no_fault_of_ours(client, world):
    client.force_login(world.coordinator)
    newest = ConsentWording.objects.filter(network=world.network).order_by("-version").first()
    for page, sent in (
        ("consent", {"text": "New words", "after": newest.version, "translations_pl_text": "a\0b"}),
        ("consent", {"text": "x" * 20_001, "after": newest.version}),
        ("consent", {"text": "New words", "after": newest.version, "translations_pl_text": "x" * 20_001}),
        ("network", {"part": "safety", "safety-translations_pl_urgent_advice": "a\0b"}),
        ("demographics", {"action": "add", "name": "Tenure", "answers": "\n".join(map(str, range(301)))}),
    ):
        answer = client.post(address(world, page), sent)
        assert (answer.status_code, "errorlist" in answer.text) == (200, True), page
    for key in ("9" * 5000, "9" * 18, "٣", "-1", ""):
        answer = client.post(address(world, "demographics"), {"action": f"retire:demographic:{key}"})
        assert answer.status_code in (302, 404), key
