"""How organisations answer: kept by network and need for the ranking, and in words for those who may know it.

It is worked out by a schedule rather than with each answer, so that no answer waits for another. See
docs/decisions/0044-track-records.md.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from dateutil.relativedelta import relativedelta
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from referrals.enums import TAKEN_AWAY, AssignmentStatus
from referrals.locks import take_named_lock
from referrals.models.organisations import IS_ACTIVE_SQL

SPAN = relativedelta(months=12)
LATEST = 20  # offers that count
FEWEST = 5  # offers behind words, and behind a record of one need; fewer would speak of single cases
TOO_FEW = "too few offers yet to say"
UNKNOWN_POINTS = 5000  # of a newcomer, and before the first record

HOUR, DAY = 3600, 24 * 3600
_SPANS = (
    (HOUR, gettext_lazy("usually replies within an hour")),
    (8 * HOUR, gettext_lazy("usually replies within a few hours")),
    (DAY, gettext_lazy("usually replies within a day")),
    (2 * DAY, gettext_lazy("usually replies within two days")),
)


@dataclass(frozen=True, slots=True)
class Answers:
    """What became of the latest offers. `seconds` is the median time of an answer: half came as fast or faster.

    An offer that got no answer in time counts as slower than any answer; None if that is the median, or without offers.
    """

    offers: int
    accepted: int
    seconds: float | None

    @property
    def are_enough(self) -> bool:
        return self.offers >= FEWEST

    @property
    def in_words(self) -> str:
        if not self.are_enough:
            return TOO_FEW
        words = {"speed": _speed_in_words(self.seconds), "number": self._tenths}
        return _("%(speed)s, accepts %(number)s of 10") % words

    @property
    def _tenths(self) -> int:
        """Rounded, but 10 only if it accepted all, and 0 only if none."""
        rounded = (20 * self.accepted + self.offers) // (2 * self.offers)
        lowest, highest = min(self.accepted, 1), 10 if self.accepted == self.offers else 9
        return max(lowest, min(rounded, highest))


def _speed_in_words(seconds: float | None) -> str:
    if seconds is None:
        return _("usually gives no answer in time")
    for longest, words in _SPANS:
        if seconds <= longest:
            return str(words)
    days = ceil(seconds / DAY)
    if days > 7:
        return _("usually takes more than a week to reply")
    if days == 7:
        return _("usually replies within a week")
    return ngettext("usually replies within %(days)s day", "usually replies within %(days)s days", days) % {
        "days": days
    }


# Offers that were answered, or not in time. Accepted late is accepted. What was withdrawn, what another accepted
# meanwhile, and what may still be answered in time is left out. Of each organisation the latest 100 are read, and 20 of
# each need at most.
_OFFERS = f"""
SELECT membership.network_id, membership.organisation_id, answered.*
FROM referrals_networkmembership membership CROSS JOIN LATERAL (
    SELECT assignment.id, assignment.strand_id, offered_at, accepted_at IS NOT NULL AS is_accepted,
           CASE WHEN accepted_at IS NOT NULL
                    THEN extract(epoch FROM coalesce(waitlisted_at, accepted_at) - offered_at)::float
                WHEN assignment.status = '{AssignmentStatus.REJECTED}'
                    THEN extract(epoch FROM coalesce(waitlisted_at, ended_at) - offered_at)::float
                ELSE 'infinity' END AS seconds
    FROM referrals_assignment assignment
    JOIN referrals_strand strand ON strand.id = assignment.strand_id AND strand.network_id = membership.network_id
    WHERE assignment.organisation_id = membership.organisation_id AND offered_at > %(since)s
      AND assignment.status NOT IN {tuple(map(str, TAKEN_AWAY))}
      AND (assignment.status <> '{AssignmentStatus.OFFERED}' OR lapsed_at IS NOT NULL)
    ORDER BY offered_at DESC, assignment.id DESC LIMIT 100
) answered
WHERE {IS_ACTIVE_SQL} AND (%(networks)s::bigint[] IS NULL OR membership.network_id = ANY (%(networks)s))
"""

# Asking an organisation is worth its chance of a yes, less the longer it takes: share / (1 + days). Share and days are
# those of its latest offers and of five more such as the network usually sees; for one need, such as the organisation
# usually sees. No answer in time counts for four days, which is also the most that an answer counts for. What is usual
# in the network has 5,000 points, as has a newcomer; nobody has less than half of that or more than twice, so that no
# record decides alone.
_USUAL = 5
_MOST_DAYS = 4
_REFRESH = f"""
WITH offer AS MATERIALIZED (
    SELECT *, least(seconds / {DAY}, {_MOST_DAYS}) AS days,
           row_number() OVER (PARTITION BY network_id, organisation_id ORDER BY offered_at DESC, id DESC) AS place
    FROM ({_OFFERS}) offers
), usual AS (
    SELECT network_id, (sum(is_accepted::int) + 1.0) / (count(*) + 2) AS share,
           (sum(days) + 1) / (count(*) + 1) AS days
    FROM offer WHERE place <= {LATEST} GROUP BY network_id
), counted AS (
    SELECT network_id, organisation_id, count(*) AS offers, count(*) FILTER (WHERE is_accepted) AS accepted,
           sum(days) AS days, percentile_disc(0.5) WITHIN GROUP (ORDER BY seconds) AS seconds
    FROM offer WHERE place <= {LATEST} GROUP BY network_id, organisation_id
), overall AS (
    SELECT membership.network_id, membership.organisation_id, coalesce(offers, 0) AS offers,
           coalesce(accepted, 0) AS accepted, seconds,
           (coalesce(accepted, 0) + {_USUAL} * usual.share) / (coalesce(offers, 0) + {_USUAL}) AS share,
           (coalesce(counted.days, 0) + {_USUAL} * usual.days) / (coalesce(offers, 0) + {_USUAL}) AS days
    FROM referrals_networkmembership membership
    JOIN usual USING (network_id)
    LEFT JOIN counted USING (network_id, organisation_id)
    WHERE {IS_ACTIVE_SQL}
), for_need AS (
    SELECT network_id, organisation_id, category_id, counted.offers, counted.accepted, counted.seconds,
           (counted.accepted + {_USUAL} * overall.share) / (counted.offers + {_USUAL}) AS share,
           (counted.days + {_USUAL} * overall.days) / (counted.offers + {_USUAL}) AS days
    FROM (
        SELECT network_id, organisation_id, category_id, count(*) AS offers,
               count(*) FILTER (WHERE is_accepted) AS accepted, sum(days) AS days,
               percentile_disc(0.5) WITHIN GROUP (ORDER BY seconds) AS seconds
        FROM (
            SELECT offer.*, need.category_id, row_number() OVER (
                PARTITION BY network_id, organisation_id, need.category_id ORDER BY offered_at DESC, offer.id DESC
            ) AS place_for_need
            FROM offer JOIN referrals_need need USING (strand_id)
        ) offers
        WHERE place_for_need <= {LATEST} GROUP BY network_id, organisation_id, category_id HAVING count(*) >= {FEWEST}
    ) counted JOIN overall USING (network_id, organisation_id)
), record AS MATERIALIZED (
    SELECT network_id, organisation_id, category_id, offers, accepted, nullif(seconds, 'infinity') AS seconds,
           round({UNKNOWN_POINTS} * greatest(0.5, least(
               2, kept.share / (1 + kept.days) / (usual.share / (1 + usual.days)))))::int AS points
    FROM (
        SELECT network_id, organisation_id, NULL::bigint AS category_id, offers, accepted, seconds, share, days
        FROM overall
        UNION ALL
        SELECT network_id, organisation_id, category_id, offers, accepted, seconds, share, days FROM for_need
    ) kept JOIN usual USING (network_id)
), written AS (
    INSERT INTO referrals_trackrecord AS kept
        (network_id, organisation_id, category_id, offers, accepted, seconds, points)
    SELECT network_id, organisation_id, category_id, offers, accepted, seconds, points FROM record
    ON CONFLICT (organisation_id, network_id, coalesce(category_id, 0)) DO UPDATE
        SET (offers, accepted, seconds, points)
            = (excluded.offers, excluded.accepted, excluded.seconds, excluded.points)
        WHERE (kept.offers, kept.accepted, kept.seconds, kept.points)
            IS DISTINCT FROM (excluded.offers, excluded.accepted, excluded.seconds, excluded.points)
)
DELETE FROM referrals_trackrecord kept
WHERE (%(networks)s::bigint[] IS NULL OR network_id = ANY (%(networks)s)) AND NOT EXISTS (
    SELECT FROM record WHERE record.network_id = kept.network_id AND record.organisation_id = kept.organisation_id
        AND record.category_id IS NOT DISTINCT FROM kept.category_id)
"""


@transaction.atomic
def refresh_track_records(networks: Collection[int] | None = None, *, now: datetime | None = None) -> None:
    """Work out the records of these networks, or of all, from the offers of the last 12 months."""
    take_named_lock("track records")
    with connection.cursor() as cursor:
        cursor.execute(
            _REFRESH,
            {"since": (now or timezone.now()) - SPAN, "networks": None if networks is None else list(networks)},
        )
