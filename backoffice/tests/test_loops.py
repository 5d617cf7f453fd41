"""A loop of categories or questions: refused by forms, tables and the database, and survived if it exists."""

import pytest
from django.db import IntegrityError

from backoffice.tests.tables import as_csv, imported, preview, problems
from backoffice.tests.test_walls import url
from referrals import models as m
from referrals.tests import factories as f
from referrals.tests.loops import loop_categories, loop_questions

pytestmark = pytest.mark.django_db

HEADS = ["ID", "Network", "Parent", "Name", "Slug", "Position"]
BELOW_ITSELF = "A category cannot be below itself."


@pytest.fixture
def pair(ours):
    return [f.CategoryFactory(network=ours.network, name=name, slug=name.lower()) for name in ("Food", "Money")]


def line(category, parent: str = "") -> list:
    return [category.pk, "Ours network", parent, category.name, category.slug, category.position]


def errors_of(response) -> dict:
    return dict(response.context["adminform"].form.errors)


def test_two_rows_of_one_table_cannot_make_a_loop(ours, pair, signed_in):
    food, money = pair
    client = signed_in(ours.coordinator)
    page = preview(client, m.Category, as_csv(HEADS, line(food, "money"), line(money, "food"), line(ours.category)))
    assert problems(page) == [["Parent", BELOW_ITSELF], ["Parent", BELOW_ITSELF]]
    assert set(m.Category.objects.values_list("parent", flat=True)) == {None}


def test_only_what_is_in_the_loop_is_refused(ours, pair, signed_in):
    food, money = pair
    new = ["", "Ours network", "food", "Parcels", "parcels", 0]
    page = preview(
        signed_in(ours.coordinator), m.Category, as_csv(HEADS, new, line(food, "money"), line(money, "food"))
    )
    changes = page.context["table"].changes
    assert [change["kind"] for change in changes] == ["new", "refused", "refused"]


def test_one_table_can_swap_a_parent_and_its_child(ours, pair, signed_in):
    """Half-way through the table there is a loop, and at its end there is none."""
    food, money = pair
    m.Category.objects.filter(pk=money.pk).update(parent=food)
    imported(signed_in(ours.coordinator), m.Category, as_csv(HEADS, line(food, "money"), line(money)))
    assert list(m.Category.objects.filter(pk__in=[food.pk, money.pk]).values_list("name", "parent__name")) == [
        ("Food", "Money"),
        ("Money", None),
    ]


def test_forms_refuse_a_loop_beside_the_field(ours, pair, signed_in):
    food, money = pair
    m.Category.objects.filter(pk=money.pk).update(parent=food)
    client = signed_in(ours.coordinator)
    sent = {"parent": money.pk, "name": "Food", "slug": "food", "position": 0}
    assert errors_of(client.post(url(m.Category, "change", food.pk), sent)) == {"parent": [BELOW_ITSELF]}
    page = client.get(url(m.Network, "change", ours.network.pk))
    sent = {key: value for key, value in page.context["adminform"].form.initial.items() if value is not None}
    response = client.post(url(m.Network, "change", ours.network.pk), {**sent, "linked_networks": [ours.network.pk]})
    assert set(errors_of(response)) == {"linked_networks"}


def test_the_second_of_two_people_is_refused_in_words(ours, pair, signed_in, monkeypatch):
    """If another transaction changes the tree after the form has checked it, the database refuses, in words."""
    food, money = pair
    m.Category.objects.filter(pk=money.pk).update(parent=food)
    monkeypatch.setattr("backoffice.admin.categories.CategoryForm.clean", lambda form: form.cleaned_data)
    sent = {"parent": money.pk, "name": "Food", "slug": "food", "position": 0}
    response = signed_in(ours.coordinator).post(url(m.Category, "change", food.pk), sent)
    assert response.status_code == 409
    assert BELOW_ITSELF in response.text
    food.refresh_from_db()
    assert food.parent is None


def test_an_unforeseen_error_of_the_database_is_raised(ours, signed_in, monkeypatch):
    def fail(*args):
        raise IntegrityError("unforeseen")

    monkeypatch.setattr(m.Category, "save", fail)
    sent = {"name": "Food", "slug": "food", "position": 0, "network": ours.network.pk}
    with pytest.raises(IntegrityError, match="unforeseen"):
        signed_in(ours.coordinator).post(url(m.Category, "add"), sent)


@pytest.fixture
def looped(ours, pair):
    """Two categories are below each other, and two questions lead to each other. The service is in all categories."""
    loop_categories(*pair)
    below = f.CategoryFactory(network=ours.network, name="Parcels", slug="parcels", parent=pair[0])
    ours.service.categories.add(below, *pair)
    back = f.QuestionOptionFactory(question=ours.question_option.reveals.get())
    loop_questions(ours.question_option, back)
    return ours


@pytest.mark.parametrize("model", [m.Category, m.Service, m.Network])
def test_the_back_office_survives_a_loop(looped, model, signed_in):
    client = signed_in(looped.coordinator)
    pages = [url(model, "changelist"), *(url(model, "change", pk) for pk in model.objects.values_list("pk", flat=True))]
    pages += [url(model, "add")] if model is not m.Network else []
    pages += [url(model, "import"), url(model, "download", "csv")] if model in (m.Category, m.Service) else []
    for page in pages:
        assert client.get(page).status_code == 200, page


def test_a_loop_is_found_and_broken_in_the_back_office(looped, pair, signed_in):
    food, money = pair
    client = signed_in(looped.coordinator)
    sent = {"parent": "", "name": "Food", "slug": "food", "position": 0}
    assert client.post(url(m.Category, "change", food.pk), sent).status_code == 302
    assert m.Category.objects.in_tree_order([looped.network.pk]).filter(pk=money.pk).exists()


def test_a_category_is_added_below_a_loop_and_nothing_hangs(looped, pair, signed_in):
    client = signed_in(looped.coordinator)
    sent = {"network": looped.network.pk, "parent": pair[0].pk, "name": "New", "slug": "new", "position": 0}
    assert client.post(url(m.Category, "add"), sent).status_code == 302
    assert m.Category.objects.get(slug="new").parent == pair[0]
    new = ["", "Ours network", "food", "Newer", "newer", 0]
    page = preview(client, m.Category, as_csv(HEADS, new, line(pair[0], "money")))
    assert [change["kind"] for change in page.context["table"].changes] == ["new", "unchanged"]
