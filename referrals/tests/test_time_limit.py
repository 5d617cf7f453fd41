import time

import pytest

from referrals.tests import time_limit
from referrals.tests.depth import gate_or_all


@pytest.fixture
def no_time_at_all(request, monkeypatch):
    monkeypatch.setattr(time_limit, "SECONDS", 0.05)
    monkeypatch.setattr(time_limit, "read_clock", time.monotonic)  # on a busy machine the other may stand still
    request.node.stash[time_limit._started] = time.monotonic()


@pytest.mark.xfail(gate_or_all(True, False), reason="it is slow", raises=pytest.fail.Exception, strict=True)
def test_a_slow_case_fails_in_the_gate(no_time_at_all):
    time.sleep(0.1)


@pytest.mark.slow(reason="it shows that this is enough")
def test_a_slow_case_passes_with_a_reason(no_time_at_all):
    time.sleep(0.1)


def test_time_in_which_processes_queue_is_not_counted(monkeypatch, tmp_path):
    monkeypatch.setattr(time_limit, "PRESSURE", tmp_path / "cpu")
    assert time_limit.read_clock() == 0
    monkeypatch.setattr(time, "monotonic", lambda: 100.0)
    time_limit.PRESSURE.write_text(
        "some avg10=0.00 avg60=0.00 avg300=0.00 total=2500000\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n"
    )
    assert time_limit.read_clock() == 97.5
