"""How organisations answer: as a slow count says, in words, and only to those who know how full services are."""

import random
from datetime import timedelta
from statistics import median_low

import pytest
from dateutil.relativedelta import relativedelta
from django.utils import timezone

from referrals.enums import AssignmentStatus, RejectReason
from referrals.matching.track_records import DAY, HOUR, TOO_FEW, Answers, refresh_track_records
from referrals.models import Assignment, Need, Network, Organisation, Strand, TrackRecord, User
from referrals.network.answering import count_answers_since, read_answers
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
        (None, "usually gives no answer in time"),
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


def latest_answers(organisation: Organisation, network: Network) -> list[tuple[list[int], bool, float]]:
    """Return, newest first, the needs, whether it was accepted, and the seconds of at most 100 offers."""
    found = []
    for one in organisation.assignments.filter(strand__network=network).select_related("strand"):
        if one.offered_at is None or one.offered_at <= NOW - relativedelta(months=12):
            continue
        if one.accepted_at:
            seconds = (one.accepted_at - one.offered_at).total_seconds()
        elif one.status == AssignmentStatus.REJECTED:
            seconds = (one.ended_at - one.offered_at).total_seconds()
        elif one.status == AssignmentStatus.LAPSED or (one.lapsed_at and one.status == AssignmentStatus.OFFERED):
            seconds = INFINITE
        else:
            continue
        needs = [need.category_id for need in one.strand.needs.all()]
        found.append((one.offered_at, one.pk, needs, one.accepted_at is not None, seconds))
    return [row[2:] for row in sorted(found, key=lambda row: row[:2], reverse=True)][:100]


def count_slowly(organisation: Organisation, network: Network) -> Answers:
    latest = latest_answers(organisation, network)[:20]
    median = median_low([seconds for _, _, seconds in latest]) if latest else None
    return Answers(len(latest), sum(accepted for _, accepted, _ in latest), None if median == INFINITE else median)


def make_offers(draw: random.Random, count: int = 60) -> tuple[list[Network], dict[int, Organisation]]:
    networks = [f.NetworkFactory() for _ in range(2)]
    services = [f.ServiceFactory(network=network) for network in networks for _ in range(2)]
    shared = f.ServiceFactory(network=networks[1], organisation=services[0].organisation)
    networks[0].memberships.model.objects.create(network=networks[1], organisation=shared.organisation)
    needs = {network.pk: [f.CategoryFactory(network=network) for _ in range(2)] for network in networks}
    for _ in range(count):
        made = offer(draw.choice([*services, shared]), **draw_offer(draw))
        for category in draw.sample(needs[made.strand.network_id], draw.choice([1, 1, 2])):
            Need.objects.create(referral=made.strand.referral, strand=made.strand, category=category)
    return networks, {service.organisation_id: service.organisation for service in services}


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(gate_or_all(1, 12)))
def test_the_list_says_what_a_slow_count_says_in_one_statement(seed, django_assert_num_queries):
    networks, organisations = make_offers(random.Random(seed))
    refresh_track_records(now=NOW)
    reader = User.objects.create_superuser(f"operator{seed}@example.org")
    for asked in (networks, networks[:1]):
        read_answers(reader, organisations, [one.pk for one in asked])
        with django_assert_num_queries(2):  # what the user reaches, and the statement
            found = read_answers(reader, organisations, [one.pk for one in asked])
        expected = {}
        for one in organisations.values():
            counts = [count_slowly(one, network) for network in asked if one.memberships.filter(network=network)]
            if counts:
                expected[one.pk] = max(counts, key=lambda count: count.offers)
        assert found == expected


def points_slowly(organisation: Organisation, network: Network, members: list[Organisation]) -> dict[int | None, int]:
    """Return the points of its record, by need; None is that of all its offers."""

    def days(seconds: float) -> float:
        return min(seconds / DAY, 4)

    usual = [row for one in members for row in latest_answers(one, network)[:20]]
    share = (sum(accepted for _, accepted, _ in usual) + 1) / (len(usual) + 2)
    mean = (sum(days(seconds) for *_, seconds in usual) + 1) / (len(usual) + 1)

    def smooth(rows: list, share: float, mean: float) -> tuple[float, float]:
        number = len(rows) + 5
        return (
            (sum(accepted for _, accepted, _ in rows) + 5 * share) / number,
            (sum(days(seconds) for *_, seconds in rows) + 5 * mean) / number,
        )

    latest = latest_answers(organisation, network)
    records = {None: smooth(latest[:20], share, mean)}
    for need in {need for needs, *_ in latest for need in needs}:
        about = [row for row in latest if need in row[0]][:20]
        if len(about) >= 5:
            records[need] = smooth(about, *records[None])
    worth = share / (1 + mean)
    return {need: round(5000 * max(0.5, min(2, one / (1 + slow) / worth))) for need, (one, slow) in records.items()}


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(gate_or_all(1, 8)))
def test_points_follow_from_the_offers_and_those_of_the_network(seed):
    draw = random.Random(seed)
    networks, organisations = make_offers(draw, 90)
    suspended = draw.choice([*organisations.values()])
    suspended.memberships.update(status="suspended")
    network = networks[0]
    refresh_track_records([network.pk], now=NOW)
    members = [one for one in organisations.values() if one.memberships.filter(network=network, status="active")]
    assert not TrackRecord.objects.exclude(network=network).exists()
    kept = {(row.organisation_id, row.category_id): row.points for row in TrackRecord.objects.all()}
    expected = {
        (one.pk, need): points
        for one in members
        for need, points in points_slowly(one, network, members).items()
        if usual_exists(network, members)
    }
    assert kept == {key: pytest.approx(points, abs=1) for key, points in expected.items()}


def usual_exists(network: Network, members: list[Organisation]) -> bool:
    return any(latest_answers(one, network) for one in members)


@pytest.mark.django_db
def test_records_are_worked_out_again_and_those_without_ground_go():
    service = f.ServiceFactory()
    need = f.CategoryFactory(network=service.network)
    at = NOW - timedelta(days=3)
    rejected = [
        offer(service, status="rejected", offered_at=at, ended_at=at + timedelta(hours=1), reject_reason="no_room")
        for _ in range(5)
    ]
    for one in rejected:
        Need.objects.create(referral=one.strand.referral, strand=one.strand, category=need)
    newcomer = f.OrganisationFactory(network=service.network)
    refresh_track_records(now=NOW)
    refresh_track_records(now=NOW)
    records = {(row.organisation_id, row.category_id): row for row in TrackRecord.objects.all()}
    assert set(records) == {(service.organisation_id, None), (service.organisation_id, need.pk), (newcomer.pk, None)}
    assert records[newcomer.pk, None].points == 5000
    refresh_track_records(now=NOW + timedelta(days=400))
    assert not TrackRecord.objects.exists()


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
