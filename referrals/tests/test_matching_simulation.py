"""The simulation of who is asked first: what must hold in every world, whoever wins."""

import json
from collections import Counter
from dataclasses import replace
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import TransactionTestCase

from referrals.bench import scratch_database
from referrals.bench.matching import benchmark, report
from referrals.bench.matching.drawing import draw_world, find_town
from referrals.bench.matching.limits import find_limit
from referrals.bench.matching.measures import Estimate, estimate, measure_run
from referrals.bench.matching.parameters import PROBABILITIES, VARIED, Parameters
from referrals.bench.matching.plots import Mark, Panel, draw_panels
from referrals.bench.matching.rules import OURS, SORT_RULES, StatementRule, factor_fields, rule_names, simulate_rule
from referrals.bench.matching.simulator import PersonEnd, Run
from referrals.bench.matching.storing import day_to_time, prepare_database, store_world
from referrals.bench.matching.stresses import STRESSES
from referrals.enums import LIVE_ASSIGNMENT, AssignmentStatus
from referrals.models import Assignment, Network
from referrals.tests.database_cleanup import end_database_sessions

pytestmark = pytest.mark.django_db(transaction=True)

SMALL = Parameters(days=25, services=14, organisations=9, categories=4, patience=8.0, stay=12.0, capacity=3.0)
PLACES = [(-1.5 + x / 100, 53.8 + y / 100) for x in range(-3, 4) for y in range(-3, 4)]


def make_world(seed="a", *, load=1.0, parameters=SMALL):
    return draw_world(seed, parameters, load=load, homes=PLACES)


@pytest.fixture(scope="module")
def scratch(django_db_setup, restore_migrated_rows, django_db_blocker):
    """A copy of the test database, made ready for simulations: it loses constraints that other tests need."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        main = connection.settings_dict["NAME"]
        patch.setattr(scratch_database, "CREATE", f'CREATE DATABASE "{{name}}" TEMPLATE "{main}"')
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: None)  # each world replaces the last
        end_database_sessions()
        with scratch_database.scratch_database() as name:
            prepare_database()
            yield name


@pytest.fixture
def stored(scratch):
    """Return a world that is in the database, and its network."""
    world = make_world()
    return world, store_world(world)


@pytest.fixture(scope="module")
def runs(scratch, django_db_blocker):
    """Return a run of every rule in one world."""
    with django_db_blocker.unblock():
        world = make_world()
        network = store_world(world)
        return {name: simulate_rule(name, world, network) for name in (OURS, *SORT_RULES)}


def history_of(run):
    return [(offer.key, offer.organisation, offer.status, offer.offered, offer.ended) for offer in run.offers]


def test_the_same_seed_gives_the_same_world_and_the_same_run(stored):
    world, network = stored
    again = make_world()
    store_world(again)
    assert (again.people, again.services, again.organisations) == (world.people, world.services, world.organisations)
    for name in (OURS, "random", "lowest load"):
        first, second = (simulate_rule(name, each, network) for each in (world, again))
        assert history_of(first) == history_of(second)
        assert first.offers


def test_what_an_organisation_answers_does_not_depend_on_the_rule(runs):
    heard = {}
    for run in runs.values():
        for offer in run.offers:
            if offer.status == AssignmentStatus.REJECTED and run.now > 0:
                key = (offer.strand.person.key, offer.suitable.service.key)
                heard.setdefault(key, set()).add(round(offer.ended - offer.offered, 6))
    assert len(heard) > 20
    assert all(len(delays) == 1 for delays in heard.values())


@pytest.mark.parametrize("name", [OURS, *SORT_RULES])
def test_people_places_and_offers_are_conserved(name, runs):
    run, world = runs[name], runs[name].world
    ends = Counter(run.end_of(person) for person in world.people)
    assert sum(ends.values()) == len(world.people)
    assert ends[PersonEnd.HELPED] == len({placement.person.key for placement in run.placements})
    assert set(run.taken.values()) == set(run.live.values()) == {0}  # all cases have ended
    for person in world.people:
        met = [need for placed in run.placements if placed.person is person for need in placed.needs]
        assert len(met) == len(set(met))
        assert set(met) <= person.needs
    for strands in run.strands.values():
        for strand in strands:
            offers = [offer for offer in run.offers if offer.strand is strand]
            assert sum(offer.accepted is not None for offer in offers) <= 1
            assert all(offer.ended is not None for offer in offers)


@pytest.mark.parametrize("name", [OURS, "nearest first"])
def test_nobody_has_more_cases_than_places(name, runs):
    run, world = runs[name], runs[name].world
    for service in world.services:
        own = [placed for placed in run.placements if placed.suitable.service.key == service.key]
        old = world.already_there[service.key]
        for placed in own:
            open_then = sum(other.day <= placed.day < other.ends for other in own)
            assert open_then + sum(end > placed.day for end in old) <= service.true_capacity


def test_the_ranking_may_suggest_exactly_who_suits(stored):
    world, network = stored
    rule = StatementRule(replace_suggestions(world), network)
    network.suggestion_count = 50
    run = Run(world, rule, table=rule.table)
    some = [person for person in world.people if person.needs & {1, 2, 3}] + list(world.people)[:40]
    assert some[0].needs & {1, 2, 3}  # one is wide
    for person in some:
        found = rule.rank(run, person, person.needs, ())
        suitable = world.suitable[person.key]
        assert {each.service.organisation for each in found} == {each.service.organisation for each in suitable}
        assert {each.service.key for each in found} <= {each.service.key for each in suitable}


def replace_suggestions(world):
    world.parameters = replace(world.parameters, suggestions=50)
    return world


def test_the_database_holds_what_happened(stored):
    world, network = stored
    rule = StatementRule(world, network)
    run = Run(world, rule, table=rule.table).simulate()
    rule.table.write(rule.cursor, run.now)
    rows = dict(Assignment.objects.order_by().filter(pk__lt=1_000_000).values_list("pk", "status"))
    assert rows == {offer.key: str(offer.status) for offer in run.offers}
    assert not Assignment.objects.filter(status__in=LIVE_ASSIGNMENT).exists()
    accepted = Assignment.objects.filter(pk__lt=1_000_000, accepted_at__isnull=False)
    assert accepted.count() == len(run.placements)


def test_a_live_count_is_what_the_ranking_reads(stored):
    world, network = stored
    rule = StatementRule(world, network)
    run = Run(world, rule, table=rule.table)
    rank, seen = rule.rank, []

    def rank_and_compare(*arguments):
        found = rank(*arguments)
        if len(seen) < 30:
            rows = Assignment.objects.order_by().filter(status__in=LIVE_ASSIGNMENT)
            live = Counter(rows.values_list("service", flat=True))
            seen.append(live == Counter({key: count for key, count in run.live.items() if count}))
        return found

    rule.rank = rank_and_compare
    run.simulate()
    assert seen == [True] * 30


@pytest.mark.parametrize("load", [0.6, 1.4])
def test_no_rule_beats_hindsight(load, scratch):
    world = make_world("b", load=load)
    network = store_world(world)
    capacity, answers = (find_limit(world, knows_answers=knows) for knows in (False, True))
    assert 0 < answers <= capacity + 1e-6 <= 1 + 2e-6
    for name in (OURS, *SORT_RULES):
        assert measure_run(simulate_rule(name, world, network)).needs_met <= answers + 1e-6


def test_a_late_yes_counts_while_nobody_else_has_accepted(stored):
    world, network = stored
    world.parameters = replace(world.parameters, reminder=0.3, lapse=0.2, late_yes=1.0)
    run = simulate_rule("lowest load", world, network)
    late = [placed for placed in run.placements if placed.was_late]
    assert late
    released = [offer for offer in run.offers if offer.status == AssignmentStatus.WITHDRAWN]
    assert any(offer.ended == placed.day for offer in released for placed in late)


@pytest.mark.parametrize("name", list(STRESSES))
def test_what_goes_wrong_can_be_run(name, scratch):
    stress = STRESSES[name]
    surge = stress.surge(SMALL) if stress.surge else None
    world = draw_world("c", SMALL, load=0.9, homes=PLACES, surge=surge)
    if stress.change:
        stress.change(world)
    network = store_world(world)
    run = simulate_rule("most free places", world, network)
    assert 0 < measure_run(run).needs_met < 1
    if stress.note:
        assert stress.note(run) >= 0
    for organisation in world.organisations.values():
        own = [offer for offer in run.offers if offer.organisation == organisation.key]
        assert all(offer.offered >= organisation.joins for offer in own)
        if organisation.away:
            begins, ends = organisation.away
            answered = [offer.ended for offer in own if offer.status == AssignmentStatus.REJECTED]
            assert not any(begins <= day < ends for day in answered)


def test_every_weight_of_the_network_is_a_factor():
    assert set(factor_fields().values()) == {
        field.name for field in Network._meta.get_fields() if field.name.startswith("weight_")
    }
    assert {"without needs", "without answers"} <= set(rule_names())


def test_every_parameter_can_be_halved_and_doubled():
    for name in VARIED:
        for factor in (0.5, 2):
            changed = Parameters().change(name, factor)
            assert getattr(changed, name) != getattr(Parameters(), name)
            assert name not in PROBABILITIES or 0 <= getattr(changed, name) <= 0.95


def test_errors_are_those_of_paired_differences():
    assert estimate([1.0, 2.0, 3.0]).mean == 2.0
    assert estimate([1.0, 2.0, 3.0]).error == pytest.approx(4.30 / 3**0.5)
    assert (Estimate(0.2, 0.1).is_above_zero, Estimate(0.1, 0.2).is_above_zero) == (True, False)
    assert (Estimate(-0.2, 0.1).is_below_zero, Estimate(-0.1, 0.2).is_below_zero) == (True, False)


def test_a_town_is_within_reach():
    homes = find_town("a", PLACES * 10, 6.0)
    assert len(homes) >= 200
    assert day_to_time(1) > day_to_time(0)


def test_a_plot_has_neither_script_nor_a_mark_outside():
    panel = Panel(
        "load 1", [Mark("ours", 0.6, 0.1, "ours"), Mark("<other>", 0.5, 0.1), Mark("limit", 0.9, kind="limit")]
    )
    svg = draw_panels("A & B", [panel, panel])
    assert "<script" not in svg
    assert "&lt;other&gt;" in svg
    assert "prefers-color-scheme: dark" in svg


@pytest.mark.slow(reason="it runs every part of the benchmark once, on small worlds")
def test_the_command_writes_figures_tables_and_plots(scratch, monkeypatch, tmp_path, settings):
    settings.VAR_DIR, settings.BASE_DIR = tmp_path, tmp_path
    page = tmp_path / "docs" / "matching.md"
    page.parent.mkdir()
    page.write_text(f"{report.BEGIN}\n{report.END}\n")
    monkeypatch.setattr(scratch_database, "CREATE", f'CREATE DATABASE "{{name}}" TEMPLATE "{scratch}"')
    monkeypatch.setattr(benchmark, "Parameters", lambda **changes: replace(SMALL, days=8))
    monkeypatch.setattr(benchmark, "VARIED", ("stay",))
    monkeypatch.setattr(benchmark, "STRESSES", {"newcomer": STRESSES["newcomer"]})
    end_database_sessions()
    output = StringIO()
    options = {"loads": (0.9,), "seeds": 2, "rules": (OURS, "lowest load"), "processes": 1, "docs": True}
    call_command("bench", "matching", **options, stdout=output, stderr=StringIO())
    document = json.loads((tmp_path / "matching.json").read_text())
    assert Counter(row["group"] for row in document["worlds"]) == {
        "main": 2,
        "stress newcomer": 2,
        "stay halved": 1,
        "stay doubled": 1,
    }
    assert all(set(row["rules"]) == {OURS, "lowest load"} for row in document["worlds"])
    assert "of the limit of known answers, ours reaches" in output.getvalue()
    assert "| stay doubled " in output.getvalue()
    assert "An organisation joins after two months" in output.getvalue()
    assert output.getvalue().strip() in page.read_text()
    assert {path.name for path in (tmp_path / "docs" / "matching").iterdir()} == {
        *("needs-met.svg", "differences.svg", "days.svg", "variations.svg")
    }
    worlds = tmp_path / "matching-worlds.jsonl"
    *whole, last = worlds.read_text().splitlines(keepends=True)
    worlds.write_text("".join(whole) + last[:100])  # as of a run that was killed
    resumed = StringIO()
    call_command("bench", "matching", **options, resume=True, stdout=resumed, stderr=StringIO())
    assert resumed.getvalue() == output.getvalue()
    assert worlds.read_text().startswith("".join(whole))
    assert len(worlds.read_text().splitlines()) == len(whole) + 1


def test_the_generated_part_of_a_page_is_replaced(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(f"Before.\n{report.BEGIN}\nold\n{report.END}\nAfter.\n")
    report.write_generated(page, ["new"])
    assert page.read_text() == f"Before.\n{report.BEGIN}\n\nnew\n\n{report.END}\nAfter.\n"
