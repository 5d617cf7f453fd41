"""Postcodes and areas: reference data, loaded by the importers and looked up by everything else."""

import re
from typing import Self

from django.contrib.gis.db import models
from django.utils.translation import gettext as _

from referrals.user_input.text import plain_characters

# Inward part: digit and two letters, without C I K M O V (Royal Mail's PAF guide); outward: A9 A99 AA9 AA99 A9A AA9A.
# PostgreSQL reads it the same way: the importer checks whole files with it.
POSTCODE_PATTERN = r"^([A-Z]{1,2}[0-9][A-Z0-9]?)([0-9][ABD-HJLNP-UW-Z]{2})$"
_POSTCODE = re.compile(POSTCODE_PATTERN)
# "NW5", "NW5 2"; also "WC1", by which people mean WC1A to WC1X.
_PART = re.compile(r"^([A-Z]{1,2}) ?([0-9][A-Z0-9]?)(?: ([0-9]))?$")


def capital_words(text: str) -> str:
    """Return the letters and digits of `text` in capitals, with one space for anything between them.

    Full-width letters become plain ones; invisible characters are dropped, even inside a word.
    """
    return re.sub(r"[\W_]+", " ", plain_characters(text)).strip().upper()


def parse_postcode(text: str) -> str | None:
    """Return the postcode in capitals without spaces ("NW12DB"), or None when `text` does not have the form of one."""
    compact = capital_words(text).replace(" ", "")
    return compact if _POSTCODE.match(compact) else None


def parse_part_of_postcode(text: str) -> tuple[str, str] | None:
    """Return ("NW5", "2") for "nw5 2", ("NW5", "") for "NW5"; None for anything else, a whole postcode too."""
    match = _PART.match(capital_words(text))
    return (match[1] + match[2], match[3] or "") if match else None


def format_postcode(compact: str) -> str:
    """Return "NW1 2DB" for "NW12DB"; other text comes back unchanged."""
    match = _POSTCODE.match(compact)
    return f"{match[1]} {match[2]}" if match else compact


def outcode_of(postcode: str) -> str:
    """Return the first half ("NW1"), which the whole network may see; empty if there is none."""
    if match := _POSTCODE.match(parse_postcode(postcode) or ""):
        return match[1]
    part = parse_part_of_postcode(postcode)
    return part[0] if part else ""


def postcode_in_words(postcode: str) -> str:
    """Return "NW1 2" for "NW1 2DB", enough to say what a service covers; "the middle of NW1" for "NW1"; else ""."""
    if match := _POSTCODE.match(parse_postcode(postcode) or ""):
        return f"{match[1]} {match[2][0]}"
    part = parse_part_of_postcode(postcode)
    return _("the middle of %(place)s") % {"place": " ".join(filter(None, part))} if part else ""


def place_in_words(postcode: str, area: str) -> str:
    """Return `postcode_in_words` or, without a postcode, "the middle of Kentish Town"."""
    return postcode_in_words(postcode) or (_("the middle of %(place)s") % {"place": area} if area else "")


class PostcodeQuerySet(models.QuerySet):
    def find(self, text: str) -> "Postcode | None":
        """Return the postcode however it was typed; None if unknown or malformed."""
        compact = parse_postcode(text)
        return self.filter(pk=compact).first() if compact else None

    def located(self) -> Self:
        return self.filter(point__isnull=False)


class Postcode(models.Model):
    """One unit postcode. Nothing refers to it by key: an import swaps the whole table for a new one."""

    code = models.CharField(primary_key=True, max_length=7, help_text="Capitals, no space.")
    point = models.PointField(null=True, spatial_index=True, help_text="None when the source gives no position.")
    district_code = models.CharField(max_length=9, blank=True)
    ward_code = models.CharField(max_length=9, blank=True)
    country_code = models.CharField(max_length=9, blank=True)
    terminated = models.CharField(max_length=6, blank=True, help_text="Year and month, as in 202001, when withdrawn.")

    objects = PostcodeQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["district_code"], name="postcode_district")]

    def __str__(self) -> str:
        return format_postcode(self.code)


class PostcodeDistrict(models.Model):
    """The first half of postcodes, such as NW5, and its middle, where maps write it. Importing postcodes makes them."""

    code = models.CharField(primary_key=True, max_length=4)
    point = models.PointField(spatial_index=True, help_text="The median of its postcodes.")
    postcodes = models.PositiveIntegerField(help_text="How many are in use.")

    def __str__(self) -> str:
        return self.code


class Area(models.Model):
    """A named boundary, such as a borough or a ward. Every network has one."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=200)
    boundary = models.MultiPolygonField()
    source = models.CharField(max_length=300, blank=True, help_text="Where the boundary comes from, and its licence.")
    is_simplified = models.BooleanField(default=False, help_text="Drawn by hand or thinned out: not for legal use.")
    population = models.PositiveIntegerField(
        "people",
        null=True,
        blank=True,
        help_text="How many live there, so that coverage can count them.",
    )

    class Meta:
        ordering = ["name", "pk"]
        indexes = [models.Index(fields=["name"], name="area_name")]

    def __str__(self) -> str:
        return self.name
