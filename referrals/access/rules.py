from collections.abc import Callable

from django.db.models import Model, Q

from referrals.access.reach import Reach, reach_of
from referrals.models import User

Condition = Callable[[Reach], Q]


class AccessRules:
    """One kind of access: for each model, the condition on its rows."""

    def __init__(self) -> None:
        self._rules: dict[type[Model], Condition] = {}

    def __contains__(self, model: type[Model]) -> bool:
        return model in self._rules

    def rule(self, *models: type[Model]) -> Callable[[Condition], Condition]:
        def register(condition: Condition) -> Condition:
            self._rules.update(dict.fromkeys(models, condition))
            return condition

        return register

    def condition(self, user: User, model: type[Model]) -> Q | None:
        """Return the condition on rows of `model`; None, meaning no access, if the model has no rule."""
        if model not in self._rules:
            return None
        reach = reach_of(user)
        rule = self._rules[model]
        if rule not in reach.conditions:
            reach.conditions[rule] = rule(reach)
        return reach.conditions[rule]
