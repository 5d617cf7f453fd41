from collections.abc import Callable

from django.db.models import Model, Q

from referrals.models import User

Condition = Callable[[User], Q]


class AccessRules:
    """For each model, the condition on its rows under which a user has some kind of access."""

    def __init__(self, name: str) -> None:
        self._attribute = f"_{name}_conditions"
        self._rules: dict[type[Model], Condition] = {}

    def __contains__(self, model: type[Model]) -> bool:
        return model in self._rules

    def rule(self, *models: type[Model]) -> Callable[[Condition], Condition]:
        """Register the decorated function for `models`."""

        def register(condition: Condition) -> Condition:
            self._rules.update(dict.fromkeys(models, condition))
            return condition

        return register

    def condition(self, user: User, model: type[Model]) -> Q | None:
        """Return the condition on rows of `model`; None, which means no access, for a model without a rule.

        A page asks for the same conditions again and again, and building their sub-queries takes milliseconds, so they
        are kept on `user`, an object that lives as long as the request. They hold queries, never rows: a change of the
        user's roles counts at once.
        """
        if model not in self._rules:
            return None
        conditions = user.__dict__.setdefault(self._attribute, {})
        key = (model, user.pk)
        if key not in conditions:
            conditions[key] = self._rules[model](user)
        return conditions[key]
