"""Filters for lists, for screens and exports. They offer and find only what the user may see."""

from referrals.filters.referrals import OPEN_AND_URGENT, ReferralFilter, concerns, is_late_offer, waiting_strands
from referrals.filters.services import ServiceFilter

__all__ = ["OPEN_AND_URGENT", "ReferralFilter", "ServiceFilter", "concerns", "is_late_offer", "waiting_strands"]
