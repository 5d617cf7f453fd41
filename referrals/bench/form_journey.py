"""The referral form from the first page to the sent referral, step by step over HTTP.

A step is timed against an empty view that is sent the same, and the statements of the step as psycopg alone sends them.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from urllib.parse import quote, unquote, urlencode
from uuid import uuid4

from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from referrals.bench.measuring import Comparison, Sample, SamplePerson, case
from referrals.enums import ConsentWay
from referrals.referral_form.entry import FormEntry
from referrals.referral_form.signed_state import unpack

_FORM = "application/x-www-form-urlencoded"
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
            _check(step, send(url, _renew(body, sample)))
        sent = [query["sql"].strip() for query in captured.captured_queries]
        statements.append([statement for statement in sent if statement.startswith(("SELECT", "WITH"))])

    def ours(number: int) -> None:
        body = bodies[number]
        if step != "consent":
            _check(step, send(url, body))
            return
        with _undone():
            _check(step, send(url, _renew(body, sample)))

    def bare(number: int) -> None:
        send(empty, bodies[number])
        for statement in statements[number]:
            sample.bare.execute(statement).fetchall()

    counts = sorted(map(len, statements))
    note = f"{counts[len(counts) // 2]} reads in the median where nothing is kept in the process"
    if step == "consent":
        note += ", and what it writes, which the bare way leaves out"
    return Comparison(ours, bare, f"one POST of the form, in process, {note}; bare: an empty view and those reads")


# What the last step writes has no bare way, so no ratio is asked of it.
for _step in STEPS:
    case(f"form.{_step}", target=None if _step == "consent" else 2.5)(partial(compare_step, _step))


@contextmanager
def _undone() -> Iterator[None]:
    # The sample grows from size to size under keys of its own: referrals of ours would be in its way.
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


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


def _renew(body: str, sample: Sample) -> str:
    """Give the form a key of its own: sent under the same one, it would make no second referral."""
    entry = FormEntry(sample.network)
    packed = re.search(r"state=([^&]+)", body)[1]
    state = unpack(unquote(packed), entry)
    state.key = uuid4()
    return body.replace(packed, quote(state.pack(entry)))


def _check(step: str, response) -> None:
    expected = 302 if step == "consent" else 200
    if response.status_code != expected or b'class="message error attention"' in response.content:
        raise RuntimeError(f"The form did not take the step {step}: the benchmark fills in an outdated form.")
