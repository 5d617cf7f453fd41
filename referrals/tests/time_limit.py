"""In the gate, a case that takes over 8 seconds fails: cut it up, or leave part of it to --all.

Where neither can be done, say why: @pytest.mark.slow(reason="..."). The limit is for the machine one works at; one that
only has to say whether a change is right, and may be slow, sets CASE_SECONDS.
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from referrals.tests.depth import gate_or_all

SECONDS = float(os.environ.get("CASE_SECONDS", "8"))
PRESSURE = Path("/proc/pressure/cpu")

_started = pytest.StashKey[float]()


def read_clock() -> float:
    """Return seconds on a clock that stops while any process queues for a processor, whoever's.

    So another program's load fails no case, while its own database, browser and sleep all count. The kernel sums the
    queuing up; where there is no such kernel the clock stands still and nothing is limited.
    """
    if not PRESSURE.exists():
        return 0.0
    some = PRESSURE.read_text().splitlines()[0]  # "some avg10=0.00 avg60=0.00 avg300=0.00 total=<microseconds>"
    return time.monotonic() - int(some.rpartition("=")[2]) / 1_000_000


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    item.stash[_started] = read_clock()
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef, request: pytest.FixtureRequest) -> Iterator[None]:
    """What is made once a session, the database and the browser, is not the first case's doing."""
    began = read_clock()
    try:
        return (yield)
    finally:
        if fixturedef.scope == "session" and _started in (stash := request._pyfuncitem.stash):
            stash[_started] += read_clock() - began


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    result = yield
    seconds = read_clock() - item.stash[_started]
    if marker := item.get_closest_marker("slow"):
        assert marker.kwargs.get("reason"), "Say why the case is slow: @pytest.mark.slow(reason=...)."
    elif seconds > gate_or_all(SECONDS, float("inf")):
        pytest.fail(f"This case took {seconds:.1f} s; in the gate it may take {SECONDS:.0f}.", pytrace=False)
    return result
