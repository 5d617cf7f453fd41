import os
import subprocess
import sys

import pytest
from django.conf import settings


def run_in_one_process(case: str, **environment: str) -> str:
    """Run a case of cases_in_one_process.py without workers; return what pytest printed, for a failure to show."""
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "0", f"referrals/tests/cases_in_one_process.py::{case}"],
        cwd=settings.BASE_DIR,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.mark.sampled
def test_without_workers_a_test_that_commits_leaves_what_the_migrations_wrote(worker_id):
    # pytest-django adds this to the test database's name, so that the run beside this one keeps its own.
    output = run_in_one_process("test_rows_of_the_migrations_are_there", TOX_PARALLEL_ENV=f"one_process_{worker_id}")
    assert "2 passed" in output


@pytest.mark.sampled
def test_a_run_that_asks_for_no_database_reaches_none():
    nowhere = "postgis://nobody@:5432/real?host=%2Fnowhere"
    assert "1 passed" in run_in_one_process("test_no_database_is_asked_for", DATABASE_URL=nowhere)
