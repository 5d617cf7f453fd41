"""The SQL of the numbers beside the filters, from `checked` of `directory_site.search.statement`."""

from directory_site.search.filters import Filters
from directory_site.search.query import AGE_BANDS


def _alike(columns: str, condition: str) -> str:
    """Return the SQL for `alike`: how many there are of each kind, so that what is counted is far fewer rows."""
    return f"(SELECT {columns}, count(*) AS number FROM checked WHERE {condition} GROUP BY {columns}) alike"


# Rows of kind, key and number, as `Found.counts` explains them.
COUNTS = f"""
SELECT 'total', '', count(*), NULL::float8, NULL::bool FROM checked WHERE missed = '{{}}'
UNION ALL
SELECT 'mentions', '', count(*) FILTER (WHERE band = 4), NULL, NULL FROM checked WHERE missed = '{{}}'
UNION ALL
SELECT 'candidates', '', count(*), NULL, NULL FROM checked
UNION ALL
SELECT 'excluded_by', missed[1], count(*), NULL, NULL FROM checked WHERE cardinality(missed) = 1 GROUP BY missed[1]
UNION ALL
SELECT 'category', cover.slug, sum(number)::bigint, NULL, NULL
FROM {_alike("categories", "missed <@ '{category}'")}
JOIN (SELECT slug, array_agg(category_id) AS keys
      FROM unnest(%(cover_slugs)s::text[], %(cover_keys)s::bigint[]) AS its (slug, category_id) GROUP BY slug) cover
    ON categories && cover.keys
GROUP BY cover.slug
UNION ALL
SELECT 'day', weekday::text, sum(number)::bigint, NULL, NULL
FROM {_alike("days", "missed <@ '{day}'")} CROSS JOIN unnest(days) weekday GROUP BY weekday
UNION ALL
SELECT flag, '', coalesce(sum(number) FILTER (WHERE missed <@ ARRAY[flag] AND CASE flag
    WHEN 'open_now' THEN is_open WHEN 'free' THEN is_free ELSE serves END), 0)::bigint, NULL, NULL
FROM {_alike("missed, is_open, is_free, serves", "true")} CROSS JOIN unnest('{{open_now,free,serves}}'::text[]) flag
GROUP BY flag
UNION ALL
SELECT 'age', band.slug, sum(number)::bigint, NULL, NULL
FROM {_alike("age_from, age_to", "missed <@ '{age}'")}
JOIN unnest(%(bands)s::text[], %(bands_from)s::int[], %(bands_to)s::int[]) AS band (slug, first, last)
    ON coalesce(age_from, 0) <= band.last AND coalesce(age_to, 32767) >= band.first
GROUP BY band.slug
UNION ALL
SELECT 'access', feature, sum(number)::bigint, NULL, NULL
FROM {_alike("access", "missed = '{}'")} CROSS JOIN unnest(access) feature GROUP BY feature
UNION ALL
SELECT 'referral', pathway, sum(number)::bigint, NULL, NULL
FROM {_alike("pathways", "missed <@ '{referral}'")} CROSS JOIN unnest(pathways) pathway GROUP BY pathway
UNION ALL
SELECT 'asks', demographic.id::text, sum(number)::bigint, NULL, NULL
FROM {_alike("demographics, missed", "cardinality(missed) <= 1")}
JOIN unnest(%(demographics)s::bigint[], %(demographic_slugs)s::text[]) AS demographic (id, slug)
    ON missed <@ ARRAY[slug] AND demographic.id = ANY (demographics)
GROUP BY demographic.id
UNION ALL
SELECT 'pool', demographic.slug, sum(number)::bigint, NULL, NULL
FROM {_alike("missed", "cardinality(missed) <= 1")}
JOIN (SELECT DISTINCT unnest(%(demographic_slugs)s::text[]) AS slug) demographic ON missed <@ ARRAY[slug]
GROUP BY demographic.slug
UNION ALL
SELECT 'takes', option.id::text, sum(number)::bigint, NULL, NULL
FROM {_alike("options, missed", "cardinality(missed) <= 1")}
JOIN unnest(%(options)s::bigint[], %(option_demographics)s::text[]) AS option (id, slug)
    ON missed <@ ARRAY[option.slug] AND option.id = ANY (options)
GROUP BY option.id
"""


def counts_parameters(filters: Filters) -> dict[str, object]:
    """Return the columns of the tables that the counts join to."""
    covers = [(slug, key) for slug, choice in filters.categories.items() for key in choice.covers]
    demographics = [(f"suits.{demographic.slug}", demographic) for demographic in filters.demographics.values()]
    asked = [(key, slug) for slug, demographic in demographics for key in demographic.keys]
    options = [
        (key, slug) for slug, demographic in demographics for group in demographic.groups.values() for key in group.keys
    ]
    return {
        "bands": [*AGE_BANDS],
        "bands_from": [first for first, _ in AGE_BANDS.values()],
        "bands_to": [last for _, last in AGE_BANDS.values()],
        "cover_slugs": [slug for slug, _ in covers],
        "cover_keys": [key for _, key in covers],
        "demographics": [key for key, _ in asked],
        "demographic_slugs": [slug for _, slug in asked],
        "options": [key for key, _ in options],
        "option_demographics": [slug for _, slug in options],
    }
