"""The listings in an index of tantivy's, a library for full-text search, and the directory's question put to it.

It knows nothing of catchments, opening hours or synonyms, and measures miles as a rectangle.
"""

from collections.abc import Sequence
from math import cos, radians

import tantivy
from django.contrib.gis.geos import Point
from tantivy import FieldType, Occur, Query

from directory_site.search.query import PAGE_SIZE
from referrals.models import PublicListing
from referrals.words import METRES_PER_MILE

TEXTS = {"title": 4.0, "names": 3.0, "summary": 2.0, "description": 1.0}  # what a word weighs in each
KEYS = ("categories", "demographics", "options")
NAMES = ("access", "pathways")
COUNTED = (*KEYS, *NAMES, "is_free", "age_from", "age_to")
MOST_CHOICES = 200
METRES_PER_DEGREE = 111_320


class TantivyIndex:
    def __init__(self) -> None:
        schema = tantivy.SchemaBuilder()
        schema.add_unsigned_field("key", fast=True)
        for name in TEXTS:
            schema.add_text_field(name, tokenizer_name="en_stem")
        for name in (*KEYS, "age_from", "age_to"):
            schema.add_unsigned_field(name, indexed=True, fast=True)
        for name in NAMES:
            schema.add_text_field(name, tokenizer_name="raw", fast=True)
        schema.add_boolean_field("is_free", indexed=True, fast=True)
        for name in ("longitude", "latitude"):
            schema.add_float_field(name, indexed=True, fast=True)
        self.schema = schema.build()
        self.index = tantivy.Index(self.schema)
        writer = self.index.writer(num_threads=1)
        listed = PublicListing.objects.filter(is_listed=True).select_related("service")
        for listing in listed.defer("words", "service__catchment").iterator():
            writer.add_document(self._document(listing))
        writer.commit()
        writer.wait_merging_threads()
        self.index.reload()
        self.searcher = self.index.searcher()

    def _document(self, listing: PublicListing) -> tantivy.Document:
        values = {name: getattr(listing, name) for name in (*KEYS, *NAMES, "title", "names", "is_free")}
        values |= {"key": listing.pk, "age_from": listing.age_from or 0, "age_to": listing.age_to or 120}
        values |= {"summary": listing.service.summary, "description": listing.service.description}
        if listing.point:
            values |= {"longitude": listing.point.x, "latitude": listing.point.y}
        return tantivy.Document.from_dict(values, self.schema)

    def find(self, words: str, point: Point, miles: float, categories: Sequence[int]) -> list[int]:
        """Return the keys of the best, having counted all that there are and how many for each choice."""
        high = miles * METRES_PER_MILE / METRES_PER_DEGREE
        wide = high / cos(radians(point.y))
        texts = self.index.parse_query(words, [*TEXTS], field_boosts=TEXTS, conjunction_by_default=True)
        candidates = self._all_of(
            texts,
            self._between("longitude", point.x - wide, point.x + wide),
            self._between("latitude", point.y - high, point.y + high),
        )
        chosen = self._all_of(candidates, Query.term_set_query(self.schema, "categories", categories))
        found = self.searcher.search(chosen, PAGE_SIZE, count=True)
        self.searcher.aggregate(candidates, {"categories": _terms("categories")})
        self.searcher.aggregate(chosen, {name: _terms(name) for name in COUNTED})
        return self.searcher.fast_field_values("key", [address for _, address in found.hits])

    def _between(self, name: str, low: float, high: float) -> Query:
        return Query.range_query(self.schema, name, FieldType.Float, low, high)

    @staticmethod
    def _all_of(*queries: Query) -> Query:
        return Query.boolean_query([(Occur.Must, query) for query in queries])


def _terms(name: str) -> dict:
    return {"terms": {"field": name, "size": MOST_CHOICES}}
