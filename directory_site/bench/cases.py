"""The public site's cases: a search, the map at four zooms, a service's page made anew and read from memory.

The bare way sends the statements of the same request, as they were recorded, by psycopg alone.
"""

from collections.abc import Callable, Sequence
from urllib.parse import urlencode

from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from directory_site.addresses import service_path_from_title
from directory_site.models import DirectoryPage
from directory_site.seed import make_site
from referrals.bench.measuring import Comparison, Sample, case
from referrals.models import Category, PublicListing

# Half of the island, a county, a town, a few streets: degrees from the middle to the sides.
ZOOMS = {6: (4, 3), 9: (0.7, 0.45), 12: (0.09, 0.06), 15: (0.011, 0.007)}


@case("directory.search", target=2.5)
def search(sample: Sample) -> Comparison:
    """Words, a postcode and a category at once, with the numbers beside every filter."""
    make_site()
    directory = DirectoryPage.objects.get().url
    slugs = list(Category.objects.order_by("pk").values_list("slug", flat=True))
    addresses = [
        f"{directory}?{urlencode({'q': 'help of a kind', 'place': person.postcode, 'category': slugs[number % 36]})}"
        for number, person in enumerate(sample.people)
    ]
    return _made_anew(sample, addresses)


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
    case(f"directory.map.{_zoom}", target=2.5)(_map(_zoom))


@case("directory.service_cold", target=2.5)
def service_cold(sample: Sample) -> Comparison:
    return _made_anew(sample, _service_pages(sample))


@case("directory.service_cached", target=1.5)
def service_cached(sample: Sample) -> Comparison:
    client, empty = Client(headers={"host": "localhost"}), reverse("bench_empty")
    address = _service_pages(sample)[0]
    caches["pages"].clear()
    _get(client, address)
    return Comparison(
        lambda number: _get(client, address),
        lambda number: client.get(empty, secure=True),
        "read from memory, in process; bare: an empty view",
    )


def _service_pages(sample: Sample) -> list[str]:
    make_site()
    listed = PublicListing.objects.filter(is_listed=True).order_by("pk").values_list("pk", "title")
    return [service_path_from_title(*row) for row in listed[: len(sample.people)]]


def _made_anew(sample: Sample, addresses: Sequence[str]) -> Comparison:
    client = Client(headers={"host": "localhost"})
    statements = [_statements(client, address) for address in addresses]

    def ours(number: int) -> None:
        caches["pages"].clear()
        _get(client, addresses[number])

    def bare(number: int) -> None:
        for statement in statements[number]:
            sample.bare.execute(statement).fetchall()

    counts = sorted(map(len, statements))
    note = f"in process, {counts[len(counts) // 2]} queries in the median and {counts[-1]} at most"
    return Comparison(ours, bare, f"{note}; bare: these, sent by psycopg")


def _statements(client: Client, address: str) -> list[str]:
    _get(client, address)  # what is read once in a process is read
    caches["pages"].clear()
    with CaptureQueriesContext(connection) as captured:
        _get(client, address)
    return [sql for query in captured.captured_queries if (sql := query["sql"]).startswith(("SELECT", "WITH"))]


def _get(client: Client, address: str) -> None:
    response = client.get(address, secure=True)
    if response.status_code != 200:
        raise RuntimeError(f"{address} answers {response.status_code}.")
