"""Nobody finds out by searching or sorting a list what a related row is called that they may not see."""

from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.db import transaction
from django.db.models import Model
from django.test import RequestFactory

from backoffice.tests.test_list_columns import point_at
from backoffice.tests.test_walls import OURS
from referrals import models as m
from referrals.access import visible_to

pytestmark = pytest.mark.django_db


def rows_of_list(model: type[Model], user: m.User, **query: str) -> list[int]:
    request = RequestFactory().get("/", query)
    request.user = m.User.objects.get(pk=user.pk)
    shown = admin.site.get_model_admin(model)
    if not shown.has_view_permission(request):
        return []
    return [row.pk for row in shown.get_changelist_instance(request).queryset]


def searched_relations() -> Iterator[tuple[type[Model], str]]:
    for model in OURS:
        shown = admin.site.get_model_admin(model)
        yield from ((model, path) for path in shown.search_fields if "__" in path and path not in shown.always_visible)


def value_at(row: Model, path: str) -> str:
    for name in path.split("__"):
        row = getattr(row, name)
    return str(row)


@pytest.mark.parametrize(("who", "least"), [("coordinator", 5), ("insider", 1), ("commissioner", 1)])
def test_a_search_finds_no_row_by_what_it_hides(who, least, ours, theirs):
    user, rows, others, tried = getattr(ours, who), ours.rows(), theirs.rows(), 0
    for model, path in searched_relations():
        first, _, rest = path.partition("__")
        row, field = rows.get(model), model._meta.get_field(first)
        other = others.get(field.related_model)
        if row is None or other is None or rest == "startswith":
            continue
        with transaction.atomic():
            if point_at(row, field, other) and not visible_to(user, type(other)).contains(other):
                value = value_at(other, rest)
                tried += row.pk in rows_of_list(model, user)
                assert row.pk not in rows_of_list(model, user, q=value), (model, path)
            transaction.set_rollback(True)
    assert tried >= least  # rows that are listed without a search


def test_a_sorted_list_says_nothing_of_a_hidden_name(ours, theirs):
    """Whatever it is, it stands in the same place."""
    records = m.AccessRecord.objects.filter(network=ours.network)
    hidden = records.create(
        user=theirs.insider,
        person=ours.referral.person,
        referral=ours.referral,
        network=ours.network,
        screen="referral",
    )
    column = admin.site.get_model_admin(m.AccessRecord).list_display.index("user")
    for order in (column, f"-{column}"):
        places = set()
        for name in ("Aaron", "Zebedee"):
            m.User.objects.filter(pk=theirs.insider.pk).update(name=name)
            found = rows_of_list(m.AccessRecord, ours.coordinator, o=str(order))
            assert len(found) > 1
            places.add(found.index(hidden.pk))
        assert len(places) == 1, order


def test_a_search_still_finds_what_the_user_may_see(ours):
    for model, word in ((m.AccessRecord, ours.insider.name), (m.AccessRecord, ours.insider.email)):
        assert rows_of_list(model, ours.coordinator, q=word)
        assert not rows_of_list(model, ours.coordinator, q=word + "x")
