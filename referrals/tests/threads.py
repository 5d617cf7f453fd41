"""Several calls at the same moment: real threads, real connections, real commits."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import connection

from referrals import workflow


def at_once(*calls: Callable[[], object]) -> list:
    """Run every call in a thread of its own, all let go at the same moment; return results or refusals."""
    barrier = threading.Barrier(len(calls))

    def run(call):
        try:
            barrier.wait(timeout=30)
            return call()
        except workflow.Refusal as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=len(calls)) as pool:
        return list(pool.map(run, calls))


def wait_for_lock(seconds: float = 15) -> None:
    """Wait until another session waits for a lock that this one holds."""
    deadline = time.monotonic() + seconds
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute(
                "SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)) LIMIT 1"
            )
            if cursor.rowcount:
                return
            time.sleep(0.02)
    raise AssertionError("Nobody waits for this session.")
