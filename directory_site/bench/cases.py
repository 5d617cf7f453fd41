"""The public site's cases: a search, the map at four zooms, a service's page rendered and from the cache.

The bare way sends the statements of the same request, as they were recorded, by psycopg alone. Only the search stands
beside another library too.
"""

from collections.abc import Callable, Sequence
from urllib.parse import urlencode

from django.core.cache import caches
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from directory_site.addresses import service_path_from_title
from directory_site.models import DirectoryPage
from directory_site.search import Filters, Search, Vocabulary, find, find_place, parse_words
from directory_site.seed import make_site
from referrals.bench.measuring import CaseSkipped, Comparison, Sample, case
from referrals.bench.pages import compare_pages, open_page
from referrals.models import Category, PublicListing

try:
    from directory_site.bench.tantivy_index import TantivyIndex
except ImportError:  # only developers have it
    TantivyIndex = None

# Half of the island, a county, a town, a few streets: degrees from the middle to the sides.
ZOOMS = {6: (4, 3), 9: (0.7, 0.45), 12: (0.09, 0.06), 15: (0.011, 0.007)}


@case("directory.search", target=2.5, growth_target=3)
def search(sample: Sample) -> Comparison:
    """Words, a postcode and a category at once, with the numbers beside every filter."""
    make_site()
    directory = DirectoryPage.objects.get().url
    return _made_anew(sample, [f"{directory}?{urlencode(asked, doseq=True)}" for asked in _asked(sample)])


@case("directory.search.tantivy")
def search_beside_tantivy(sample: Sample) -> Comparison:
    if TantivyIndex is None:
        raise CaseSkipped("tantivy is not installed; make setup-dev installs it")
    keys = [sample.network.pk]
    filters, vocabulary, index = Filters.of(keys), Vocabulary.of(), TantivyIndex()
    searches = [Search(**asked) for asked in _asked(sample)]
    places = [find_place(search, keys).point for search in searches]

    def ours(number: int) -> None:
        search = searches[number]
        words = parse_words(search.q, keys, vocabulary)
        find(search, [sample.network], filters, words, find_place(search, keys), now=timezone.now())

    def bare(number: int) -> None:
        search = searches[number]
        index.find("kind", places[number], search.miles, filters.categories_of(search.category))

    return Comparison(
        ours,
        bare,
        "no page; bare: the same words, miles and category asked of tantivy, with the best 20 and counts but without "
        "hours and catchments; aim: 3 at 100,000, or 3 for directory.search.growth, whichever is less strict",
    )


def _asked(sample: Sample) -> list[dict]:
    slugs = list(Category.objects.order_by("pk").values_list("slug", flat=True))
    return [
        {"q": "help of a kind", "place": person.postcode, "category": (slugs[number % len(slugs)],)}
        for number, person in enumerate(sample.people)
    ]


def _map(zoom: int) -> Callable[[Sample], Comparison]:
    def clusters(sample: Sample) -> Comparison:
        make_site()
        wide, high = ZOOMS[zoom]
        address = reverse("public_clusters")
        boxes = [
            (person.point.x - wide, person.point.y - high, person.point.x + wide, person.point.y + high)
            for person in sample.people
        ]
        return _made_anew(
            sample, [f"{address}?zoom={zoom}&box={','.join(f'{side:.4f}' for side in box)}" for box in boxes]
        )

    return clusters


for _zoom in ZOOMS:
    case(f"directory.map.{_zoom}", target=2.5, ms_target=10 if _zoom == 6 else None)(_map(_zoom))


@case("directory.service_cold", target=2.5, growth_target=1.5)
def service_cold(sample: Sample) -> Comparison:
    return _made_anew(sample, _service_pages(sample))


@case("directory.service_cached", target=1.5)
def service_cached(sample: Sample) -> Comparison:
    client, empty = Client(headers={"host": "localhost"}), reverse("bench_empty")
    address = _service_pages(sample)[0]
    caches["pages"].clear()
    open_page(client, address)
    return Comparison(
        lambda number: open_page(client, address),
        lambda number: client.get(empty, secure=True),
        "read from memory, in process; bare: an empty view",
    )


def _service_pages(sample: Sample) -> list[str]:
    make_site()
    listed = PublicListing.objects.filter(is_listed=True).order_by("pk").values_list("pk", "title")
    return [service_path_from_title(*row) for row in listed[: len(sample.people)]]


def _made_anew(sample: Sample, addresses: Sequence[str]) -> Comparison:
    client = Client(headers={"host": "localhost"})
    return compare_pages(sample, client, addresses, forget=caches["pages"].clear)
