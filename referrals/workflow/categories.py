"""Retiring a category, which stays where it is used, and merging it into another, which takes its place."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from referrals.access import changeable_by
from referrals.models import Category, Need, Network, QuestionOption, Referral, Service, User
from referrals.refusals import AlreadyDone, NotAllowed, Refusal
from referrals.workflow.core import set_fields


@dataclass(frozen=True, slots=True)
class CategoryUse:
    """How much uses a category: services, answers of the form that add it, referrals, categories below it."""

    services: int
    answers: int
    referrals: int
    below: int


def count_uses(category: Category) -> CategoryUse:
    return CategoryUse(
        services=category.services.count(),
        answers=category.question_options.count(),
        referrals=category.referral_needs.count(),
        below=category.children.count(),
    )


@transaction.atomic
def retire_category(category_id: int, *, actor: User, at: datetime | None = None) -> Category:
    """Stop offering it for services, for questions and on the form. What has it keeps it."""
    category = _lock(category_id, actor)
    if category.retired_at:
        raise AlreadyDone(f"{category} is retired already.")
    set_fields(category, retired_at=at or timezone.now())
    return category


@transaction.atomic
def take_category_back(category_id: int, *, actor: User) -> Category:
    category = _lock(category_id, actor)
    if not category.retired_at:
        raise AlreadyDone(f"{category} is not retired.")
    set_fields(category, retired_at=None, merged_into=None)
    return category


@transaction.atomic
def merge_categories(category_id: int, *, into_id: int, actor: User, at: datetime | None = None) -> Category:
    """Move everything that uses the category to the other, retire it, and return the other.

    The other becomes sensitive if the category was, or was below one that was. A referral with one of them on each of
    two strands keeps both, since no strand can be without a need.
    """
    category = _lock(category_id, actor)
    into = Category.objects.possible_parents(category).filter(pk=into_id).first()
    if into is None:
        raise Refusal("Choose a category of the same network that is not below this one.")
    if into.retired_at:
        raise Refusal(f"{into} is retired. Take it back first.")
    _move_links(Service.categories.through, "service", category, into)
    _move_links(QuestionOption.needs.through, "questionoption", category, into)
    _move_needs(category, into)
    if category.pk in Category.objects.sensitive_keys([category.network_id]):
        set_fields(into, is_sensitive=True)
    category.children.update(parent=into)
    category.merged.update(merged_into=into)
    set_fields(category, retired_at=category.retired_at or at or timezone.now(), merged_into=into)
    return into


def _lock(category_id: int, actor: User) -> Category:
    """Lock the category's network as well: tables and merges change its whole tree."""
    network_id = Category.objects.filter(pk=category_id).values_list("network", flat=True).first()
    Network.objects.select_for_update(no_key=True).filter(pk=network_id).first()
    category = Category.objects.select_for_update(no_key=True).filter(pk=category_id).first()
    if category is None or not changeable_by(actor, Category).filter(pk=category_id).exists():
        raise NotAllowed("There is no such category here, or it is not yours to change.")
    return category


def _move_links(links: type[Model], name: str, category: Category, into: Category) -> None:
    rows = links.objects.filter(category=category)
    linked_to_both = links.objects.filter(category=into).values(name)
    rows.filter(**{f"{name}__in": linked_to_both}).delete()
    rows.update(category=into)


def _move_needs(category: Category, into: Category) -> None:
    rows = Need.objects.filter(category=category)
    # Locked, as in every verb that changes needs, such as `split`.
    list(Referral.objects.select_for_update(no_key=True).filter(pk__in=rows.values("referral")).order_by("pk"))
    rows.filter(strand__needs__category=into).delete()
    rows.exclude(referral__in=Need.objects.filter(category=into).values("referral")).update(category=into)
