"""No list, nor its file, names a related row that the page of the listed row hides from the same user."""

import pytest
from django.contrib import admin
from django.contrib.admin.templatetags.admin_list import results
from django.db import DatabaseError, transaction
from django.db.models import Field, Model

from backoffice.scoped_admin.list_export import ListedResource
from backoffice.tests.test_walls import OURS, request_of, url
from referrals import models as m
from referrals.access import visible_to

pytestmark = pytest.mark.django_db


def relations() -> list[tuple[type[Model], Field]]:
    return [(model, field) for model in OURS for field in model._meta.fields if field.is_relation]


def point_at(row: Model, field: Field, other: Model) -> bool:
    """Let `row` refer to `other`, unless the database refuses it."""
    try:
        with transaction.atomic():
            return bool(type(row)._base_manager.filter(pk=row.pk).update(**{field.name: other}))
    except DatabaseError:
        return False


def listed(row: Model, user: m.User) -> str:
    """Return what the list says to `user`, and its file; nothing where `row` is not in it."""
    shown, request = admin.site.get_model_admin(type(row)), request_of(user)
    if not shown.has_view_permission(request):
        return ""
    changelist = shown.get_changelist_instance(request)
    if not changelist.queryset.contains(row):
        return ""
    changelist.formset = None
    words = "".join(str(cell) for row in results(changelist) for cell in row)
    if shown.is_exported:
        resource = shown.resource(user) if shown.resource else ListedResource(user, shown)
        words += resource.export(changelist.queryset).csv
    return words


@pytest.mark.parametrize(("who", "least"), [("coordinator", 8), ("insider", 6), ("commissioner", 4), ("outsider", 1)])
def test_a_list_names_only_what_the_page_of_its_row_names(who, least, ours, theirs, signed_in):
    user, rows, others = getattr(ours, who), ours.rows(), theirs.rows()
    client, tried = signed_in(user), 0
    for model, field in relations():
        row, other = rows.get(model), others.get(field.related_model)
        if row is None or other is None:
            continue
        with transaction.atomic():
            reader = m.User.objects.get(pk=user.pk)
            if point_at(row, field, other) and not visible_to(reader, type(other)).contains(other):
                words = listed(row, reader)
                tried += bool(words)
                if "Theirs" in words:
                    assert "Theirs" in client.get(url(model, "change", row.pk)).text, (model, field.name)
            transaction.set_rollback(True)
    assert tried >= least  # relations that the user's list shows a row for


@pytest.mark.parametrize(
    ("model", "who", "named"),
    [
        (m.AccountEvent, "insider", "Ours insider"),
        (m.AccessRecord, "coordinator", "Ours insider"),
    ],
)
def test_a_column_still_names_what_the_user_may_see(model, who, named, ours):
    assert named in listed(ours.rows()[model], getattr(ours, who))
