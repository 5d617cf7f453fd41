from collections.abc import Callable

from django.db.models import Model, Q

from referrals.models import User

Condition = Callable[[User], Q]


class AccessRules:
    """One kind of access: for each model, the condition on its rows."""

    def __init__(self, name: str) -> None:
        self._attribute = f"_{name}_conditions"
        self._rules: dict[type[Model], Condition] = {}

    def __contains__(self, model: type[Model]) -> bool:
        return model in self._rules

    def rule(self, *models: type[Model]) -> Callable[[Condition], Condition]:
        def register(condition: Condition) -> Condition:
            self._rules.update(dict.fromkeys(models, condition))
            return condition

        return register

    def condition(self, user: User, model: type[Model]) -> Q | None:
        """Return the condition on rows of `model`; None, meaning no access, if the model has no rule.

        Building the sub-queries takes milliseconds and a page needs the same ones many times, so they are cached on
        `user`, which lives as long as the request. They are queries, not rows: a new role counts at once.
        """
        if model not in self._rules:
            return None
        conditions = user.__dict__.setdefault(self._attribute, {})
        key = (model, user.pk)
        if key not in conditions:
            conditions[key] = self._rules[model](user)
        return conditions[key]
