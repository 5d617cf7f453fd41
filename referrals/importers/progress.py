"""How far an import has come: drawn on a terminal, or kept to itself."""

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from tqdm import tqdm

Advance = Callable[[int], object]


class Progress(Protocol):
    """Told of every phase of an import, and of each amount of it that is done."""

    def phase(self, title: str, *, total: int, unit: str) -> AbstractContextManager[Advance]:
        """Begin a phase of `total` units ("B" for bytes, else a noun); call what it yields with each amount done."""
        ...


class SilentProgress:
    """For tests, tasks and output that goes to a file."""

    @contextmanager
    def phase(self, title: str, *, total: int, unit: str) -> Iterator[Advance]:
        yield lambda amount: None


class TerminalProgress:
    """One bar a phase on standard error, which leaves standard output to the figures."""

    @contextmanager
    def phase(self, title: str, *, total: int, unit: str) -> Iterator[Advance]:
        is_bytes = unit == "B"
        with tqdm(
            total=total,
            desc=f"{title:<24}",
            unit=unit if is_bytes else f" {unit}",
            unit_scale=is_bytes,
            file=sys.stderr,
            ncols=shutil.get_terminal_size().columns,
        ) as bar:
            yield bar.update


def progress_for(*, verbosity: int) -> Progress:
    """Return bars where a person watches; silence at verbosity 0 and when standard error is not a terminal."""
    return TerminalProgress() if verbosity > 0 and sys.stderr.isatty() else SilentProgress()
