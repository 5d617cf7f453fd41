"""Where support is missing: who is reached by which services, how many places there are for them, and what if."""

from referrals.network.coverage.measures import (
    Coverage,
    Part,
    Spread,
    Tally,
    choose_naming_areas,
    is_too_large,
    measure_coverage,
)
from referrals.network.coverage.services import (
    Change,
    Close,
    Grow,
    Moment,
    Offer,
    Open,
    PartOfDay,
    SetCapacity,
    choose_services,
    offers_of,
)
from referrals.network.coverage.sites import Site, middle_of, suggest_sites

__all__ = [
    "Change",
    "Close",
    "Coverage",
    "Grow",
    "Moment",
    "Offer",
    "Open",
    "Part",
    "PartOfDay",
    "SetCapacity",
    "Site",
    "Spread",
    "Tally",
    "choose_naming_areas",
    "choose_services",
    "is_too_large",
    "measure_coverage",
    "middle_of",
    "offers_of",
    "suggest_sites",
]
