"""The referral form from the first page to the sent referral, step by step over HTTP.

A step is timed against an empty view that is sent the same, and the statements of the step as psycopg alone sends them.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from unittest.mock import patch
from urllib.parse import urlencode

from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from referrals.bench.measuring import Comparison, Sample, SamplePerson, case
from referrals.enums import ConsentWay
from referrals.public_changes import content_version
from referrals.referral_form.asked_lists import ListReader

_FORM = "application/x-www-form-urlencoded"
_NOT_READING = ("INSERT", "UPDATE", "DELETE", "SAVEPOINT", "RELEASE")
_DETAILS = "What has happened, and what would help. " * 4

# Each step is sent as a browser with scripts sends it, and is answered with what the next one holds.
STEPS: Mapping[str, Callable[[SamplePerson], dict]] = {
    "person": lambda person: {
        "for_whom": "other",
        "name": "Robin",
        "phone": "07700 900123",
        "postcode": person.postcode,
        "source_name": "Sam",
        "source_email": "sam@example.org",
    },
    "look": lambda person: {"needs": person.need_ids, "action": "look"},
    "needs": lambda person: {"needs": person.need_ids, "details": _DETAILS, "age": person.age, **_answers(person)},
    "suggestions": lambda person: {},
    "consent": lambda person: {"consent": ConsentWay.IN_PERSON},
}


def _answers(person: SamplePerson) -> dict:
    gender, language = sorted(person.option_ids)
    return {"about_1": gender, "about_2": language}


def compare_step(step: str, sample: Sample) -> Comparison:
    url = reverse("referral_form", args=[sample.network.slug])
    client = Client(headers={"host": "localhost"})
    send = partial(client.post, content_type=_FORM, secure=True)
    bodies = [_body_of(step, client, url, person) for person in sample.people]
    empty = reverse("bench_empty")
    statements = []
    for body in bodies:
        # In a transaction no lists are used that the process keeps, so these are all that the step rests on.
        with _undone(), CaptureQueriesContext(connection) as captured:
            _check(step, send(url, body))
        sent = [query["sql"].strip() for query in captured.captured_queries]
        is_left_out = ("SAVEPOINT", "RELEASE") if step == "consent" else _NOT_READING
        statements.append([statement for statement in sent if not statement.startswith(is_left_out)])

    def ours(number: int) -> None:
        body = bodies[number]
        if step != "consent":
            _check(step, send(url, body))
            return
        with _undone(), _lists_kept():
            _check(step, send(url, body))

    def bare(number: int) -> None:
        send(empty, bodies[number])
        with sample.bare.transaction(force_rollback=True):
            for statement in statements[number]:
                sample.bare.execute(statement)

    counts = sorted(map(len, statements))
    what = "statements, all undone," if step == "consent" else "reads"
    note = f"{counts[len(counts) // 2]} {what} in the median where nothing is kept in the process"
    return Comparison(ours, bare, f"one POST of the form, in process, {note}; bare: an empty view and those")


for _step in STEPS:
    case(f"form.{_step}", target=2.5)(partial(compare_step, _step))


@contextmanager
def _undone() -> Iterator[None]:
    # The sample grows from size to size under keys of its own: referrals of ours would be in its way.
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def _lists_kept() -> Iterator[None]:
    # As in a request that is not wrapped in a transaction, where they are read before the referral's begins.
    with patch.object(ListReader, "_version", property(lambda reader: content_version())):
        yield


def _body_of(wanted: str, client: Client, url: str, person: SamplePerson) -> str:
    """Fill in the form up to this step; return what its POST sends."""
    page = client.get(url, secure=True).content.decode()
    for step, fields in STEPS.items():
        body = _with_state(page, fields(person))
        if step == wanted:
            return body
        page = client.post(url, body, content_type=_FORM, secure=True).content.decode()
    raise LookupError(wanted)


def _with_state(page: str, fields: dict) -> str:
    state = re.search(r'name="state" id="state" value="([^"]+)"', page)
    if not state:
        raise RuntimeError("The form's page carries no state.")
    return urlencode({"state": state[1], "action": "continue", **fields}, doseq=True)


def _check(step: str, response) -> None:
    expected = 302 if step == "consent" else 200
    if response.status_code != expected or b'class="message error attention"' in response.content:
        raise RuntimeError(f"The form did not take the step {step}: the benchmark fills in an outdated form.")
