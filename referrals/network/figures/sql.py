"""One statement that counts the cells of any tables, with all their totals.

Every cell is a set of referrals: it has their number and the sum of their keys. Cells of times also have the number of
people, the median and the 90th percentile. Spam never counts.
"""

from collections.abc import Iterable, Iterator

from referrals.network.figures.tables import Table

OF_NEEDS = """EXISTS (SELECT FROM referrals_need need JOIN referrals_strand wanted ON wanted.id = need.strand_id
                      WHERE wanted.referral_id = referral.id AND wanted.network_id = %(network)s
                        AND need.category_id = ANY (%(categories)s::bigint[]))"""
OF_ORGANISATION = """EXISTS (SELECT FROM referrals_assignment asked
                             JOIN referrals_strand part ON part.id = asked.strand_id
                             WHERE part.referral_id = referral.id AND part.network_id = %(network)s
                               AND asked.organisation_id = %(organisation)s AND asked.offered_at IS NOT NULL)"""
OF_SOURCE = """CASE WHEN referral.network_id <> %(network)s THEN 'elsewhere' WHEN referral.referral_link_id IS NULL
                    THEN 'form' ELSE referral.referral_link_id::text END"""

# `tree` pairs each category with itself and all its ancestors.
_COMMON = """
WITH RECURSIVE tree (category, need) AS (
    SELECT id, id FROM referrals_category WHERE network_id = %(network)s
    UNION
    SELECT tree.category, above.parent_id FROM tree JOIN referrals_category above ON above.id = tree.need
    WHERE above.parent_id IS NOT NULL
), part AS MATERIALIZED (
    SELECT strand.id AS part, strand.outcome, referral.id AS referral, referral.person_id AS person,
           referral.noise_key AS key, referral.is_urgent, referral.status, referral.created_at AS sent_at,
           to_char(referral.created_at AT TIME ZONE 'Europe/London', 'YYYY-MM') AS month, referral.outcode AS district,
           lower(trim(referral.source_organisation)) AS sender, {source} AS source
    FROM referrals_strand strand JOIN referrals_referral referral ON referral.id = strand.referral_id
    WHERE strand.network_id = %(network)s AND strand.outcome <> 'spam' AND referral.status <> 'spam'
      AND {conditions}
), sent_part AS MATERIALIZED (
    SELECT * FROM part WHERE sent_at >= %(start)s AND sent_at < %(end)s
), sent AS MATERIALIZED (
    SELECT DISTINCT ON (referral) * FROM sent_part ORDER BY referral
), counted AS MATERIALIZED (
    SELECT month, status, district, source, is_urgent, count(*) AS number, sum(key) AS key FROM sent
    GROUP BY month, status, district, source, is_urgent
), part_need AS MATERIALIZED (
    SELECT DISTINCT sent_part.part, sent_part.referral, tree.need, category.parent_id IS NULL AS is_top FROM sent_part
    JOIN referrals_need need ON need.strand_id = sent_part.part JOIN tree ON tree.category = need.category_id
    JOIN referrals_category category ON category.id = tree.need
), sent_need AS MATERIALIZED (
    SELECT DISTINCT referral, need, is_top FROM part_need
), offer AS MATERIALIZED (
    SELECT sent_part.part, sent_part.referral, sent_part.sent_at, offer.organisation_id AS organisation, offer.status,
           offer.offered_at, offer.accepted_at, offer.lapsed_at, offer.reject_reason AS reason,
           coalesce(offer.waitlisted_at, offer.accepted_at,
                    CASE WHEN offer.status = 'rejected' THEN offer.ended_at END) AS answered_at
    FROM sent_part JOIN referrals_assignment offer ON offer.strand_id = sent_part.part
    WHERE offer.offered_at IS NOT NULL AND offer.status <> 'released'
), answer AS MATERIALIZED (
    SELECT referral, extract(epoch FROM min(answered_at) - min(sent_at)) AS answered,
           extract(epoch FROM min(accepted_at) - min(sent_at)) AS accepted
    FROM offer GROUP BY referral
), asked AS MATERIALIZED (
    SELECT referral, organisation, bool_or(accepted_at IS NOT NULL) AS accepted,
           bool_or(status = 'rejected') AS rejected, bool_or(lapsed_at IS NOT NULL) AS silent,
           extract(epoch FROM min(answered_at - offered_at)) AS value
    FROM offer GROUP BY referral, organisation
), told AS MATERIALIZED (
    SELECT DISTINCT event.strand_id AS part FROM referrals_event event
    WHERE event.kind = 'coordinator_told' AND event.data->>'why' IN ('no_match', 'exhausted')
      AND event.strand_id IN (SELECT part FROM sent_part)
), month_end AS (
    SELECT * FROM unnest(%(months)s::text[], %(month_ends)s::timestamptz[]) AS month_end (name, moment)
), opened AS (
    SELECT part.referral, part.person, part.key, month_end.name AS month, held.organisation_id AS organisation
    FROM part JOIN referrals_assignment held ON held.strand_id = part.part
    JOIN month_end ON held.accepted_at < month_end.moment
         AND (held.ended_at IS NULL OR held.ended_at >= month_end.moment)
)
"""

# What can be counted, by measure.
_OF_ASKED = """SELECT sent.*, asked.organisation, asked.value FROM sent JOIN asked USING (referral)"""
_SOURCES = {
    "sent": "SELECT * FROM sent",
    "urgent": "SELECT * FROM sent WHERE is_urgent",
    "answered": "SELECT sent.*, answered AS value FROM sent JOIN answer USING (referral) WHERE answered IS NOT NULL",
    "accepted": "SELECT sent.*, accepted AS value FROM sent JOIN answer USING (referral) WHERE accepted IS NOT NULL",
    "rejected": """SELECT sent_part.*, offer.reason FROM sent_part
                   JOIN offer ON offer.part = sent_part.part AND offer.status = 'rejected'""",
    "unmatched": "SELECT sent_part.* FROM sent_part JOIN told USING (part)",
    "unsupported": "SELECT * FROM sent_part WHERE outcome = 'not_supported'",
    "open": "SELECT * FROM opened",
    "asked": _OF_ASKED,
    "asked_accepted": f"{_OF_ASKED} WHERE asked.accepted",
    "asked_rejected": f"{_OF_ASKED} WHERE asked.rejected",
    "asked_silent": f"{_OF_ASKED} WHERE asked.silent",
    "asked_answered": f"{_OF_ASKED} WHERE asked.value IS NOT NULL",
}
_OF_REFERRALS = frozenset({"sent", "urgent", "answered", "accepted"})  # one row a referral; the others may have several
# `counted` has these added up already: a few rows instead of one for each referral.
_ADDED_UP = {"sent": "", "urgent": "WHERE is_urgent"}
_IN_ADDED_UP = frozenset({"month", "status", "district", "source"})
TIMED = frozenset({"answered", "accepted", "asked_answered"})  # those with a `value`, in seconds
# Dimensions that have to be joined: for rows of one a referral, and for others.
_WARDS = """JOIN referrals_person home ON home.id = counted.person
            LEFT JOIN referrals_postcode postcode ON postcode.code = replace(home.postcode, ' ', '')
            LEFT JOIN referrals_area area ON area.code = postcode.ward_code"""
_JOINS = {
    "need": ("JOIN sent_need USING (referral)", "JOIN (SELECT part, need FROM part_need) of_part USING (part)"),
    "top": (
        "JOIN (SELECT referral, need AS top FROM sent_need WHERE is_top) of_sent USING (referral)",
        "JOIN (SELECT part, need AS top FROM part_need WHERE is_top) of_part USING (part)",
    ),
    "ward": (_WARDS, _WARDS),
}
_COLUMNS = {"ward": "coalesce(area.id, 0) AS ward"}
_OF_ONE_VALUE = frozenset({"month", "status", "district", "source", "sender", "ward"})  # for each referral


def count_statement(tables: Iterable[Table], conditions: str) -> str:
    """Return a statement with the rows (table, measure, row, column, count, sum of keys, people, times).

    In a total, row or column is NULL; times are [median, 90th percentile] or NULL. Parameters: network, start, end, the
    lists months and month_ends, and those of the conditions, which use the alias `referral`.
    """
    branches = [branch for table in tables for measure in table.measures for branch in _branches(table, measure)]
    return _COMMON.format(conditions=conditions, source=OF_SOURCE) + " UNION ALL ".join(branches)


def _branches(table: Table, measure: str) -> Iterator[str]:
    dimensions = [name for name in (table.rows, table.across) if name]
    groupings = [dimensions]
    if table.totals:
        groupings += [[], *([name] for name in dimensions if table.across)]
    if measure != "open" and _OF_ONE_VALUE.issuperset(dimensions):
        yield _branch(table, measure, dimensions, groupings)
    else:
        yield from (_branch(table, measure, grouping, [grouping]) for grouping in groupings)


def _branch(table: Table, measure: str, dimensions: list[str], groupings: list[list[str]]) -> str:
    """Return the counts by each of the groupings, which are parts of `dimensions`."""
    sets = ", ".join(f"({', '.join(grouping)})" for grouping in groupings)
    shown = [f"{name}::text" if name in dimensions else "NULL" for name in (table.rows, table.across or "-")]
    if measure in _ADDED_UP and _IN_ADDED_UP.issuperset(dimensions):
        return f"""
        SELECT '{table.slug}', '{measure}', {shown[0]}, {shown[1]}, sum(number)::bigint, sum(key), 0, NULL::float8[]
        FROM counted {_ADDED_UP[measure]} GROUP BY GROUPING SETS ({sets})
    """
    is_timed, is_of_referrals = measure in TIMED, measure in _OF_REFERRALS
    joins = " ".join(_JOINS[name][0 if is_of_referrals else 1] for name in dimensions if name in _JOINS)
    columns = "".join(f", {_COLUMNS.get(name, name)}" for name in dimensions)
    return f"""
        SELECT '{table.slug}', '{measure}', {shown[0]}, {shown[1]}, count(*), sum(key),
               {"count(DISTINCT person)" if is_timed else "0"},
               {"percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY value)" if is_timed else "NULL::float8[]"}
        FROM (
            SELECT {"" if is_of_referrals else "DISTINCT referral, person, "}key{columns}
                   {", person, value" if is_of_referrals and is_timed else ", value" if is_timed else ""}
            FROM ({_SOURCES[measure]}) counted {joins}
        ) counted GROUP BY GROUPING SETS ({sets})
    """
