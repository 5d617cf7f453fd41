"""Who is suggested: one SQL statement that ranks, and its reasons in words.

A confidential venue has no distance here, neither in words nor in the score: anybody can ask about any postcode, and
three distances would give a refuge away.
"""

from referrals.matching.asked_for import suggest_asked_for
from referrals.matching.facts import PersonFacts, Suggestion
from referrals.matching.near_misses import NearMiss, find_near_misses
from referrals.matching.planning import PlannedPart, plan_parts
from referrals.matching.ranking import first_of_each, suggest
from referrals.matching.restricting import Restricting, restricting_demographics
from referrals.matching.track_records import refresh_track_records

__all__ = [
    "NearMiss",
    "PersonFacts",
    "PlannedPart",
    "Restricting",
    "Suggestion",
    "find_near_misses",
    "first_of_each",
    "plan_parts",
    "refresh_track_records",
    "restricting_demographics",
    "suggest",
    "suggest_asked_for",
]
