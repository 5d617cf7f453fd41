"""The list of tables: what their rows and columns are, and what is counted.

To publish another is a decision: read docs/decisions/0041 first.
"""

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    COUNT = "count"
    SHARE = "share"  # of another count in the same row, or of the table's total
    MEDIAN = "median"
    PERCENTILE_90 = "90th percentile"


@dataclass(frozen=True, slots=True)
class Column:
    """`measure` is the name of a source in `sql`. Without `of`, a share is of the table's total."""

    label: str
    measure: str
    kind: Kind = Kind.COUNT
    of: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A row for each value of the dimension `rows`; a column for each value of `across` or, without it, of `columns`.

    Dimensions are columns of the sources in `sql`. A table with `across` counts one thing.
    """

    slug: str
    title: str
    heading: str
    rows: str
    columns: tuple[Column, ...]
    across: str = ""
    note: str = ""
    totals: bool = True
    fewest: int = 0  # rows with a smaller first figure are left out

    @property
    def has_months(self) -> bool:
        """Whether it has figures of single months. Only such tables are published for one: others would tell more."""
        return "month" in (self.rows, self.across)

    @property
    def measures(self) -> list[str]:
        return list(dict.fromkeys([one for column in self.columns for one in (column.measure, column.of) if one]))


_SENT = Column("Referrals", "sent")
_SHARE = Column("Of all", "sent", Kind.SHARE)
_REJECTED = Column("Referrals", "rejected")
_OPEN = Column("Open cases", "open")
_TIMES = (
    Column("First answer: half within", "answered", Kind.MEDIAN),
    Column("First answer: 9 of 10 within", "answered", Kind.PERCENTILE_90),
    Column("Acceptance: half within", "accepted", Kind.MEDIAN),
    Column("Acceptance: 9 of 10 within", "accepted", Kind.PERCENTILE_90),
)
_FROM_SENDING = (
    "Measured from when a referral was sent. Covers those sent in this period that have since been answered."
)
_SEVERAL = "A referral with several needs counts for each of them, and for the categories above them."
_UNMET = (
    Column("No organisation suited or was left to ask", "unmatched"),
    Column("Closed as not supported", "unsupported"),
)

_TABLES = (
    Table(
        "months",
        "Referrals by month",
        "Sent in",
        "month",
        (
            _SENT,
            Column("Urgent", "urgent"),
            Column("Answered", "answered"),
            Column("Accepted", "accepted"),
            Column("Accepted, of all", "accepted", Kind.SHARE, of="sent"),
        ),
    ),
    Table("times", "Time to an answer, by month", "Sent in", "month", _TIMES, note=_FROM_SENDING),
    Table("times-by-need", "Time to an answer, by need", "Need", "need", _TIMES, note=_FROM_SENDING),
    Table("needs", "Referrals by need", "Need", "need", (_SENT, _SHARE), note=_SEVERAL),
    Table("needs-by-month", "Needs by month", "Need", "top", (_SENT,), across="month", note=_SEVERAL),
    Table("needs-by-district", "Needs by postcode district", "Postcode district", "district", (_SENT,), across="top"),
    Table("districts", "Referrals by postcode district", "Postcode district", "district", (_SENT, _SHARE)),
    Table("districts-by-month", "Postcode districts by month", "Postcode district", "district", (_SENT,), "month"),
    Table("wards", "Referrals by ward", "Ward", "ward", (_SENT,)),
    Table("sources", "Where referrals come from", "Sent through", "source", (_SENT, _SHARE)),
    Table("statuses", "Where referrals stand now", "Status", "status", (_SENT,), across="month"),
    Table(
        "rejections",
        "Why organisations said no",
        "Reason",
        "reason",
        (_REJECTED,),
        note="A referral that several organisations rejected counts once for each reason.",
    ),
    Table(
        "rejections-by-need",
        "Why organisations said no, by need",
        "Reason",
        "reason",
        (_REJECTED,),
        across="top",
    ),
    Table("unmet", "Needs that nobody met", "Need", "need", _UNMET),
    Table("unmet-by-district", "Where needs were not met", "Postcode district", "district", _UNMET),
    Table(
        "load",
        "Open cases at the end of each month",
        "At the end of",
        "month",
        (_OPEN,),
        totals=False,
    ),
)
_EXACT_ONLY = (
    Table(
        "organisations",
        "How organisations answer",
        "Organisation",
        "organisation",
        (
            Column("Asked", "asked"),
            Column("Accepted", "asked_accepted"),
            Column("Rejected", "asked_rejected"),
            Column("No answer in time", "asked_silent"),
            Column("Accepted, of those asked", "asked_accepted", Kind.SHARE, of="asked"),
            Column("Answers: half within", "asked_answered", Kind.MEDIAN),
            Column("Answers: 9 of 10 within", "asked_answered", Kind.PERCENTILE_90),
        ),
        note="Counted in referrals, from when each organisation was asked. Left out where another accepted first.",
    ),
    Table(
        "load-by-organisation",
        "Open cases by organisation",
        "Organisation",
        "organisation",
        (_OPEN,),
        "month",
        totals=False,
    ),
    Table(
        "source-organisations",
        "Who sends referrals",
        "As written",
        "sender",
        (_SENT, _SHARE),
        note="Each spelling is a row of its own. Names given in fewer than three referrals are left out.",
        fewest=3,  # what is typed once may be anything, such as the name of the person
    ),
)

PUBLISHED_TABLES = {table.slug: table for table in _TABLES}
EXACT_TABLES = {table.slug: table for table in (*_TABLES, *_EXACT_ONLY)}
