"""Figures about a network's referrals: exact for its coordinators, protected for its commissioners.

`publish` is the only way to protected figures: screens, files, reports and any API show commissioners what it returns.
`count_exactly` is for those who may read the referrals themselves.
"""

from referrals.network.figures.conditions import Conditions
from referrals.network.figures.labels import SOURCES, is_known
from referrals.network.figures.periods import EARLIEST, Period, month_before, month_period, next_month, read_month
from referrals.network.figures.publishing import (
    NotPublished,
    count_exactly,
    count_places,
    publish,
    published_periods,
    sees_exact_figures,
)
from referrals.network.figures.rows import Cell, FigureTable, Row
from referrals.network.figures.tables import EXACT_TABLES, PUBLISHED_TABLES, Kind, Table

__all__ = [
    "EARLIEST",
    "EXACT_TABLES",
    "PUBLISHED_TABLES",
    "SOURCES",
    "Cell",
    "Conditions",
    "FigureTable",
    "Kind",
    "NotPublished",
    "Period",
    "Row",
    "Table",
    "count_exactly",
    "count_places",
    "is_known",
    "month_before",
    "month_period",
    "next_month",
    "publish",
    "published_periods",
    "read_month",
    "sees_exact_figures",
]
