import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from backoffice.tests.test_walls import url
from referrals import models as m
from referrals.matching import Restricting
from referrals.questions import load_flow_chart
from referrals.referral_form.needs_form import NeedsForm
from referrals.tests import factories as f

pytestmark = pytest.mark.django_db


def page(name: str, category: m.Category) -> str:
    return reverse(f"backoffice:category_{name}", args=[category.pk])


def logged(category: m.Category) -> list[str]:
    return [entry.get_change_message() for entry in LogEntry.objects.filter(object_id=category.pk)]


@pytest.fixture
def other(ours) -> m.Category:
    return f.CategoryFactory(network=ours.network, name="Groceries")


def test_what_is_retired_is_offered_to_no_new_service_and_kept_by_those_that_have_it(ours, other, signed_in):
    client = signed_in(ours.coordinator)
    client.post(page("retire", ours.category))
    new, stored = (
        client.get(url(m.Service, "add"), {"organisation": ours.asked.pk, "network": ours.network.pk}),
        client.get(url(m.Service, "change", ours.service.pk)),
    )
    offered = [set(one.context["adminform"].form.fields["categories"].queryset) for one in (new, stored)]
    assert offered == [{other}, {other, ours.category}]
    assert f"{ours.category} (retired)" in stored.text
    assert logged(ours.category) == [f"{ours.category} is retired: nobody can choose it any more."]


def test_what_is_retired_is_no_choice_on_the_referral_form(ours, other, signed_in):
    signed_in(ours.coordinator).post(page("retire", ours.category))
    form = NeedsForm(
        networks=[ours.network],
        categories=list(m.Category.objects.in_tree_order([ours.network])),
        untouched={},
        demographics=[],
        chart=load_flow_chart([ours.network.pk]),
        asked=frozenset(),
        is_self=False,
        details_length=0,
        find_restricting=lambda need_ids: Restricting(),
        propose=lambda text, chosen_need_ids: [],
    )
    assert [value for value, _ in form.fields["needs"].choices] == [str(other.pk)]
    assert [branch.checkboxes.count("<input") for _, branches in form.category_branches for branch in branches] == [1]


def test_merging_says_how_much_it_changes_before_it_does(ours, other, signed_in):
    client = signed_in(ours.coordinator)
    confirmation = client.get(page("merge", ours.category), {"into": other.pk})
    for words in ("<strong>1</strong> service<", "<strong>1</strong> answer ", "<strong>1</strong> referral<"):
        assert words in confirmation.text
    assert ours.service.categories.get() == ours.category
    answer = client.post(page("merge", ours.category), {"into": other.pk})
    assert answer.headers["Location"] == url(m.Category, "change", other.pk)
    assert ours.service.categories.get() == other
    assert logged(other) == logged(ours.category) == [f"{ours.category} is merged into {other}, and retired."]


def test_what_cannot_be_deleted_says_so_and_what_to_do_instead(ours, signed_in):
    refused = signed_in(ours.coordinator).get(url(m.Category, "delete", ours.category.pk)).text
    assert "cannot be deleted" in refused
    for way_on in (
        page("retire", ours.category),
        page("merge", ours.category),
        url(m.Category, "change", ours.category.pk),
    ):
        assert f'href="{way_on}"' in refused


def test_nobody_but_coordinators_of_the_network_finds_these_pages(ours, theirs, signed_in):
    for user in (ours.insider, ours.commissioner, theirs.coordinator):
        for name in ("retire", "take_back", "merge"):
            for answer in (
                signed_in(user).get(page(name, ours.category)),
                signed_in(user).post(page(name, ours.category)),
            ):
                assert answer.status_code == 404
