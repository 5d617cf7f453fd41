"""An answer is read by those with full details in the network that asked, and not by those who have them elsewhere."""

import csv
import io
import uuid

import pytest
from django.urls import reverse

from backoffice.tests.test_walls import url
from backoffice.tests.ways_in import signed_in_in_full
from referrals import models as m
from referrals import notifications, workflow
from referrals.access import visible_options, visible_to
from referrals.enums import OrganisationRole, Role
from referrals.tests import factories as f
from referrals.tests.worlds import World, live_on

pytestmark = pytest.mark.django_db

WORDS = {
    "food": ("FOODQUESTION", "FOODANSWER", "FOODKIND", "FOODOPTION"),
    "law": ("LAW Q?", "LAWANSWER", "LAWKIND", "LAWOPTION"),
}


class Linked:
    """One referral into two networks, each of which asked a question and a demographic of its own."""

    def __init__(self) -> None:
        self.worlds = {"food": World(organisations=2), "law": World(organisations=2)}
        self.questions, self.options = {}, {}
        for name, world in self.worlds.items():
            question, _, kind, option = WORDS[name]
            self.questions[name] = f.QuestionFactory(network=world.network, text=question)
            self.options[name] = f.DemographicOptionFactory(
                demographic=f.DemographicFactory(network=world.network, name=kind), name=option
            )
        food, law = self.worlds.values()
        self.referral = food.submit(
            person=workflow.PersonDetails(
                name="Maya Ferreira", phone="1", option_ids=frozenset(one.pk for one in self.options.values())
            ),
            key=uuid.uuid4(),
            choices={food.network.pk: [food.services[0].pk], law.network.pk: [law.services[0].pk]},
            need_ids=frozenset({food.needs[0].pk, law.needs[0].pk}),
            answers=[
                workflow.AnswerGiven(question_id=question.pk, question_text=question.text, text=WORDS[name][1])
                for name, question in self.questions.items()
            ],
        )
        both = f.UserFactory()
        for world in self.worlds.values():
            f.NetworkRoleFactory(network=world.network, user=both, role=Role.COORDINATOR)
        shared = f.UserFactory()
        for world in self.worlds.values():
            m.OrganisationMember.objects.create(
                organisation=world.organisations[0], user=shared, role=OrganisationRole.MEMBER
            )
        self.users = {
            "food organisation": food.owners[0],
            "law organisation": law.owners[0],
            "food coordinator": food.coordinator,
            "law coordinator": law.coordinator,
            "member of both": shared,
            "coordinator of both": both,
            "not asked": law.owners[1],
            "commissioner": law.commissioner,
            "operator": m.User.objects.create_superuser("operator@example.org"),
        }


MAY_READ = {
    "food organisation": {"food"},
    "law organisation": {"law"},
    "food coordinator": {"food"},
    "law coordinator": {"law"},
    "member of both": {"food", "law"},
    "coordinator of both": {"food", "law"},
    "not asked": set(),
    "commissioner": set(),
    "operator": {"food", "law"},
}


@pytest.fixture
def linked(db) -> Linked:
    return Linked()


def said_of(text: str) -> dict[str, set[str]]:
    return {name: {word for word in words if word in text} for name, words in WORDS.items()}


def expected(who: str, *kinds: int) -> dict[str, set[str]]:
    return {name: {WORDS[name][kind] for kind in kinds} if name in MAY_READ[who] else set() for name in WORDS}


@pytest.mark.parametrize("who", MAY_READ)
def test_rows_follow_the_strand(linked, who):
    user, person = linked.users[who], linked.referral.person_id
    answers = visible_to(user, m.Answer).filter(referral=linked.referral)
    assert {answer.text for answer in answers} == {WORDS[name][1] for name in MAY_READ[who]}
    options = visible_options(user, [person]).get(person, [])
    assert {option.name for option in options} == {WORDS[name][3] for name in MAY_READ[who]}


@pytest.mark.parametrize("who", [who for who, networks in MAY_READ.items() if networks])
def test_every_page_and_file_follows_the_strand(linked, who):
    client, reference = signed_in_in_full(linked.users[who]), linked.referral.reference
    page = client.get(f"{reverse('backoffice:referrals')}?view={reference}").text
    assert said_of(page) == expected(who, 0, 1, 2, 3)
    download = client.get(reverse("backoffice:workspace_download", args=[reference]))
    tables = [download, client.get(reverse("backoffice:workspace_export", args=["csv"]))]
    for table in tables:
        text = table.getvalue().decode()
        assert said_of(text) == expected(who, 0, 1, 2, 3), table.headers
        assert len(list(csv.reader(io.StringIO(text)))) == 2
    person = client.get(url(m.Person, "change", linked.referral.person_id)).text
    assert {name: words & set(WORDS[name][3:]) for name, words in said_of(person).items()} == expected(who, 3)
    for answer in m.Answer.objects.all():  # the raw table is for operators alone
        addresses = (url(m.Answer, "change", answer.pk), url(m.Answer, "changelist"))
        assert {client.get(address).status_code for address in addresses} == {200 if who == "operator" else 403}


@pytest.mark.parametrize("who", [who for who, networks in MAY_READ.items() if networks])
def test_each_reads_what_was_agreed_to_with_its_own_network(linked, who):
    page = signed_in_in_full(linked.users[who]).get(
        f"{reverse('backoffice:referrals')}?view={linked.referral.reference}"
    )
    worlds = linked.worlds.items()
    words = {name: f"{world.wording.version} of {world.network}" for name, world in worlds}
    assert {name for name, text in words.items() if text in page.text} == MAY_READ[who]


def test_every_message_keeps_to_its_own_network(linked):
    """Organisations and coordinators read the needs of their own part, and no answers."""
    needs = {name: world.needs[0].name for name, world in linked.worlds.items()}
    for name, world in linked.worlds.items():
        strand = m.Strand.objects.get(referral=linked.referral, network=world.network)
        workflow.reject(live_on(strand).pk, actor=world.owners[0], reason="no_room")
        kinds = {"organisation_asked", "coordinator_told"}
        sent = [
            notifications.render(message)
            for message in m.Notification.objects.filter(event__strand=strand, kind__in=kinds).order_by("pk")
        ]
        assert len(sent) == 2
        for message in sent:
            text = message.subject + message.text + message.html
            assert {other for other, need in needs.items() if need in text} == {name}
            assert said_of(text) == {other: set() for other in WORDS}


def test_rejecting_ends_the_right_to_read(linked):
    law = linked.worlds["law"]
    strand = m.Strand.objects.get(referral=linked.referral, network=law.network)
    workflow.reject(live_on(strand).pk, actor=law.owners[0], reason="no_room")
    assert not visible_to(law.owners[0], m.Answer).exists()
    assert visible_options(law.owners[0], [linked.referral.person_id]) == {}


def test_an_answer_still_belongs_to_its_network_when_the_question_is_deleted(linked):
    linked.questions["law"].delete()
    assert [answer.text for answer in visible_to(linked.users["food organisation"], m.Answer)] == ["FOODANSWER"]
    assert [answer.text for answer in visible_to(linked.users["law organisation"], m.Answer)] == ["LAWANSWER"]


def test_a_message_to_the_person_tells_of_all_networks_so_only_who_coordinates_all_reads_it():
    food, law = World(organisations=1), World(organisations=1)
    needs = [food.needs[0].pk, law.needs[0].pk]
    services = {world.network.pk: [world.services[0].pk] for world in (food, law)}
    linked = food.submit(choices=services, need_ids=needs)
    alone = food.submit(need_ids=needs[:1])
    both = f.UserFactory()
    for world in (food, law):
        f.NetworkRoleFactory(network=world.network, user=both, role=Role.COORDINATOR)

    def told(user) -> set[m.Referral]:
        sent = visible_to(user, m.Notification).filter(kind="person_told")
        return {message.event.referral for message in sent}

    assert told(food.coordinator) == {alone}
    assert told(law.coordinator) == set()
    assert told(both) == {linked, alone}
