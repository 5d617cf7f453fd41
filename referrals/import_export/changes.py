"""What a table would do, row by row, in words."""

from dataclasses import asdict, dataclass, field

from import_export.results import RowResult


@dataclass(frozen=True, slots=True)
class Change:
    """What a table does to one row, or why it is refused; as JSON, what somebody was shown."""

    number: int
    kind: str
    name: str
    cells: list[list[str]] = field(default_factory=list)  # column, what was there, what comes
    problems: list[list[str]] = field(default_factory=list)  # column or nothing, what is wrong in words
    notes: list[list[str]] = field(default_factory=list)  # column, what was made of its cell in words

    def as_json(self) -> dict:
        return asdict(self)


def is_applicable(changes: list[dict]) -> bool:
    """Whether there is anything to do, and nothing refused: it is all or nothing."""
    kinds = {change["kind"] for change in changes}
    return "refused" not in kinds and bool(kinds & {"new", "changed"})


KINDS = {
    RowResult.IMPORT_TYPE_NEW: "new",
    RowResult.IMPORT_TYPE_UPDATE: "changed",
    RowResult.IMPORT_TYPE_SKIP: "unchanged",
    RowResult.IMPORT_TYPE_INVALID: "refused",
    RowResult.IMPORT_TYPE_ERROR: "refused",
}
