"""How much memory something takes, in a process that may have taken more before."""

import ctypes
import gc
from collections.abc import Callable
from pathlib import Path


def megabytes_at_most(work: Callable[[], object]) -> float:
    """Return how far the process grows while it does this. `ru_maxrss` would not tell: it is the peak of its life."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")  # the peak is counted from now on (man 5 proc)
    before = _kilobytes("VmRSS")
    work()
    return (_kilobytes("VmHWM") - before) / 1024


def _kilobytes(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))
