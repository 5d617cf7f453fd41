"""Search of the public directory: by words, place, and facts about a service.

`Search` is what an address asks for, `Found` what the database answers; one SQL statement leads from one to the other.
"""

from directory_site.search.danger import DangerMatcher
from directory_site.search.filters import Filters
from directory_site.search.places import Place, extract_place, find_place, is_spelt_differently, place_problem
from directory_site.search.query import PAGE_SIZE, Search
from directory_site.search.results import Cluster, Found, Hit, clusters, find
from directory_site.search.vocabulary import Vocabulary
from directory_site.search.words import Words, parse_words

__all__ = [
    "PAGE_SIZE",
    "Cluster",
    "DangerMatcher",
    "Filters",
    "Found",
    "Hit",
    "Place",
    "Search",
    "Vocabulary",
    "Words",
    "clusters",
    "extract_place",
    "find",
    "find_place",
    "is_spelt_differently",
    "parse_words",
    "place_problem",
]
