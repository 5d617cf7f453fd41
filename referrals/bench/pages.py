"""Pages against their own statements: how much more than the database's work a page takes."""

from collections.abc import Callable, Sequence

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from referrals.bench.measuring import Comparison, Sample


def compare_pages(
    sample: Sample, client: Client, addresses: Sequence[str], *, forget: Callable[[], object] = lambda: None
) -> Comparison:
    """Open the addresses in turn; the bare way sends the same reads by psycopg alone.

    What a page writes is counted, but not sent again.

    forget: empties caches, so that the page is rendered again.
    """
    statements = [_statements(client, address, forget) for address in addresses]

    def ours(number: int) -> None:
        forget()
        open_page(client, addresses[number % len(addresses)])

    def bare(number: int) -> None:
        for statement in reads[number % len(reads)]:
            sample.bare.execute(statement).fetchall()

    reads = [[statement for statement in page if statement.startswith(("SELECT", "WITH"))] for page in statements]
    counts = sorted(map(len, statements))
    longest = max(len(statement) for page in statements for statement in page)
    note = (
        f"in process, {counts[len(counts) // 2]} queries in the median, {counts[-1]} at most, of {longest} characters"
    )
    return Comparison(ours, bare, f"{note}; bare: those that read, sent by psycopg")


def open_page(client: Client, address: str) -> None:
    response = client.get(address, secure=True)
    if response.status_code != 200:
        raise RuntimeError(f"{address} answers {response.status_code}.")


def _statements(client: Client, address: str, forget: Callable[[], object]) -> list[str]:
    open_page(client, address)  # what is read once in each process
    forget()
    with CaptureQueriesContext(connection) as captured:
        open_page(client, address)
    return [query["sql"].strip() for query in captured.captured_queries]
