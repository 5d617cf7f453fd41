"""The filters of the list of referrals that a user has saved, by name."""

from django.db import transaction

from referrals.models import User
from referrals.refusals import AlreadyDone, Refusal

MOST_SAVED, MOST_LETTERS = 12, 60


@transaction.atomic
def save_filter(user: User, *, name: str, query: str) -> str:
    """Save the parameters of an address under this name, instead of what has it; return the name."""
    name = " ".join(name.split())[:MOST_LETTERS]
    if not name:
        raise Refusal("Give the filter a name.")
    if not query:
        raise Refusal("Choose something to filter by first.")
    others = [each for each in _lock(user) if each["name"] != name]
    if len(others) >= MOST_SAVED:
        raise Refusal(f"You have {MOST_SAVED} saved filters. Remove one first.")
    _store(user, [*others, {"name": name, "query": query}])
    return name


@transaction.atomic
def remove_filter(user: User, *, name: str) -> None:
    saved = _lock(user)
    others = [each for each in saved if each["name"] != name]
    if len(others) == len(saved):
        raise AlreadyDone("This filter has been removed already.")
    _store(user, others)


def _lock(user: User) -> list[dict[str, str]]:
    return User.objects.select_for_update(no_key=True).get(pk=user.pk).saved_filters


def _store(user: User, filters: list[dict[str, str]]) -> None:
    user.saved_filters = filters
    User.objects.filter(pk=user.pk).update(saved_filters=filters)
