"""Finds the CSV files in what an operator names: a CSV, a zip or a folder. Any CSV may be gzipped."""

import gzip
import io
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from referrals.importers.errors import ImportRefusedError
from referrals.importers.progress import Advance

_GZIP_MAGIC = b"\x1f\x8b"
_ZIP_MAGIC = b"PK\x03\x04"
_DAMAGE = (EOFError, OSError, zlib.error, zipfile.BadZipFile, NotImplementedError)


@dataclass(frozen=True)
class CsvFile:
    """`name` is for messages; `size` is in bytes, as it lies on disk or in the archive."""

    name: str
    size: int
    opener: Callable[[], AbstractContextManager[BinaryIO]]

    @contextmanager
    def reading(self, advance: Advance = lambda amount: None) -> Iterator[BinaryIO]:
        """Yield its unpacked bytes, reporting each piece to `advance`. Raises ImportRefusedError for a damaged file."""
        try:
            with self.opener() as raw:
                stream = io.BufferedReader(_CountedReader(raw, advance), buffer_size=1 << 16)
                if stream.peek(2).startswith(_GZIP_MAGIC):
                    yield gzip.GzipFile(fileobj=stream)
                else:
                    yield stream
        except _DAMAGE as error:
            problem = str(error) or type(error).__name__
            raise ImportRefusedError(f"{self.name} cannot be read to its end: {problem}.") from error


class _CountedReader(io.RawIOBase):
    """Counts bytes before they are unpacked: the unpacked size of a gzipped file is not known."""

    def __init__(self, raw: BinaryIO, advance: Advance) -> None:
        self._raw = raw
        self._advance = advance

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:
        view = memoryview(buffer)
        piece = self._raw.read(len(view))
        view[: len(piece)] = piece
        self._advance(len(piece))
        return len(piece)


def find_csv_files(paths: Iterable[str | Path]) -> list[CsvFile]:
    """Return every CSV of postcodes under `paths`, in the order given, and by name within a folder or archive.

    If a folder or archive has a Data folder, only that is read: Ordnance Survey and ONS put look-up tables in Doc or
    Documents. ONS repeats its one big CSV in `multi_csv`, which is read only if there is nothing else. Raises
    ImportRefusedError for a missing path, a broken archive, and a place without a CSV.
    """
    return [file for path in paths for file in _files_at(Path(path))]


def _files_at(path: Path) -> list[CsvFile]:
    try:
        if path.is_dir():
            return _files_in_folder(path)
        if zipfile.is_zipfile(path):
            return _files_in_zip(path)
        with path.open("rb") as stream:
            if stream.read(4) == _ZIP_MAGIC:
                raise ImportRefusedError(f"{path} is a zip archive that is cut off or damaged.")
        return [CsvFile(str(path), path.stat().st_size, partial(path.open, "rb"))]
    except FileNotFoundError as error:
        raise ImportRefusedError(f"There is no file or folder {path}.") from error
    except (OSError, zipfile.BadZipFile) as error:
        raise ImportRefusedError(f"{path} cannot be read: {error}.") from error


def _files_in_folder(folder: Path) -> list[CsvFile]:
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    chosen = [folder / name for name in _choose_names(names, (".csv", ".csv.gz", ".zip"))]
    if not chosen:
        raise ImportRefusedError(f"The folder {folder} has no CSV files.")
    return [file for path in chosen for file in _files_at(path)]


def _files_in_zip(path: Path) -> list[CsvFile]:
    with zipfile.ZipFile(path) as archive:
        members = {info.filename: info for info in archive.infolist() if not info.is_dir()}
    chosen = [members[name] for name in _choose_names(members, (".csv", ".csv.gz"))]
    if not chosen:
        raise ImportRefusedError(f"The archive {path} has no CSV files.")
    if any(info.flag_bits & 1 for info in chosen):
        raise ImportRefusedError(f"The archive {path} needs a password.")
    return [
        CsvFile(f"{path}: {info.filename}", info.file_size, partial(_opened_member, path, info.filename))
        for info in chosen
    ]


@contextmanager
def _opened_member(path: Path, name: str) -> Iterator[BinaryIO]:
    with zipfile.ZipFile(path) as archive, archive.open(name) as stream:
        yield stream


def _choose_names(names: Iterable[str], suffixes: tuple[str, ...]) -> list[str]:
    fitting = sorted(name for name in names if name.lower().endswith(suffixes) and "__MACOSX" not in name)
    in_data = [name for name in fitting if "data" in _folders(name)]
    chosen = in_data or [name for name in fitting if not _folders(name) & {"doc", "documents"}]
    return [name for name in chosen if "multi_csv" not in _folders(name)] or chosen


def _folders(name: str) -> set[str]:
    return {part.lower() for part in PurePosixPath(name).parts[:-1]}
