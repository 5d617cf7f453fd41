"""Referrals that may be for the same person: the rule, the look-up, and who is told."""

from referrals.duplicates.found import Duplicate, find_duplicates, opened_networks

__all__ = ["Duplicate", "find_duplicates", "opened_networks"]
