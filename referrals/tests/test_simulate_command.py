"""`manage.py simulate`: a network's own services and people, in a database of its own."""

import json
from dataclasses import replace
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.gis.geos import Point
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from referrals.bench import scratch_database
from referrals.bench.matching import network_world
from referrals.bench.matching.network_world import NetworkReader
from referrals.bench.matching.parameters import Parameters
from referrals.models import Assignment, Need, Network, Referral, Strand, TrackRecord
from referrals.tests.database_cleanup import end_database_sessions
from referrals.tests.factories import (
    CategoryFactory,
    DemographicFactory,
    DemographicOptionFactory,
    NetworkFactory,
    PersonFactory,
    ReferralFactory,
    RestrictionFactory,
    ServiceFactory,
    VenueFactory,
)

SHORT = Parameters(days=15)


@pytest.fixture
def network(transactional_db, monkeypatch):
    """A network with three services, one for women only, and 40 referrals of the last 20 days."""
    monkeypatch.setattr(network_world, "Parameters", lambda: SHORT)
    network = NetworkFactory(weight_room=77, suggestion_count=4)
    food, debt = CategoryFactory(network=network, name="Food"), CategoryFactory(network=network, name="Debt")
    woman = DemographicOptionFactory(demographic=DemographicFactory(network=network), name="Woman")
    for offered in ([food], [food, debt], [debt]):
        service = ServiceFactory(network=network, categories=offered, capacity=3)
        service.venue = VenueFactory(organisation=service.organisation)
        service.save()
    RestrictionFactory(service=service, option=woman)
    TrackRecord.objects.create(
        network=network, organisation=service.organisation, offers=10, accepted=9, seconds=7200, points=8000
    )
    for number in range(40):
        person = PersonFactory(name=f"Secret {number}", point=Point(-0.15 + number / 1000, 51.54), age_given=None)
        referral = ReferralFactory(
            network=network,
            person=person,
            created_at=timezone.now() - timedelta(days=20 * number / 40),
        )
        strand = Strand.objects.create(referral=referral, network=network, status="seeking")
        Need.objects.create(referral=referral, strand=strand, category=food if number % 2 else debt)
    return network


def test_a_world_has_what_the_network_has(network):
    reader = NetworkReader(network)
    world = reader.world("a", load=2)
    assert len(reader.people) == 40
    assert 40 < len(world.people) < 80  # twice two a day for 15 days, give or take
    assert {person.point for person in world.people} <= {person.point for person in reader.people}
    assert world.weights["weight_room"] == 77
    assert world.parameters.suggestions == 4
    assert [len(service.categories) for service in world.services] == [1, 2, 1]
    assert [bool(service.options) for service in world.services] == [False, False, True]
    keen, *others = sorted(world.organisations.values(), key=lambda organisation: organisation.answer)
    assert keen.answer == pytest.approx(1 / 12)
    assert keen.willingness > others[0].willingness == SHORT.willingness or keen.willingness == 0.99


def test_the_command_reads_the_network_and_leaves_it_alone(network, monkeypatch, tmp_path, settings):
    settings.VAR_DIR = tmp_path
    main = connection.settings_dict["NAME"]
    monkeypatch.setattr(scratch_database, "CREATE", f'CREATE DATABASE "{{name}}" TEMPLATE "{main}"')
    before = [model.objects.count() for model in (Network, Referral, Strand, Need, Assignment)]
    end_database_sessions()
    output = StringIO()
    rules = ("ours", "lowest load")
    call_command("simulate", network=network.slug, seeds=2, rules=rules, processes=1, stdout=output, stderr=StringIO())
    assert "| lowest load " in output.getvalue()
    text = (tmp_path / f"simulate-{network.slug}.json").read_text()
    assert "Secret" not in text
    assert all(row["referrals"] > 10 for row in json.loads(text)["worlds"])
    assert [model.objects.count() for model in (Network, Referral, Strand, Need, Assignment)] == before


def test_too_few_referrals_are_refused_in_words(network):
    some = Referral.objects.filter(pk__in=list(Referral.objects.values_list("pk", flat=True)[:20]))
    some.update(status="spam", closed_at=timezone.now())
    with pytest.raises(CommandError, match=r"has had 20 referrals in the last 12 months\. A simulation needs at least"):
        call_command("simulate", network=network.slug)
    with pytest.raises(CommandError, match="There is no network 'nowhere'"):
        call_command("simulate", network="nowhere")


def test_what_the_network_counts_as_usual_is_kept(network):
    network.reminder_days, network.lapse_days = 3, None
    network.save()
    assert NetworkReader(network).parameters == replace(SHORT, reminder=3.0, suggestions=4)
