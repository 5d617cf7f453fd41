"""Which rows each user may know about. An unknown user, or a model without a rule, gets nothing."""

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

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

    The conditions are sub-queries, never joins, so that no row comes twice and counts and further filters stay right.
    """
    queryset = rows if isinstance(rows, QuerySet) else rows._default_manager.all()
    if not getattr(user, "is_active", False):
        return queryset.none()
    if user.is_superuser:
        return queryset
    condition = _RULES.condition(user, queryset.model)
    return queryset.none() if condition is None else queryset.filter(condition)


@_rule(m.Network)
def _network(user: m.User) -> Q:
    return Q(pk__in=known_keys(user))


@_rule(m.Area)
def _area(user: m.User) -> Q:
    """An area without a network, such as a ward, is public reference data. Others would give a network away."""
    return Q(pk__in=known_networks(user).values("area")) | ~Q(Exists(m.Network.objects.filter(area=OuterRef("pk"))))


@_rule(m.Postcode)
def _postcode(user: m.User) -> Q:
    return Q()  # public reference data


@_rule(m.Category, m.Demographic, m.Question, m.ConsentWording)
def _of_network(user: m.User) -> Q:
    return Q(network__in=known_keys(user))


@_rule(m.DemographicOption)
def _demographic_option(user: m.User) -> Q:
    return Q(demographic__network__in=known_keys(user))


@_rule(m.QuestionOption)
def _question_option(user: m.User) -> Q:
    return Q(question__network__in=known_keys(user))


@_rule(m.ReferralLink, m.NetworkRole, m.AccessRecord)
def _of_coordinated_network(user: m.User) -> Q:
    return Q(network__in=coordinated_keys(user))


@_rule(m.Invitation)
def _invitation(user: m.User) -> Q:
    """Owners and coordinators see invitations of colleagues, as they see the members."""
    return (
        Q(network__in=coordinated_keys(user))
        | Q(organisation__in=owned_keys(user))
        | (Q(network=None) & Q(organisation__in=organisation_keys_in(coordinated_keys(user))))
    )


@_rule(m.AccountEvent)
def _account_event(user: m.User) -> Q:
    """Everybody sees their own account's events. A network's dealings with an organisation stay in that network."""
    return (
        Q(user=user.pk)
        | Q(network__in=coordinated_keys(user))
        | Q(organisation__in=owned_keys(user))
        | (Q(network=None) & Q(organisation__in=organisation_keys_in(coordinated_keys(user))))
    )


@_rule(m.Organisation)
def _organisation(user: m.User) -> Q:
    """Coordinators also see organisations that have left: the history of referrals names them."""
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
    """Another organisation's services show only while it is an active member of their network."""
    active = m.NetworkMembership.objects.active().of_outer_row()
    return (
        Q(organisation__in=own_keys(user))
        | Q(network__in=coordinated_keys(user))
        | (Q(network__in=known_keys(user)) & Q(Exists(active)))
    )


@_rule(m.OpeningHours, m.OpeningException, m.Restriction)
def _of_service(user: m.User) -> Q:
    return Q(service__in=m.Service.objects.filter(_service(user)).values("pk"))


@_rule(m.Activity, m.Picture)
def _of_organisation(user: m.User) -> Q:
    return belongs_to_known_organisation(user)


@_rule(m.Venue)
def _venue(user: m.User) -> Q:
    """A confidential venue shows only to its own organisation and to the coordinators of a network that uses it."""
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
def _of_strand(user: m.User) -> Q:
    return Q(strand__network__in=referral_networks(user).values("pk"))


@_rule(m.Notification)
def _notification(user: m.User) -> Q:
    """Messages contain what their recipients may read, so only the coordinators of the strand's network see them."""
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
    """Corrections show to the service's organisation and the coordinators, questions to the coordinators alone."""
    return Q(network__in=coordinated_keys(user)) | Q(service__organisation__in=own_keys(user))


def opens_details(user: m.User) -> Q:
    """Return the condition that a strand lets the user read its referral in full.

    The user coordinates its network, or their organisation has the offer or the case. After a rejected, lapsed or
    withdrawn offer the details are closed to the organisation again; after a closed case they stay open.
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

    Others who may see the referral see its reference, name, outcode, needs, status and dates only.
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
    """History shows with the full details; a strand's events show in that strand's network alone."""
    return (Q(strand=None) | Q(strand__network__in=referral_networks(user).values("pk"))) & Q(
        referral__in=m.Referral.objects.filter(_full_details(user)).values("pk")
    )


@_rule(m.Note)
def _note(user: m.User) -> Q:
    """Anyone in the network may add a note. Only those with the full details, and its author, can read it."""
    return (
        Q(referral__in=m.Referral.objects.filter(_full_details(user)).values("pk"))
        | Q(author=user.pk)
        | Q(organisation__in=own_keys(user))
    ) & Q(referral__in=m.Referral.objects.filter(_referral(user)).values("pk"))


@_rule(m.Answer)
def _answer(user: m.User) -> Q:
    return Q(referral__in=m.Referral.objects.filter(_full_details(user)).values("pk"))


@_rule(m.CaseNote, m.PersonTag)
def _of_own_organisation(user: m.User) -> Q:
    """Not even a coordinator reads an organisation's own notes."""
    return Q(organisation__in=own_keys(user))
