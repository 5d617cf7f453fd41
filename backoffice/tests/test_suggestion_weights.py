"""Who is suggested: who may say so, words for numbers, and what it would change before it is saved."""

from functools import partial

import pytest
from bs4 import BeautifulSoup
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from backoffice.suggestions.forms import WeightsForm
from backoffice.suggestions.wording import describe_effect, weight_in_words
from referrals import accounts
from referrals.enums import Importance
from referrals.models import Network, NetworkRole, User
from referrals.models.networks import DEFAULT_WEIGHTS
from referrals.network.weights_effect import WeightsEffect, measure_effect
from referrals.tests import factories as f
from referrals.tests.threads import at_once
from referrals.tests.worlds import World

pytestmark = pytest.mark.django_db


def address(network: Network) -> str:
    return reverse("backoffice:suggestion_weights", args=[network.pk])


def sent_by(page) -> dict[str, str]:
    """Return what a browser would send of the form as it is shown."""
    form = BeautifulSoup(page.content, "html.parser").select_one("form:has(.weight)")
    fields = form.select("input[type=hidden], input[type=number], input[checked]")
    return {field["name"]: field.get("value", "") for field in fields}


def text_of(page) -> str:
    return " ".join(BeautifulSoup(page.content, "html.parser").text.split())


def weights_of(network: Network) -> dict[str, int]:
    return Network.objects.get(pk=network.pk).weights


class TestWalls:
    def test_coordinators_of_the_network_and_operators_open_it_and_nobody_else(self, ours, theirs, signed_in):
        for who in (ours.coordinator, User.objects.create_superuser("operator@ours.example")):
            assert signed_in(who).get(address(ours.network)).status_code == 200
        others = (ours.commissioner, ours.insider, ours.outsider, ours.editor, theirs.coordinator, f.UserFactory())
        before = weights_of(ours.network)
        for who in others:
            client = signed_in(who)
            assert client.get(address(ours.network)).status_code == 404
            for button in ({}, {"effect": 1}, {"defaults": 1}):
                sent = {**DEFAULT_WEIGHTS, "weight_room": 0, **button}
                assert client.post(address(ours.network), sent).status_code == 404
        assert weights_of(ours.network) == before

    def test_a_coordinator_who_is_none_any_more_saves_nothing(self, world, signed_in):
        client = signed_in(world.coordinator)
        sent = sent_by(client.get(address(world.network)))
        NetworkRole.objects.filter(user=world.coordinator).delete()
        assert client.post(address(world.network), {**sent, "weight_room": 0}).status_code == 404
        assert weights_of(world.network) == DEFAULT_WEIGHTS

    def test_settings_and_the_page_of_the_network_lead_there(self, world, signed_in):
        client = signed_in(world.coordinator)
        for page in (reverse("backoffice:settings"), f"/backoffice/referrals/network/{world.network.pk}/change/"):
            assert f'href="{address(world.network)}"' in client.get(page).text
        assert client.get(address(world.network)).context["section"] == "settings"
        commissioner = signed_in(world.commissioner)
        page = commissioner.get(f"/backoffice/referrals/network/{world.network.pk}/change/")
        assert page.status_code == 200
        assert address(world.network) not in page.text


class TestWords:
    @given(weights=st.fixed_dictionaries(dict.fromkeys(DEFAULT_WEIGHTS, st.integers(0, 1000))))
    def test_a_form_sent_as_it_is_shown_changes_nothing(self, weights):
        network = Network(**weights)
        shown = WeightsForm(network=network)
        sent = WeightsForm({name: shown[name].value() for name in weights}, network=network)
        assert sent.is_valid()
        assert sent.weights == weights
        for name, weight in weights.items():
            checked = [choice.data for choice in shown[name] if choice.data["selected"]]
            assert [choice["label"] for choice in checked] == [weight_in_words(weight)]

    @pytest.mark.parametrize("importance", Importance)
    def test_each_word_is_saved_and_shown_again(self, importance, world, signed_in):
        client = signed_in(world.coordinator)
        sent = {**sent_by(client.get(address(world.network))), "weight_made_for": importance.value}
        client.post(address(world.network), sent)
        assert weights_of(world.network) == {**DEFAULT_WEIGHTS, "weight_made_for": importance}
        assert sent_by(client.get(address(world.network)))["weight_made_for"] == str(importance.value)

    def test_a_number_counts_instead_of_the_word_and_is_shown_as_ones_own(self, world, signed_in):
        client = signed_in(world.coordinator)
        sent = {**sent_by(client.get(address(world.network))), "weight_room_number": 37}
        saved = client.post(address(world.network), sent, follow=True)
        assert "free places has become “Your own: 37” (it was “A lot”)" in text_of(saved)
        assert weights_of(world.network) == {**DEFAULT_WEIGHTS, "weight_room": 37}
        assert "Your own: 37" in text_of(saved)
        sent = sent_by(saved)
        assert (sent["weight_room"], sent["weight_room_number"]) == ("37", "")
        client.post(address(world.network), {**sent, "weight_room": 100})
        assert weights_of(world.network)["weight_room"] == 100

    @pytest.mark.parametrize("bad", ["1001", "-1", "2.5", "lots", "9" * 40, "1\x00"])
    @pytest.mark.parametrize("name", ["weight_distance", "weight_distance_number"])
    def test_what_is_no_weight_is_refused_in_words(self, bad, name, world, signed_in):
        client = signed_in(world.coordinator)
        for button in ({}, {"effect": 1}):
            sent = {**sent_by(client.get(address(world.network))), name: bad, **button}
            page = client.post(address(world.network), sent)
            if page.status_code == 200:  # else it was refused before
                assert page.context["form"].errors.keys() == {name}
                assert text_of(page).count("Write a whole number from 0 to 1,000.") == 2  # there, and below
        assert weights_of(world.network) == DEFAULT_WEIGHTS

    def test_nothing_chosen_is_asked_for(self, world, signed_in):
        client = signed_in(world.coordinator)
        sent = sent_by(client.get(address(world.network)))
        del sent["weight_needs"]
        page = client.post(address(world.network), sent)
        assert page.context["form"].errors == {"weight_needs": ["Choose how much it matters."]}


class TestEffect:
    @pytest.fixture
    def client(self, world, signed_in):
        """A coordinator's, where the nearer service is nearly full: which comes first is a matter of weight."""
        near, far, third = world.services
        for service, east in ((near, 0), (far, 0.05), (third, 0.06)):
            service.venue = f.VenueFactory(organisation=service.organisation, point=f.INSIDE.clone())
            service.venue.point.x += east
            service.venue.save()
            service.capacity = 4
            service.save()
        for _ in range(3):
            world.submit(services=[near])
        f.models.Person.objects.update(point=f.INSIDE)
        return signed_in(world.coordinator)

    def test_it_is_shown_before_anything_is_saved(self, client, world):
        sent = {**sent_by(client.get(address(world.network))), "weight_distance": "100", "effect": "1"}
        page = client.post(address(world.network), sent)
        assert "Of the last 3 referrals, 3 would have another organisation suggested first" in text_of(page)
        assert "for none of these" in text_of(page)
        assert "So few referrals say little" in text_of(page)
        assert sent_by(page)["weight_distance"] == "100"  # what was chosen stays
        assert weights_of(world.network) == DEFAULT_WEIGHTS
        assert not LogEntry.objects.exists()
        fragment = client.post(address(world.network), sent, headers={"HX-Request": "true"})
        assert "<form" not in fragment.text
        assert page.context["effect"] == fragment.context["effect"]

    def test_no_person_is_in_it(self, client, world):
        sent = {**sent_by(client.get(address(world.network))), "effect": "1"}
        page = client.post(address(world.network), sent)
        assert "none would have another organisation suggested first" in text_of(page)
        assert "Maya" not in page.text
        assert world.submit().reference not in page.text

    def test_the_number_is_tried_too(self, client, world):
        sent = {**sent_by(client.get(address(world.network))), "weight_distance_number": "1000", "effect": "1"}
        page = client.post(address(world.network), sent)
        assert "3 would have another" in text_of(page)
        assert sent_by(page)["weight_distance_number"] == "1000"

    def test_the_defaults_are_proposed_with_their_effect_and_saved_only_then(self, client, world):
        own = {**DEFAULT_WEIGHTS, "weight_distance": 1000, "weight_room": 7}
        Network.objects.filter(pk=world.network.pk).update(**own)
        page = client.post(address(world.network), {**sent_by(client.get(address(world.network))), "defaults": "1"})
        assert "3 would have another" in text_of(page)
        assert weights_of(world.network) == own
        client.post(address(world.network), sent_by(page))
        assert weights_of(world.network) == DEFAULT_WEIGHTS

    def test_a_network_without_referrals_says_so(self, world, signed_in):
        client = signed_in(world.coordinator)
        page = client.post(address(world.network), {**sent_by(client.get(address(world.network))), "effect": "1"})
        assert "Nobody has been referred here yet" in text_of(page)

    def test_its_words_at_different_numbers(self):
        few, *_ = describe_effect(WeightsEffect(1, 0, 1, 1))
        assert few.startswith("Of the only referral tried, 1 would have another")
        many = list(describe_effect(WeightsEffect(200, 12, 34, 5)))
        assert many[0].endswith("; for 5 of these, there would also be a new one among the first three.")
        assert many[1] == "For 12, no organisation suits, whatever counts."
        assert len(many) == 3


class TestSaving:
    def test_it_is_in_the_history_of_the_network_and_changes_who_is_first(self, world, signed_in):
        client = signed_in(world.coordinator)
        sent = {**sent_by(client.get(address(world.network))), "weight_needs": "20", "weight_answers": "0"}
        page = client.post(address(world.network), sent, follow=True)
        assert page.redirect_chain == [(address(world.network), 302)]
        assert "Saved: needs met has become “Some” (it was “Most”) and quick answers" in text_of(page)
        history = client.get(reverse("backoffice:referrals_network_history", args=[world.network.pk]))
        assert "quick answers has become “Not at all” (it was “Some”)" in text_of(history)
        effect = measure_effect(Network.objects.get(pk=world.network.pk), weights_of(world.network))
        assert effect.other_first == 0

    def test_saving_what_it_is_says_so_and_leaves_no_trace(self, world, signed_in):
        client = signed_in(world.coordinator)
        page = client.post(address(world.network), sent_by(client.get(address(world.network))), follow=True)
        assert "nothing has changed" in text_of(page)
        assert not LogEntry.objects.exists()

    def test_the_second_of_two_is_warned_and_then_may_replace_it(self, world, signed_in):
        other = f.NetworkRoleFactory(network=world.network, role="coordinator").user
        one, two = signed_in(world.coordinator), signed_in(other)
        first, second = (sent_by(client.get(address(world.network))) for client in (one, two))
        one.post(address(world.network), {**first, "weight_room": "10"})
        warned = two.post(address(world.network), {**second, "weight_distance": "0"})
        assert "Since you opened this page, free places has become “A little” (it was “A lot”)" in text_of(warned)
        assert weights_of(world.network) == {**DEFAULT_WEIGHTS, "weight_room": 10}
        again = sent_by(warned)
        assert (again["weight_distance"], again["weight_room"]) == ("0", "40")
        two.post(address(world.network), again)
        assert weights_of(world.network) == {**DEFAULT_WEIGHTS, "weight_distance": 0}

    @pytest.mark.django_db(transaction=True)
    def test_of_two_who_save_at_the_same_moment_one_is_warned(self, transactional_db, signed_in):
        world = World(organisations=0, needs=1)
        other = f.NetworkRoleFactory(network=world.network, role="coordinator").user
        clients = [signed_in(user) for user in (world.coordinator, other)]
        sent = sent_by(clients[0].get(address(world.network)))
        changes = [{"weight_room": "10"}, {"weight_distance": "0"}]
        calls = [
            partial(client.post, address(world.network), sent | change)
            for client, change in zip(clients, changes, strict=True)
        ]
        pages = at_once(*calls)
        assert sorted(page.status_code for page in pages) == [200, 302]
        (saved,) = (change for page, change in zip(pages, changes, strict=True) if page.status_code == 302)
        assert weights_of(world.network) == {**DEFAULT_WEIGHTS, **{name: int(value) for name, value in saved.items()}}
        assert LogEntry.objects.count() == 1

    def test_a_form_sent_twice_is_done_once(self, world, signed_in):
        client = signed_in(world.coordinator)
        sent = {**sent_by(client.get(address(world.network))), "weight_room": "10"}
        client.post(address(world.network), sent)
        client.post(address(world.network), sent)
        assert LogEntry.objects.count() == 1
        assert weights_of(world.network)["weight_room"] == 10

    def test_other_settings_that_are_saved_meanwhile_stay(self, world, signed_in):
        """The network's own form, which loaded it before, writes nothing but what it changes."""
        stale = Network.objects.get(pk=world.network.pk)
        client = signed_in(world.coordinator)
        client.post(address(world.network), {**sent_by(client.get(address(world.network))), "weight_room": "10"})
        stale.name = "Renamed"
        accounts.save_network(stale, actor=world.coordinator, fields={"name"})
        assert Network.objects.get(pk=world.network.pk).name == "Renamed"
        assert weights_of(world.network)["weight_room"] == 10
