"""Runs many rules in many worlds, in several processes, each with a database of its own."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter

from django.db import connection

from referrals.bench.matching.drawing import draw_world, find_town
from referrals.bench.matching.limits import find_limit
from referrals.bench.matching.measures import Measures, measure_run
from referrals.bench.matching.parameters import Parameters
from referrals.bench.matching.rules import simulate_rule
from referrals.bench.matching.storing import prepare_database, store_world
from referrals.bench.matching.stresses import STRESSES
from referrals.bench.matching.world import Point, World
from referrals.bench.places import fill_place_table
from referrals.bench.scratch_database import run_statements, scratch_database

LIMITS = {"limit of capacity": False, "limit of known answers": True}


@dataclass(frozen=True, slots=True)
class Job:
    """One world, in which the rules are run one after the other. `group` says what the world is an example of."""

    group: str
    seed: str
    load: float
    parameters: Parameters
    rules: tuple[str, ...]
    limits: tuple[str, ...] = ()
    stress: str = ""
    world: World | None = None  # read from a network; None = drawn


@dataclass(frozen=True, slots=True)
class JobResult:
    job: Job
    measures: Mapping[str, Measures]  # by rule
    limits: Mapping[str, float]  # share of needs
    notes: Mapping[str, float]  # what the stress adds, by rule
    seconds: Mapping[str, float]  # by rule
    referrals: int


_worker_places: list[Point] = []


@contextmanager
def prepared_database(postcodes: Path | None) -> Iterator[str]:
    """Make a scratch database that takes offers quickly, with all postcodes if wanted; yield what these are."""
    with scratch_database() as name:
        run_statements(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
        what = fill_place_table(postcodes)[1] if postcodes else ""
        prepare_database()
        yield what


def run_jobs(jobs: Sequence[Job], *, processes: int, finish: Callable[[JobResult], object]) -> list[JobResult]:
    """Return the results in the order of the jobs; `finish` takes each at once. One process does all of it itself."""
    if processes == 1:
        results = []
        for job in jobs:
            results.append(_run_job(job))
            finish(results[-1])
        return results
    name = connection.settings_dict["NAME"]
    connection.close()
    copies = [f"{name}_{number}" for number in range(1, processes + 1)]
    for copy in copies:
        run_statements(
            f'DROP DATABASE IF EXISTS "{copy}"',
            f'CREATE DATABASE "{copy}" TEMPLATE "{name}"',
            f'ALTER DATABASE "{copy}" SET synchronous_commit = off',
        )
    context = get_context("fork")
    free = context.Queue()
    for copy in copies:
        free.put(copy)
    try:
        with ProcessPoolExecutor(processes, mp_context=context, initializer=_connect_to, initargs=(free,)) as pool:
            futures = {pool.submit(_run_job, job): number for number, job in enumerate(jobs)}
            found: dict[int, JobResult] = {}
            for future in as_completed(futures):
                found[futures[future]] = future.result()
                finish(found[futures[future]])
    finally:
        run_statements(*(f'DROP DATABASE IF EXISTS "{copy}"' for copy in copies))
    return [found[number] for number in sorted(found)]


def _connect_to(free) -> None:
    connection.settings_dict["NAME"] = free.get()


def _run_job(job: Job) -> JobResult:
    world = job.world or _make_world(job)
    network = store_world(world)
    measures, seconds, notes = {}, {}, {}
    stress = STRESSES.get(job.stress)
    for name in job.rules:
        began = perf_counter()
        run = simulate_rule(name, world, network)
        seconds[name] = perf_counter() - began
        measures[name] = measure_run(run)
        if stress and stress.note:
            notes[name] = stress.note(run)
    limits = {name: find_limit(world, knows_answers=LIMITS[name]) for name in job.limits}
    return JobResult(replace(job, world=None), measures, limits, notes, seconds, len(world.people))


def _make_world(job: Job) -> World:
    if not _worker_places:
        with connection.cursor() as cursor:
            cursor.execute("SELECT x, y FROM bench_place ORDER BY id")
            _worker_places.extend(cursor.fetchall())
    homes = find_town(job.seed, _worker_places, job.parameters.area_km)
    stress = STRESSES.get(job.stress)
    surge = stress.surge(job.parameters) if stress and stress.surge else None
    world = draw_world(job.seed, job.parameters, load=job.load, homes=homes, surge=surge)
    if stress and stress.change:
        stress.change(world)
    return world


def count_processes() -> int:
    return min(4, os.cpu_count() or 1)
