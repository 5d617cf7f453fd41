"""Postcode districts, made from the postcodes."""

from django.db.backends.utils import CursorWrapper

# The median, because one stray postcode would move a mean.
_FILL = """
INSERT INTO referrals_postcodedistrict (code, point, postcodes)
SELECT left(code, -3), ST_SetSRID(ST_MakePoint(
           percentile_cont(0.5) WITHIN GROUP (ORDER BY ST_X(point)),
           percentile_cont(0.5) WITHIN GROUP (ORDER BY ST_Y(point))), 4326), count(*)
FROM {postcodes} WHERE point IS NOT NULL AND terminated = '' GROUP BY 1
"""


def renew_districts(cursor: CursorWrapper, *, postcodes: str = "referrals_postcode") -> None:
    """Make the districts anew from the postcodes in that table."""
    cursor.execute("DELETE FROM referrals_postcodedistrict")
    cursor.execute(_FILL.format(postcodes=postcodes))
