"""Worlds that were run, so that a run that was cut short goes on where it ended."""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from hashlib import sha256
from pathlib import Path

from referrals import matching
from referrals.bench.matching.measures import Measures
from referrals.bench.matching.running import Job, JobResult


class FinishedWorlds:
    """A file of one line of JSON for each world. `resumes` keeps the lines of an earlier run of the same code."""

    def __init__(self, path: Path, *, resumes: bool) -> None:
        self._path = path
        self._code = _digest_code()
        lines = path.read_text().splitlines(keepends=True) if resumes and path.exists() else []
        whole = [line for line in lines if line.endswith("}\n")]
        path.write_text("".join(whole))
        self._found: dict[str, Mapping] = {found["key"]: found["result"] for found in map(json.loads, whole)}

    def find(self, job: Job) -> JobResult | None:
        found = self._found.get(self._key(job))
        if found is None:
            return None
        measures = {rule: Measures(**figures) for rule, figures in found["measures"].items()}
        return JobResult(replace(job, world=None), measures, *(found[name] for name in _AS_THEY_ARE))

    def add(self, result: JobResult) -> None:
        values = {
            "measures": {rule: asdict(measures) for rule, measures in result.measures.items()},
            **{name: getattr(result, name) for name in _AS_THEY_ARE},
        }
        with self._path.open("a") as file:
            file.write(json.dumps({"key": self._key(result.job), "result": values}) + "\n")

    def _key(self, job: Job) -> str:
        return json.dumps([self._code, asdict(replace(job, world=None))], sort_keys=True)


_AS_THEY_ARE = ("limits", "notes", "seconds", "referrals")


def _digest_code() -> str:
    folders = Path(matching.__file__).parent, Path(__file__).parent
    files = sorted(path for folder in folders for path in folder.glob("*.py"))
    return sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]
