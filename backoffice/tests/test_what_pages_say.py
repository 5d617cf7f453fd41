"""What every page says to those who use it: no alert before anything was done, and none of the developers' words."""

import re
from collections.abc import Iterator

import pytest
from bs4 import BeautifulSoup, Tag
from django.conf import settings
from django.contrib import admin
from django.http import HttpResponse

from backoffice.tests.addresses import addresses_of
from backoffice.tests.forms import send_forms_empty
from backoffice.tests.tenants import Tenant
from backoffice.tests.ways_in import admin_url, signed_in_in_full
from referrals import models as m
from referrals.tests.depth import draw_cases, gate_or_all

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.slow(reason="two people open every page and send every form"),
]

ALERTS = ":is([role=alert], .errornote, .errorlist li):not([hidden])"
# docs/glossary.md has the users' own word for each.
DEVELOPERS_WORDS = {
    word: re.compile(pattern, re.IGNORECASE)
    for word, pattern in {
        "assignment": r"\bassignments?\b",
        "heartbeat": r"\bheartbeats?\b",
        "lapse": r"\blapse",
        "membership": r"\bmemberships?\b",
        "outcode": r"\boutcodes?\b",
        "slug": r"\bslugs?\b",
        "strand": r"\bstrands?\b",
        "tally": r"\btall(y|ies)\b",
        "raw JSON": r"[\[{]\s*['\"]\w+['\"]\s*[:,\]]",
        "Django's message of an empty field": r"This field is required",
        "Django's message of a refused deletion": r"protected related objects",
        "the column of operators": r"\bSuperuser\b",
        "a filter that names its field": r"^By (at|since|what|whom)$",
        "a filter for rows without any": r"^-$",
    }.items()
}


def test_the_glossary_is_short_enough_to_be_read():
    glossary = (settings.BASE_DIR / "docs" / "glossary.md").read_text()
    words = re.findall(r"^\| \*\*(.+?)\*\*", glossary, re.MULTILINE)
    assert len(words) == len(set(words)) <= 20


def visible_texts(page: Tag) -> Iterator[str]:
    """Return the texts of a page one by one, without its scripts, its styles and what is in text boxes."""
    for hidden in page.select("script, style, template, textarea"):
        hidden.decompose()
    yield from page.stripped_strings


def parsed(response: HttpResponse) -> Tag | None:
    is_page = response.status_code < 500 and "text/html" in response.headers.get("Content-Type", "")
    return BeautifulSoup(response.content, "html.parser") if is_page else None


def developers_words(page: Tag) -> set[str]:
    shown = [choice.parent for choice in page.select("#changelist-filter a")]
    in_filters = {" ".join(one.stripped_strings) for one in [*shown, *page.select("#changelist-filter summary")]}
    words = {*visible_texts(page), *in_filters}
    only_filters = ("a filter that names its field", "a filter for rows without any")
    return {
        f"{name}: {text[:90]!r}"
        for name, pattern in DEVELOPERS_WORDS.items()
        for text in (in_filters if name in only_filters else words)
        if pattern.search(text)
    }


def all_addresses(tenant: Tenant) -> list[str]:
    models = admin.site._registry
    own = [admin_url(model, page) for model in models for page in ("changelist", "add")]
    deleted = [admin_url(model, "delete", row.pk) for model, row in tenant.rows().items()]
    return list(dict.fromkeys([*addresses_of(tenant), *own, *deleted]))


@pytest.mark.sampled
@pytest.mark.parametrize(("who", "share"), [("coordinator", 0.4), ("insider", 0.2)])
def test_every_page_speaks_the_users_words_and_opens_without_an_alert(who, share, ours):
    client, problems, opened = signed_in_in_full(getattr(ours, who)), set(), 0
    share = gate_or_all(gate=share, everything=1)
    for address in draw_cases(f"pages that {who} reads", all_addresses(ours), share=share):
        page = parsed(client.get(address))
        if page is None:
            continue
        opened += 1
        problems |= {f"{address} alert: {alert.get_text(' ', strip=True)[:90]!r}" for alert in page.select(ALERTS)}
        answers = [parsed(answer) for _, answer in send_forms_empty(client, address, page)]
        for shown in (page, *answers):
            problems |= {f"{address} {found}" for found in developers_words(shown)}
    assert not problems, "\n".join(sorted(problems))
    assert opened > 150 * share


def test_operators_open_every_form_without_an_alert(ours):
    client = signed_in_in_full(m.User.objects.create_superuser("operator@example.org"))
    for model in admin.site._registry:
        page = parsed(client.get(admin_url(model, "add")))
        assert not page.select(ALERTS), model
