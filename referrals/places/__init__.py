"""Reads what people type for a place. Every box, table and command that takes a postcode reads it here."""

from referrals.places.finding import FoundArea, FoundPostcode, find_area, find_postcode, find_whole_postcode
from referrals.places.reading import read_postcode, says_no_home, similar_postcodes

__all__ = [
    "FoundArea",
    "FoundPostcode",
    "find_area",
    "find_postcode",
    "find_whole_postcode",
    "read_postcode",
    "says_no_home",
    "similar_postcodes",
]
