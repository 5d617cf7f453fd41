"""What every test has, in whatever app it stands."""

import gc
from datetime import time

import pytest

from referrals.tests.browsers import browser, new_context  # noqa: F401 - used by pytest
from referrals.tests.processes import mailbox, worker  # noqa: F401 - used by pytest


@pytest.fixture(autouse=True)
def forget_flow_versions() -> None:
    """Processes keep published questions by their keys, which another test may use for others."""
    from referrals.questions.versions import load_version  # Django is not ready before

    load_version.cache_clear()


pytest_plugins = [
    "referrals.tests.depth",
    "referrals.tests.time_limit",
    "referrals.tests.slow_first",
    "referrals.tests.database_template",
    "referrals.tests.database_cleanup",
]


def pytest_collection_finish() -> None:
    """What has been imported stays until the end: looking through it for garbage is a twelfth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(autouse=True)
def _any_hour(request, monkeypatch) -> None:
    """Tests run at night too: let organisations be reminded then, but in the test of the hours themselves."""
    if not request.node.get_closest_marker("real_hours"):
        monkeypatch.setattr("referrals.workflow.time_limits.DAY_BEGINS", time.min)
        monkeypatch.setattr("referrals.workflow.time_limits.DAY_ENDS", time.max)
