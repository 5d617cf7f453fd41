"""What each user may edit. A status is never edited: the workflow changes it, and asks `can_...`."""

from django.db.models import Exists, Model, Q, QuerySet

from referrals import models as m
from referrals.access.reach import (
    coordinated_keys,
    coordinated_networks,
    own_keys,
    own_organisations,
    owned_keys,
    wholly_coordinated_keys,
)
from referrals.access.rules import AccessRules
from referrals.access.visible import visible_to

# A model without a rule can be changed by superusers only, or by the workflow.
_RULES = AccessRules("change")
_rule = _RULES.rule


@_rule(m.Network)
def _network(user: m.User) -> Q:
    return Q(pk__in=coordinated_keys(user))


@_rule(m.Category, m.ConsentWording, m.Demographic, m.Question, m.ReferralLink)
def _in_coordinated_network(user: m.User) -> Q:
    return Q(network__in=coordinated_keys(user))


@_rule(m.DemographicOption)
def _demographic_option(user: m.User) -> Q:
    return Q(demographic__network__in=coordinated_keys(user))


@_rule(m.QuestionOption)
def _question_option(user: m.User) -> Q:
    return Q(question__network__in=coordinated_keys(user))


@_rule(m.Organisation)
def _organisation(user: m.User) -> Q:
    return Q(pk__in=owned_keys(user)) | Q(pk__in=wholly_coordinated_keys(user))


@_rule(m.Activity, m.Picture, m.Venue)
def _activity_picture_or_venue(user: m.User) -> Q:
    return Q(organisation__in=own_keys(user)) | Q(organisation__in=wholly_coordinated_keys(user))


@_rule(m.Service)
def _service(user: m.User) -> Q:
    has_not_left = m.NetworkMembership.objects.not_left().of_outer_row()
    return Q(organisation__in=own_keys(user)) | (Q(network__in=coordinated_keys(user)) & Q(Exists(has_not_left)))


@_rule(m.OpeningHours, m.OpeningException, m.Restriction)
def _service_rows(user: m.User) -> Q:
    return Q(service__in=m.Service.objects.filter(_service(user)).values("pk"))


@_rule(m.PublicMessage)
def _public_message(user: m.User) -> Q:
    return Q(network__in=coordinated_keys(user)) | Q(service__organisation__in=own_keys(user))


@_rule(m.CaseNote)
def _case_note(user: m.User) -> Q:
    return Q(organisation__in=own_keys(user), author=user.pk)


@_rule(m.PersonTag)
def _person_tag(user: m.User) -> Q:
    return Q(organisation__in=own_keys(user))


def changeable_by(user: m.User, rows: QuerySet | type[Model]) -> QuerySet:
    queryset = visible_to(user, rows)
    if getattr(user, "is_superuser", False) and user.is_active:
        return queryset
    condition = _RULES.condition(user, queryset.model)
    return queryset.none() if condition is None else queryset.filter(condition)


def may_add(user: m.User, model: type[Model]) -> bool:
    """Whether `user` may add any row of `model` at all. The row itself is checked when it is saved."""
    if not getattr(user, "is_active", False):
        return False
    if user.is_superuser:
        return True
    if model not in _RULES or model in (m.Network, m.PublicMessage):
        return False
    if model in _ORGANISATION_MODELS and own_organisations(user).exists():
        return True
    return coordinated_networks(user).exists() and model not in (m.CaseNote, m.PersonTag)


_ORGANISATION_MODELS = frozenset(
    {
        m.Activity,
        m.CaseNote,
        m.OpeningException,
        m.OpeningHours,
        m.PersonTag,
        m.Picture,
        m.Restriction,
        m.Service,
        m.Venue,
    }
)
