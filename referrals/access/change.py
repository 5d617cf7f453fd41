"""What each user may edit. A status is never edited: the workflow changes it, and asks `can_...`."""

from django.db.models import Exists, Model, Q, QuerySet

from referrals import models as m
from referrals.access.reach import Reach, reach_of
from referrals.access.rules import AccessRules
from referrals.access.visible import visible_to

# A model without a rule can be changed by superusers only, or by the workflow.
_RULES = AccessRules()
_rule = _RULES.rule


@_rule(m.Network)
def _network(reach: Reach) -> Q:
    return Q(pk__in=reach.coordinated)


@_rule(m.Category, m.ConsentWording, m.Demographic, m.FlowExample, m.Question, m.ReferralLink)
def _in_coordinated_network(reach: Reach) -> Q:
    return Q(network__in=reach.coordinated)


@_rule(m.DemographicOption)
def _demographic_option(reach: Reach) -> Q:
    return Q(demographic__network__in=reach.coordinated)


@_rule(m.QuestionOption)
def _question_option(reach: Reach) -> Q:
    return Q(question__network__in=reach.coordinated)


@_rule(m.Organisation)
def _organisation(reach: Reach) -> Q:
    return Q(pk__in=reach.owned) | Q(pk__in=reach.wholly_coordinated)


@_rule(m.Activity, m.Picture, m.Venue)
def _activity_picture_or_venue(reach: Reach) -> Q:
    return Q(organisation__in=reach.own) | Q(organisation__in=reach.wholly_coordinated)


@_rule(m.Service)
def _service(reach: Reach) -> Q:
    has_not_left = m.NetworkMembership.objects.not_left().of_outer_row()
    return Q(organisation__in=reach.own) | (Q(network__in=reach.coordinated) & Q(Exists(has_not_left)))


@_rule(m.OpeningHours, m.OpeningException, m.Restriction)
def _service_rows(reach: Reach) -> Q:
    return Q(service__in=m.Service.objects.filter(_service(reach)).values("pk"))


@_rule(m.PublicMessage)
def _public_message(reach: Reach) -> Q:
    return Q(network__in=reach.coordinated) | Q(service__organisation__in=reach.own)


def changeable_by(user: m.User, rows: QuerySet | type[Model]) -> QuerySet:
    queryset = visible_to(user, rows)
    if getattr(user, "is_superuser", False) and user.is_active:
        return queryset
    condition = _RULES.condition(user, queryset.model)
    return queryset.none() if condition is None else queryset.filter(condition)


# What any member of an organisation may add for it. Everything else that users add takes a coordinator.
_ORGANISATION_MODELS = frozenset(
    {
        m.Activity,
        m.OpeningException,
        m.OpeningHours,
        m.Picture,
        m.Restriction,
        m.Service,
        m.Venue,
    }
)


def may_add(user: m.User, model: type[Model]) -> bool:
    """Whether `user` may add any row of `model` at all. The row itself is checked when it is saved."""
    if not getattr(user, "is_active", False):
        return False
    if user.is_superuser:
        return True
    # Operators make networks, and visitors write messages.
    if model not in _RULES or model in (m.Network, m.PublicMessage):
        return False
    reach = reach_of(user)
    if model in _ORGANISATION_MODELS and reach.own:
        return True
    return bool(reach.coordinated)
