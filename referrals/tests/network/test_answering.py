"""How organisations answer: as a slow count says, in words, and only to those who know how full services are."""

import random
from datetime import timedelta
from statistics import median_low

import pytest
from dateutil.relativedelta import relativedelta
from django.utils import timezone

from referrals.enums import AssignmentStatus, RejectReason
from referrals.models import Assignment, Network, Organisation, Strand, User
from referrals.network.answering import DAY, HOUR, TOO_FEW, Answers, count_answers_since, read_answers
from referrals.tests import factories as f
from referrals.tests.depth import gate_or_all

INFINITE = float("inf")
NOW = timezone.now()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (5, "usually replies within an hour"),
        (HOUR + 1, "usually replies within a few hours"),
        (DAY, "usually replies within a day"),
        (DAY + 1, "usually replies within two days"),
        (2 * DAY + 1, "usually replies within 3 days"),
        (6 * DAY + 1, "usually replies within a week"),
        (7 * DAY + 1, "usually takes more than a week to reply"),
        (INFINITE, "usually gives no answer in time"),
    ],
)
def test_the_speed_is_in_words(seconds, words):
    assert Answers(offers=10, accepted=9, seconds=seconds).in_words == f"{words}, accepts 9 of 10"


@pytest.mark.parametrize(
    ("offers", "accepted", "tenths"), [(5, 5, 10), (40, 39, 9), (40, 1, 1), (8, 0, 0), (7, 3, 4), (20, 9, 5)]
)
def test_the_share_is_in_tenths_and_all_or_none_only_if_so(offers, accepted, tenths):
    assert Answers(offers, accepted, DAY).in_words == f"usually replies within a day, accepts {tenths} of 10"


def test_fewer_than_five_offers_say_nothing():
    assert Answers(offers=4, accepted=4, seconds=HOUR).in_words == TOO_FEW
    assert Answers(offers=0, accepted=0, seconds=None).in_words == TOO_FEW


def offer(service, **fields: object) -> Assignment:
    strand = Strand.objects.create(referral=f.ReferralFactory(network=service.network), network=service.network)
    return Assignment.objects.create(
        strand=strand, service=service, organisation=service.organisation, position=1, **fields
    )


def draw_offer(draw: random.Random) -> dict[str, object]:
    offered = NOW - timedelta(days=draw.randrange(500))
    answered = offered + timedelta(seconds=draw.choice([HOUR, 9 * HOUR, 3 * DAY]))
    lapsed = draw.choice([None, offered + timedelta(days=2)])
    status = draw.choice(list(AssignmentStatus))
    fields: dict[str, object] = {"status": status, "lapsed_at": lapsed}
    if status in (AssignmentStatus.QUEUED, AssignmentStatus.SKIPPED):
        return {"status": AssignmentStatus.QUEUED}
    fields["offered_at"] = offered
    if status in (AssignmentStatus.ACCEPTED, AssignmentStatus.CLOSED, AssignmentStatus.REFERRED_ON):
        fields["accepted_at"] = answered
    if status not in (AssignmentStatus.OFFERED, AssignmentStatus.ACCEPTED):
        fields["ended_at"] = answered + timedelta(hours=draw.randrange(30))
    if status == AssignmentStatus.REJECTED:
        fields["reject_reason"] = RejectReason.NO_ROOM
    if status == AssignmentStatus.CLOSED:
        fields["outcome"] = "supported"
    return fields


def count_slowly(organisation: Organisation, networks: list[Network]) -> Answers:
    times = []
    accepted = 0
    for one in organisation.assignments.select_related("strand"):
        if one.offered_at is None or one.strand.network not in networks:
            continue
        if one.offered_at <= NOW - relativedelta(months=12) or one.status in ("withdrawn", "released"):
            continue
        if one.accepted_at:
            accepted += 1
            times.append((one.accepted_at - one.offered_at).total_seconds())
        elif one.status == AssignmentStatus.REJECTED:
            times.append((one.ended_at - one.offered_at).total_seconds())
        elif one.status == AssignmentStatus.LAPSED or one.lapsed_at:
            times.append(INFINITE)
    return Answers(len(times), accepted, median_low(times) if times else None)


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(gate_or_all(1, 12)))
def test_it_counts_as_a_slow_count_does_in_one_statement(seed, django_assert_num_queries):
    draw = random.Random(seed)
    networks = [f.NetworkFactory() for _ in range(2)]
    services = [f.ServiceFactory(network=network) for network in networks for _ in range(2)]
    shared = f.ServiceFactory(network=networks[1], organisation=services[0].organisation)
    networks[0].memberships.model.objects.create(network=networks[1], organisation=shared.organisation)
    for _ in range(60):
        offer(draw.choice([*services, shared]), **draw_offer(draw))
    organisations = {service.organisation_id: service.organisation for service in services}
    reader = User.objects.create_superuser(f"operator{seed}@example.org")
    for asked in (networks, networks[:1]):
        read_answers(reader, organisations, [one.pk for one in asked], now=NOW)
        with django_assert_num_queries(2):  # what the user reaches, and the statement
            found = read_answers(reader, organisations, [one.pk for one in asked], now=NOW)
        members = Organisation.objects.filter(memberships__network__in=asked, pk__in=organisations).distinct()
        assert found == {one.pk: count_slowly(one, asked) for one in members}


@pytest.mark.django_db
def test_only_those_who_know_how_full_services_are_know_it():
    service = f.ServiceFactory()
    network, own = service.network, service.organisation
    other = f.OrganisationFactory(network=network)
    people = {
        "own": f.OrganisationMemberFactory(organisation=own).user,
        "other": f.OrganisationMemberFactory(organisation=other).user,
        "commissioner": f.NetworkRoleFactory(network=network, role="commissioner").user,
        "editor": f.NetworkRoleFactory(network=network, role="editor").user,
    }

    def who_knows() -> set[str]:
        return {name for name, user in people.items() if read_answers(user, [own.pk], [network.pk])}

    assert who_knows() == set(people)  # whoever asks has been let see the organisation already
    Network.objects.update(shares_load=False)
    assert who_knows() == {"own", "commissioner"}


@pytest.mark.django_db
def test_what_became_of_this_years_offers_is_for_the_organisation_and_its_coordinators():
    service = f.ServiceFactory()
    elsewhere = f.NetworkFactory()
    elsewhere.memberships.create(organisation=service.organisation)
    start = NOW - timedelta(days=30)
    times = {"offered_at": NOW - timedelta(days=2), "ended_at": NOW}
    offer(service, status="rejected", reject_reason="no_room", **times)
    offer(service, status="rejected", reject_reason="no_room", **times)
    offer(service, status="lapsed", **times)
    offer(service, status="withdrawn", **times)
    offer(service, status="released", **times)
    offer(service, status="offered", offered_at=NOW)
    offer(service, status="offered", offered_at=NOW - timedelta(days=99))
    offer(f.ServiceFactory(network=elsewhere, organisation=service.organisation), status="offered", offered_at=NOW)

    def counted(user: User) -> tuple | None:
        counts = count_answers_since(start, service.organisation, user)
        if counts is None:
            return None
        over = (counts.unanswered, counts.withdrawn, counts.released)
        return counts.offers, counts.rejected, over, counts.open

    own = f.OrganisationMemberFactory(organisation=service.organisation).user
    roles = {
        role: f.NetworkRoleFactory(network=service.network, role=role).user for role in ("coordinator", "commissioner")
    }
    assert counted(own) == (7, [("No room", 2)], (1, 1, 1), 2)
    assert counted(roles["coordinator"]) == (6, [("No room", 2)], (1, 1, 1), 1)
    assert counted(roles["commissioner"]) is None
    assert counted(f.OrganisationMemberFactory().user) is None
