from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from backoffice.templatetags.moments import ago, briefly, exactly

NOW = datetime(2026, 11, 5, 10, 40, tzinfo=UTC)


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=2), "2 hours ago"),
        (timedelta(days=3), "3 days ago"),
        (timedelta(days=20), "16 October"),
        (timedelta(days=400), "1 October 2025"),
        (timedelta(days=-1), "6 November"),
    ],
)
@time_machine.travel(NOW, tick=False)
def test_near_by_times_are_relative_and_know_the_minute(passed, words):
    shown = ago(timezone.now() - passed)
    assert f">{words}</time>" in shown
    assert 'title="' in shown


@time_machine.travel(NOW, tick=False)
def test_times_are_local_and_exact():
    assert ">Thursday 5 November, 10:40</time>" in exactly(NOW)
    assert ">Wednesday 1 July, 09:05</time>" in exactly(datetime(2026, 7, 1, 8, 5, tzinfo=UTC))
    assert ">1 Jul 09:05</time>" in briefly(datetime(2026, 7, 1, 8, 5, tzinfo=UTC))


def test_no_time_is_nothing():
    assert ago(None) == exactly(None) == briefly(None) == ""
