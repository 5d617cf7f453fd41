"""Which rows a user may choose in a relation: those they can see, or fewer.

Forms, validation and autocomplete all use `choices_for`.
"""

from collections.abc import Callable
from typing import Any

from django.db.models import Field, Model, Q, QuerySet

from referrals import models as m
from referrals.access import changeable_by, referral_networks, visible_to
from referrals.access.reach import organisations_in, reach_of


def organisations_with_editable_services(user: m.User) -> QuerySet:
    if user.is_superuser:
        return m.Organisation.objects.all()
    reach = reach_of(user)
    return m.Organisation.objects.filter(Q(pk__in=reach.own) | Q(pk__in=organisations_in(reach.coordinated)))


def _editable_organisations(user: m.User) -> QuerySet:
    """For what belongs to a whole organisation, such as a venue: coordinating one of its networks is not enough."""
    if user.is_superuser:
        return m.Organisation.objects.all()
    reach = reach_of(user)
    return m.Organisation.objects.filter(Q(pk__in=reach.own) | Q(pk__in=reach.wholly_coordinated))


def _usable_in_services(model: type[Model]) -> Callable[[Any], QuerySet]:
    return lambda user: model.objects.filter(organisation__in=organisations_with_editable_services(user).values("pk"))


def _service_networks(user: m.User) -> QuerySet:
    return m.Network.objects.all() if user.is_superuser else referral_networks(user)


def _changeable(model: type[Model]) -> Callable[[Any], QuerySet]:
    return lambda user: changeable_by(user, model)


_coordinated = _changeable(m.Network)

_CHOICES: dict[tuple[type[Model], str], Callable[[Any], QuerySet]] = {
    (m.Activity, "organisation"): _editable_organisations,
    (m.Category, "network"): _coordinated,
    (m.Category, "parent"): _changeable(m.Category),
    (m.ConsentWording, "network"): _coordinated,
    (m.Demographic, "network"): _coordinated,
    (m.DemographicOption, "demographic"): _changeable(m.Demographic),
    (m.Network, "linked_networks"): _coordinated,  # links are mutual, so the user must coordinate both
    (m.OpeningException, "service"): _changeable(m.Service),
    (m.OpeningHours, "service"): _changeable(m.Service),
    (m.Picture, "organisation"): _editable_organisations,
    (m.ReferralLink, "network"): _coordinated,
    (m.Restriction, "service"): _changeable(m.Service),
    (m.Service, "activity"): _usable_in_services(m.Activity),
    (m.Service, "categories"): lambda user: m.Category.objects.filter(network__in=_service_networks(user).values("pk")),
    (m.Service, "network"): _service_networks,
    (m.Service, "organisation"): organisations_with_editable_services,
    (m.Service, "picture"): _usable_in_services(m.Picture),
    (m.Service, "venue"): _usable_in_services(m.Venue),
    (m.Venue, "organisation"): _editable_organisations,
}


def choices_for(field: Field, user: m.User) -> QuerySet:
    choices = _CHOICES.get((field.model, field.name))
    return visible_to(user, choices(user) if choices else field.remote_field.model)
