"""Tables as tests send and read them: of venues in columns, of services in named cells."""

import csv
import io

from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from backoffice.scoped_admin.admin import ScopedAdmin
from referrals import models as m
from referrals.import_export import (
    ActivityResource,
    CategoryResource,
    OrganisationResource,
    ScopedResource,
    ServiceResource,
    VenueResource,
)
from referrals.import_export.fields import RelatedRowsField
from referrals.import_export.services import WEEK

ADMINS = {model: shown for model, shown in admin.site._registry.items() if isinstance(shown, ScopedAdmin)}
EXPORTED = [model for model, shown in ADMINS.items() if shown.is_exported]
RESOURCES = [ActivityResource, CategoryResource, OrganisationResource, ServiceResource, VenueResource]
VENUES = ["ID", "Organisation", "Name", "Postcode", "Address", "Map link"]
VENUES += ["Access", "About access", "Facilities", "Address is confidential"]
HEADS = ServiceResource(None).column_names
TEXTS = ("opening_note", "summary", "description", "phone", "cost_note")
WEEKDAYS = [head.capitalize() for head in WEEK]


def url(model, page, *args) -> str:
    return reverse(f"backoffice:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def rows(response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


def as_csv(heads: list[str], *lines: list[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([heads, *lines])
    return text.getvalue().encode()


def venue_line(pk="", organisation="", name="", postcode="", address="", **cells: str) -> list[str]:
    rest = [cells.get(name, "") for name in ("map_link", "access", "about_access", "facilities", "confidential")]
    return [str(pk), organisation, name, postcode, address, *rest]


def venues(*lines: list[str]) -> bytes:
    return as_csv(VENUES, *lines)


def upload(client: Client, model, content: bytes, name: str = "table.csv"):
    return client.post(url(model, "import"), {"file": SimpleUploadedFile(name, content)})


def preview(client: Client, model, content: bytes, name: str = "table.csv"):
    response = upload(client, model, content, name)
    assert response.status_code == 302, response.context["form"].errors
    return client.get(response.headers["Location"])


def changes(page) -> list[tuple]:
    return [(change["number"], change["kind"], change["name"]) for change in page.context["page"]]


def problems(page) -> list[list[str]]:
    return [problem for change in page.context["page"] for problem in change["problems"]]


def confirm(client: Client, page):
    return client.post(page.request["PATH_INFO"])


def imported(client: Client, model, content: bytes, name: str = "table.csv"):
    page = preview(client, model, content, name)
    response = confirm(client, page)
    assert response.headers["Location"] == url(model, "changelist"), (changes(page), problems(page))
    return response


def stored(model) -> list[dict]:
    return list(model.objects.order_by("pk").values())


def rows_beside(resource: type[ScopedResource]) -> dict[str, type]:
    """Columns that stand for rows of another table, such as opening hours, with that table."""
    own = {field.name for field in resource._meta.model._meta.get_fields() if field.concrete}
    rows = {name: field for name, field in resource.fields.items() if isinstance(field, RelatedRowsField)}
    ages = {"age_from": m.Restriction, "age_to": m.Restriction} if "age_from" in resource.fields else {}
    return {name: field.model for name, field in rows.items() if name not in own} | ages


def table(*lines: dict[str, str]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, HEADS, restval="")
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue().encode()


def line_of(ours, **cells: str) -> dict[str, str]:
    named = {"Organisation": "Ours pantry", "Network": "Ours network", "Activity": "Parcels"}
    return named | {head.replace("_", " ").capitalize(): cell for head, cell in cells.items()}


def exported(user: m.User) -> list[dict[str, str]]:
    resource = ServiceResource(user)
    return resource.export(resource.changeable()).dict
