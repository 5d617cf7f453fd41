"""Shows how far an import is: as a bar on a terminal, or not at all."""

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from tqdm import tqdm

Advance = Callable[[int], object]


class Progress(Protocol):
    def phase(self, title: str, *, total: int, unit: str) -> AbstractContextManager[Advance]:
        """Begin a phase of `total` units ("B" for bytes, or a noun). Call what it yields with each amount done."""
        ...


class SilentProgress:
    @contextmanager
    def phase(self, title: str, *, total: int, unit: str) -> Iterator[Advance]:
        yield lambda amount: None


class TerminalProgress:
    """Draws one bar for each phase on standard error; the report goes to standard output."""

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
    """Return bars on a terminal, except at verbosity 0."""
    return TerminalProgress() if verbosity > 0 and sys.stderr.isatty() else SilentProgress()
