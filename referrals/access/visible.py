"""Which rows each user may see. An unknown user, or a model without a rule, gets nothing."""

from collections.abc import Collection

from django.db.models import Exists, ManyToManyField, Model, OuterRef, Q, QuerySet

from referrals import models as m
from referrals.access.reach import (
    belongs_to_known_organisation,
    coordinated_keys,
    known_keys,
    known_networks,
    organisation_keys_in,
    own_keys,
    owned_keys,
    referral_networks,
    wholly_coordinated_keys,
)
from referrals.access.rules import AccessRules
from referrals.enums import AssignmentStatus, MembershipStatus

_RULES = AccessRules("visible")
_rule = _RULES.rule


def visible_to(user: m.User, rows: QuerySet | type[Model]) -> QuerySet:
    """Return those of `rows` (a queryset, or a model for all its rows) that `user` may see.

    Conditions are sub-queries, never joins: a join could repeat rows and spoil counts and later filters.
    """
    queryset = rows if isinstance(rows, QuerySet) else rows._default_manager.all()
    if not getattr(user, "is_active", False):
        return queryset.none()
    if user.is_superuser:
        return queryset
    condition = _RULES.condition(user, queryset.model)
    return queryset.none() if condition is None else queryset.filter(condition)


def visible_links(user: m.User, row: Model, field: ManyToManyField) -> QuerySet:
    """Return the rows that `row` is linked to, as far as `user` may see the link."""
    if row.pk is None:
        return field.related_model._default_manager.none()
    links = visible_to(user, field.remote_field.through).filter(**{field.m2m_field_name(): row.pk})
    return getattr(row, field.name).filter(pk__in=links.values(field.m2m_reverse_field_name()))


@_rule(m.Network)
def _network(user: m.User) -> Q:
    return Q(pk__in=known_keys(user))


@_rule(m.Area)
def _area(user: m.User) -> Q:
    # An area without a network, such as a ward, is public reference data. Any other would reveal its network.
    return Q(pk__in=known_networks(user).values("area")) | ~Q(Exists(m.Network.objects.filter(area=OuterRef("pk"))))


@_rule(m.Postcode)
def _postcode(user: m.User) -> Q:
    return Q()  # public reference data


@_rule(m.Category, m.Demographic, m.Question, m.ConsentWording)
def _in_known_network(user: m.User) -> Q:
    return Q(network__in=known_keys(user))


@_rule(m.DemographicOption)
def _demographic_option(user: m.User) -> Q:
    return Q(demographic__network__in=known_keys(user))


@_rule(m.QuestionOption)
def _question_option(user: m.User) -> Q:
    return Q(question__network__in=known_keys(user))


@_rule(m.QuestionOption.reveals.through, m.QuestionOption.needs.through)
def _question_options_link(user: m.User) -> Q:
    return Q(questionoption__question__network__in=known_keys(user))


@_rule(m.Network.linked_networks.through)
def _linked_network(user: m.User) -> Q:
    return Q(from_network__in=known_keys(user))


@_rule(m.ReferralLink, m.NetworkRole, m.AccessRecord)
def _in_coordinated_network(user: m.User) -> Q:
    return Q(network__in=coordinated_keys(user))


@_rule(m.Invitation)
def _invitation(user: m.User) -> Q:
    return (
        Q(network__in=coordinated_keys(user))
        | Q(organisation__in=owned_keys(user))
        | (Q(network=None) & Q(organisation__in=organisation_keys_in(coordinated_keys(user))))
    )


@_rule(m.AccountEvent)
def _account_event(user: m.User) -> Q:
    # What an organisation did in one network is not for its other networks.
    return (
        Q(user=user.pk)
        | Q(network__in=coordinated_keys(user))
        | Q(organisation__in=owned_keys(user))
        | (Q(network=None) & Q(organisation__in=organisation_keys_in(coordinated_keys(user))))
    )


@_rule(m.Organisation)
def _organisation(user: m.User) -> Q:
    # Coordinators also see organisations that have left: old referrals name them.
    return (
        Q(pk__in=own_keys(user))
        | Q(pk__in=organisation_keys_in(coordinated_keys(user), m.NetworkMembership.objects.all()))
        | Q(pk__in=organisation_keys_in(known_keys(user), m.NetworkMembership.objects.active()))
    )


@_rule(m.NetworkMembership)
def _membership(user: m.User) -> Q:
    return (
        Q(organisation__in=own_keys(user))
        | Q(network__in=coordinated_keys(user))
        | Q(network__in=known_keys(user), status=MembershipStatus.ACTIVE)
    )


@_rule(m.OrganisationMember)
def _organisation_member(user: m.User) -> Q:
    return Q(organisation__in=own_keys(user)) | Q(organisation__in=organisation_keys_in(coordinated_keys(user)))


@_rule(m.User)
def _user(user: m.User) -> Q:
    colleagues = m.OrganisationMember.objects.filter(_organisation_member(user)).values("user")
    staff = m.NetworkRole.objects.filter(network__in=coordinated_keys(user)).values("user")
    return Q(pk=user.pk) | Q(pk__in=colleagues) | Q(pk__in=staff)


@_rule(m.Service)
def _service(user: m.User) -> Q:
    active = m.NetworkMembership.objects.active().of_outer_row()
    return (
        Q(organisation__in=own_keys(user))
        | Q(network__in=coordinated_keys(user))
        | (Q(network__in=known_keys(user)) & Q(Exists(active)))
    )


@_rule(m.OpeningHours, m.OpeningException, m.Restriction, m.Service.categories.through)
def _service_rows(user: m.User) -> Q:
    return Q(service__in=m.Service.objects.filter(_service(user)).values("pk"))


@_rule(m.Activity, m.Picture)
def _in_known_organisation(user: m.User) -> Q:
    return belongs_to_known_organisation(user)


@_rule(m.Venue)
def _venue(user: m.User) -> Q:
    used = m.Service.objects.filter(venue=OuterRef("pk"), network__in=coordinated_keys(user))
    return (
        Q(organisation__in=own_keys(user))
        | Q(organisation__in=wholly_coordinated_keys(user))
        | Q(Exists(used))
        | (Q(is_confidential=False) & belongs_to_known_organisation(user))
    )


@_rule(m.Referral)
def _referral(user: m.User) -> Q:
    networks = referral_networks(user).values("pk")
    return Q(Exists(m.Strand.objects.filter(referral=OuterRef("pk"), network__in=networks)))


@_rule(m.Strand)
def _strand(user: m.User) -> Q:
    return Q(network__in=referral_networks(user).values("pk"))


@_rule(m.Assignment, m.Need)
def _assignment_or_need(user: m.User) -> Q:
    return Q(strand__network__in=referral_networks(user).values("pk"))


@_rule(m.Notification)
def _notification(user: m.User) -> Q:
    # The text holds whatever its recipient may read, so only the network's coordinators see it.
    coordinated = coordinated_keys(user)
    return (
        Q(event__strand__network__in=coordinated)
        | Q(
            event__strand=None,
            event__referral__network__in=coordinated,
            event__referral__in=m.Strand.objects.filter(network__in=coordinated).values("referral"),
        )
        | Q(account_event__network__in=coordinated)
        | Q(message__network__in=coordinated)
    )


@_rule(m.PublicMessage)
def _public_message(user: m.User) -> Q:
    return Q(network__in=coordinated_keys(user)) | Q(service__organisation__in=own_keys(user))


def opens_details(user: m.User) -> Q:
    """Return the condition on strands that give the user the full referral.

    Coordinators of the strand's network have it, and the organisation with the offer or the case. It ends with a
    rejected, lapsed or withdrawn offer, but not with a closed case.
    """
    active = m.NetworkMembership.objects.active().of_outer_row(network="strand__network")
    held = m.Assignment.objects.filter(
        Exists(active),
        Q(status=AssignmentStatus.OFFERED) | Q(accepted_at__isnull=False),
        strand=OuterRef("pk"),
        organisation__in=own_keys(user),
    ).exclude(status=AssignmentStatus.WITHDRAWN)
    return Q(network__in=coordinated_keys(user)) | Q(Exists(held))


def _full_details(user: m.User) -> Q:
    return Q(Exists(m.Strand.objects.filter(opens_details(user), referral=OuterRef("pk"))))


def fully_visible_to(user: m.User, referrals: QuerySet | type[Model] = m.Referral) -> QuerySet:
    """Return those of `referrals` whose person, answers and details `user` may read.

    Of the others they see reference, name, outcode, needs, status and dates.
    """
    queryset = referrals if isinstance(referrals, QuerySet) else referrals._default_manager.all()
    if not getattr(user, "is_active", False):
        return queryset.none()
    return queryset if user.is_superuser else queryset.filter(_full_details(user))


@_rule(m.Person)
def _person(user: m.User) -> Q:
    return Q(Exists(m.Referral.objects.filter(_full_details(user), person=OuterRef("pk"))))


@_rule(m.Event)
def _event(user: m.User) -> Q:
    return (Q(strand=None) | Q(strand__network__in=referral_networks(user).values("pk"))) & Q(
        referral__in=m.Referral.objects.filter(_full_details(user)).values("pk")
    )


@_rule(m.Note)
def _note(user: m.User) -> Q:
    # Anyone in the network may write a note; reading takes full details, or having written it.
    return (
        Q(referral__in=m.Referral.objects.filter(_full_details(user)).values("pk"))
        | Q(author=user.pk)
        | Q(organisation__in=own_keys(user))
    ) & Q(referral__in=m.Referral.objects.filter(_referral(user)).values("pk"))


@_rule(m.Answer)
def _answer(user: m.User) -> Q:
    # What one network asked is not for whoever holds a strand in another alone.
    held = m.Strand.objects.filter(opens_details(user), referral=OuterRef("referral"), network=OuterRef("network"))
    return Q(Exists(held))


@_rule(m.Person.options.through)
def _persons_option(user: m.User) -> Q:
    held = m.Strand.objects.filter(
        opens_details(user),
        referral__person=OuterRef("person"),
        network=OuterRef("demographicoption__demographic__network"),
    )
    return Q(Exists(held))


def visible_options(user: m.User, people: Collection[int] | QuerySet) -> dict[int, list[m.DemographicOption]]:
    """Return what these people (keys) answered to the demographics of the networks that opened them to `user`."""
    rows = visible_to(user, m.Person.options.through).filter(person__in=people)
    rows = rows.select_related("demographicoption__demographic").order_by(
        "demographicoption__demographic__position",
        "demographicoption__demographic",
        "demographicoption__position",
        "pk",
    )
    found: dict[int, list[m.DemographicOption]] = {}
    for row in rows:
        found.setdefault(row.person_id, []).append(row.demographicoption)
    return found


@_rule(m.CaseNote, m.PersonTag)
def _case_note_or_tag(user: m.User) -> Q:
    # Not even coordinators read an organisation's own case notes.
    return Q(organisation__in=own_keys(user))
