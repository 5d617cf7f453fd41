"""What each user may see (`visible_to`) and may do (`can_...`). An unknown user or model sees nothing."""

from collections.abc import Callable

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from referrals import models as m
from referrals.enums import AssignmentStatus, MembershipStatus, OrganisationRole, Role

_RULES: dict[type[Model], Callable[[m.User], Q]] = {}


def _rule(*models: type[Model]) -> Callable:
    def register(condition: Callable[[m.User], Q]) -> Callable[[m.User], Q]:
        _RULES.update(dict.fromkeys(models, condition))
        return condition

    return register


def visible_to(user: m.User, rows: QuerySet | type[Model]) -> QuerySet:
    """Return those of `rows` (a queryset, or a model for all of its rows) that `user` may know of.

    Only sub-queries are used, never joins: rows are not doubled, and counts and further filters stay right.
    """
    queryset = rows if isinstance(rows, QuerySet) else rows._default_manager.all()
    if not getattr(user, "is_active", False):
        return queryset.none()
    if user.is_superuser:
        return queryset
    rule = _RULES.get(queryset.model)
    return queryset.filter(rule(user)) if rule else queryset.none()


def coordinated_networks(user: m.User) -> QuerySet:
    """Return the networks that `user` coordinates."""
    return m.Network.objects.filter(
        pk__in=m.NetworkRole.objects.filter(user=user.pk, role=Role.COORDINATOR).values("network")
    )


def own_organisations(user: m.User, *roles: OrganisationRole) -> QuerySet:
    """Return the organisations `user` belongs to, in one of `roles` when any is given."""
    memberships = m.OrganisationMember.objects.filter(user=user.pk)
    if roles:
        memberships = memberships.filter(role__in=roles)
    return m.Organisation.objects.filter(pk__in=memberships.values("organisation"))


def referral_networks(user: m.User) -> QuerySet:
    """Return the networks whose referrals `user` may know of: those coordinated, and those of active memberships.

    Commissioners are not among them: they see figures, never a person.
    """
    joined = m.NetworkMembership.objects.filter(
        status=MembershipStatus.ACTIVE, organisation__in=own_organisations(user).values("pk")
    )
    return m.Network.objects.filter(
        Q(pk__in=coordinated_networks(user).values("pk")) | Q(pk__in=joined.values("network"))
    )


def known_networks(user: m.User) -> QuerySet:
    """Return the networks `user` has any part in, as coordinator, commissioner or through an organisation."""
    return m.Network.objects.filter(
        Q(pk__in=m.NetworkRole.objects.filter(user=user.pk).values("network"))
        | Q(pk__in=referral_networks(user).values("pk"))
    )


def _networks(user: m.User) -> QuerySet:
    return known_networks(user).values("pk")


def _coordinated(user: m.User) -> QuerySet:
    return coordinated_networks(user).values("pk")


def _own(user: m.User) -> QuerySet:
    return own_organisations(user).values("pk")


def _organisations_in(networks: QuerySet) -> QuerySet:
    return m.NetworkMembership.objects.filter(network__in=networks).values("organisation")


@_rule(m.Network)
def _network(user: m.User) -> Q:
    return Q(pk__in=_networks(user))


@_rule(m.Area)
def _area(user: m.User) -> Q:
    return Q(pk__in=known_networks(user).values("area"))


@_rule(m.Postcode)
def _postcode(user: m.User) -> Q:
    return Q()  # public reference data


@_rule(m.Category, m.Demographic, m.Question, m.ConsentWording)
def _of_network(user: m.User) -> Q:
    return Q(network__in=_networks(user))


@_rule(m.DemographicOption)
def _demographic_option(user: m.User) -> Q:
    return Q(demographic__network__in=_networks(user))


@_rule(m.QuestionOption)
def _question_option(user: m.User) -> Q:
    return Q(question__network__in=_networks(user))


@_rule(m.ReferralLink, m.NetworkRole, m.Invitation)
def _of_coordinated_network(user: m.User) -> Q:
    return Q(network__in=_coordinated(user))


@_rule(m.Organisation)
def _organisation(user: m.User) -> Q:
    return Q(pk__in=_own(user)) | Q(pk__in=_organisations_in(_networks(user)))


@_rule(m.NetworkMembership)
def _membership(user: m.User) -> Q:
    return Q(network__in=_networks(user)) | Q(organisation__in=_own(user))


@_rule(m.OrganisationMember)
def _organisation_member(user: m.User) -> Q:
    return Q(organisation__in=_own(user)) | Q(organisation__in=_organisations_in(_coordinated(user)))


@_rule(m.User)
def _user(user: m.User) -> Q:
    colleagues = m.OrganisationMember.objects.filter(_organisation_member(user)).values("user")
    staff = m.NetworkRole.objects.filter(network__in=_coordinated(user)).values("user")
    return Q(pk=user.pk) | Q(pk__in=colleagues) | Q(pk__in=staff)


@_rule(m.Service)
def _service(user: m.User) -> Q:
    return Q(network__in=_networks(user)) | Q(organisation__in=_own(user))


@_rule(m.OpeningHours, m.Restriction)
def _of_service(user: m.User) -> Q:
    return Q(service__in=m.Service.objects.filter(_service(user)).values("pk"))


@_rule(m.Activity)
def _activity(user: m.User) -> Q:
    return Q(organisation__in=_own(user)) | Q(organisation__in=_organisations_in(_networks(user)))


@_rule(m.Venue)
def _venue(user: m.User) -> Q:
    """A confidential venue is known to its own organisation and its coordinators only."""
    return (
        Q(organisation__in=_own(user))
        | Q(organisation__in=_organisations_in(_coordinated(user)))
        | (Q(is_confidential=False) & Q(organisation__in=_organisations_in(_networks(user))))
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
    """Messages hold what their recipients may read: only coordinators see them, each network's its own strands'."""
    coordinated = _coordinated(user)
    return Q(event__strand__network__in=coordinated) | Q(event__strand=None, event__referral__network__in=coordinated)


def _full_details(user: m.User) -> Q:
    """Condition on referrals: the user coordinates a strand's network, or the user's organisation holds the offer
    or the case. A rejected, lapsed or withdrawn offer shuts the details again; a closed case keeps them."""
    coordinated = m.Strand.objects.filter(referral=OuterRef("pk"), network__in=_coordinated(user))
    active = m.NetworkMembership.objects.filter(
        organisation=OuterRef("organisation"), network=OuterRef("strand__network"), status=MembershipStatus.ACTIVE
    )
    held = m.Assignment.objects.filter(
        Exists(active),
        Q(status=AssignmentStatus.OFFERED) | Q(accepted_at__isnull=False),
        strand__referral=OuterRef("pk"),
        organisation__in=_own(user),
    ).exclude(status=AssignmentStatus.WITHDRAWN)
    return Q(Exists(coordinated)) | Q(Exists(held))


def fully_visible_to(user: m.User, referrals: QuerySet | type[Model] = m.Referral) -> QuerySet:
    """Return those of `referrals` whose person, answers and words `user` may read.

    Everybody else who knows of the referral reads reference, name, outcode, needs, status and dates only.
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
    """History is read with the full details; an event of a strand by that strand's network alone."""
    return (Q(strand=None) | Q(strand__network__in=referral_networks(user).values("pk"))) & Q(
        referral__in=m.Referral.objects.filter(_full_details(user)).values("pk")
    )


@_rule(m.Note)
def _note(user: m.User) -> Q:
    """Anyone in the network may add a note, but it is read with the full details, or by whoever wrote it."""
    return (
        Q(referral__in=m.Referral.objects.filter(_full_details(user)).values("pk"))
        | Q(author=user.pk)
        | Q(organisation__in=_own(user))
    ) & Q(referral__in=m.Referral.objects.filter(_referral(user)).values("pk"))


@_rule(m.Answer)
def _answer(user: m.User) -> Q:
    return Q(referral__in=m.Referral.objects.filter(_full_details(user)).values("pk"))


@_rule(m.CaseNote, m.PersonTag)
def _of_own_organisation(user: m.User) -> Q:
    """Not even a coordinator reads an organisation's own notes."""
    return Q(organisation__in=_own(user))


def _of_kept_organisation(user: m.User) -> Q:
    return Q(organisation__in=_own(user)) | Q(organisation__in=_organisations_in(_coordinated(user)))


# What a user may change. Models without a rule are changed by nobody but a superuser, or by the workflow alone.

_CHANGE_RULES: dict[type[Model], Callable[[m.User], Q]] = {
    m.Network: lambda user: Q(pk__in=_coordinated(user)),
    m.Category: lambda user: Q(network__in=_coordinated(user)),
    m.ConsentWording: lambda user: Q(network__in=_coordinated(user)),
    m.Demographic: lambda user: Q(network__in=_coordinated(user)),
    m.DemographicOption: lambda user: Q(demographic__network__in=_coordinated(user)),
    m.Question: lambda user: Q(network__in=_coordinated(user)),
    m.QuestionOption: lambda user: Q(question__network__in=_coordinated(user)),
    m.ReferralLink: lambda user: Q(network__in=_coordinated(user)),
    m.NetworkRole: lambda user: Q(network__in=_coordinated(user)),
    m.NetworkMembership: lambda user: Q(network__in=_coordinated(user)),
    m.Organisation: lambda user: (
        Q(pk__in=own_organisations(user, OrganisationRole.OWNER).values("pk"))
        | Q(pk__in=_organisations_in(_coordinated(user)))
    ),
    m.OrganisationMember: lambda user: (
        Q(organisation__in=own_organisations(user, OrganisationRole.OWNER).values("pk"))
        | Q(organisation__in=_organisations_in(_coordinated(user)))
    ),
    m.Activity: _of_kept_organisation,
    m.Venue: _of_kept_organisation,
    m.Service: lambda user: Q(network__in=_coordinated(user)) | Q(organisation__in=_own(user)),
    m.OpeningHours: lambda user: Q(service__in=_kept_services(user)),
    m.Restriction: lambda user: Q(service__in=_kept_services(user)),
    m.CaseNote: lambda user: Q(organisation__in=_own(user), author=user.pk),
    m.PersonTag: _of_own_organisation,
}


def _kept_services(user: m.User) -> QuerySet:
    return m.Service.objects.filter(_CHANGE_RULES[m.Service](user)).values("pk")


def changeable_by(user: m.User, rows: QuerySet | type[Model]) -> QuerySet:
    """Return those of `rows` that `user` may change by hand. Statuses are never among what can be changed so."""
    queryset = visible_to(user, rows)
    if getattr(user, "is_superuser", False) and user.is_active:
        return queryset
    rule = _CHANGE_RULES.get(queryset.model)
    return queryset.filter(rule(user)) if rule else queryset.none()


def may_add(user: m.User, model: type[Model]) -> bool:
    """Whether `user` may make a new row of `model` for somebody at least; the row itself is checked when saved."""
    if not getattr(user, "is_active", False):
        return False
    if user.is_superuser:
        return True
    if model not in _CHANGE_RULES or model is m.Network:
        return False
    if model in _KEPT_BY_ORGANISATIONS and own_organisations(user).exists():
        return True
    return coordinated_networks(user).exists() and model not in (m.CaseNote, m.PersonTag)


_KEPT_BY_ORGANISATIONS = frozenset(
    {m.Activity, m.Venue, m.Service, m.OpeningHours, m.Restriction, m.CaseNote, m.PersonTag, m.OrganisationMember}
)


def can_coordinate(user: m.User, network_id: int) -> bool:
    return bool(user.is_active) and (user.is_superuser or coordinated_networks(user).filter(pk=network_id).exists())


def can_answer(user: m.User, assignment: m.Assignment) -> bool:
    """Whether `user` may accept, reject, split, refer on or close for the organisation: its active members, and the
    coordinators of the strand's network in its stead."""
    if not user.is_active:
        return False
    belongs = m.NetworkMembership.objects.filter(
        status=MembershipStatus.ACTIVE,
        network=assignment.strand.network_id,
        organisation=assignment.organisation_id,
        organisation__in=_own(user),
    ).exists()
    return belongs or can_coordinate(user, assignment.strand.network_id)


def can_note(user: m.User, referral: m.Referral) -> bool:
    return visible_to(user, m.Referral).filter(pk=referral.pk).exists()
