"""What browsers send of the forms of admins."""

from collections.abc import Iterator
from urllib.parse import urljoin

from bs4 import Tag
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse


def url(name: str, page: str, *args) -> str:
    return reverse(f"backoffice:referrals_{name}_{page}", args=args)


def lines(prefix: str, *rows: dict) -> dict:
    """Return what a browser sends of lines such as those of opening hours."""
    data = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": 0}
    return data | {f"{prefix}-{n}-{key}": value for n, row in enumerate(rows) for key, value in row.items()}


def service_data(tenant, **changes) -> dict:
    return {
        "organisation": tenant.asked.pk,
        "network": tenant.network.pk,
        "activity": tenant.activity.name,
        "categories": [tenant.category.pk],
        "capacity": 5,
        "pathways": ["self", "gp"],
        "cost": "charged",
        "cost_note": "£3 a bag",
        "is_confirmed": "on",
        "age_from": 60,
        **lines("hours", {"days": [0, 1], "opens": "09:00", "closes": "17:00"}),
        **lines("exceptions"),
        **changes,
    }


def send_forms_empty(client: Client, address: str, page: Tag) -> Iterator[tuple[str, HttpResponse]]:
    """Send each form of a page as if somebody had cleared every box, roll back whatever that did, and yield the pages
    that answer, with their addresses."""
    for form in page.select("main form[method=post], #content form[method=post]"):
        if not form.select_one("input:not([type=hidden], [type=submit]), select, textarea"):
            continue
        hidden = {one["name"]: one.get("value", "") for one in form.select("input[type=hidden][name]")}
        sent_to = urljoin(address, form.get("action", ""))
        with transaction.atomic():
            answer = client.post(sent_to, hidden)
            transaction.set_rollback(True)
        if answer.status_code == 200 and "text/html" in answer.headers["Content-Type"]:
            yield sent_to, answer
