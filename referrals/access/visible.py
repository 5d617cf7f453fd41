"""Which rows each user may see. An unknown user, or a model without a rule, gets nothing."""

from collections.abc import Collection

from django.db.models import Exists, ManyToManyField, Model, OuterRef, Q, QuerySet

from referrals import models as m
from referrals.access.reach import Reach, organisations_in, reach_of
from referrals.access.rules import AccessRules
from referrals.enums import AssignmentStatus, MembershipStatus
from referrals.models.referrals import can_still_be_accepted
from referrals.notification_kinds import TO_MEMBERS

_RULES = AccessRules()
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
def _network(reach: Reach) -> Q:
    return Q(pk__in=reach.known)


@_rule(m.Area)
def _area(reach: Reach) -> Q:
    # An area without a network, such as a ward, is public reference data. Any other would reveal its network.
    own = m.Network.objects.filter(pk__in=reach.known).values("area")
    return Q(pk__in=own) | ~Q(Exists(m.Network.objects.filter(area=OuterRef("pk"))))


@_rule(m.Postcode, m.PostcodeDistrict)
def _postcode(reach: Reach) -> Q:
    return Q()  # public reference data


@_rule(m.Category, m.Demographic, m.Question, m.ConsentWording)
def _in_known_network(reach: Reach) -> Q:
    return Q(network__in=reach.known)


@_rule(m.DemographicOption)
def _demographic_option(reach: Reach) -> Q:
    return Q(demographic__network__in=reach.known)


@_rule(m.QuestionOption)
def _question_option(reach: Reach) -> Q:
    return Q(question__network__in=reach.known)


@_rule(m.QuestionOption.reveals.through, m.QuestionOption.needs.through)
def _question_options_link(reach: Reach) -> Q:
    return Q(questionoption__question__network__in=reach.known)


@_rule(m.Network.linked_networks.through)
def _linked_network(reach: Reach) -> Q:
    return Q(from_network__in=reach.known)


@_rule(m.FlowExample, m.FlowVersion, m.ReferralLink, m.NetworkRole, m.AccessRecord)
def _in_coordinated_network(reach: Reach) -> Q:
    return Q(network__in=reach.coordinated)


@_rule(m.Invitation)
def _invitation(reach: Reach) -> Q:
    return (
        Q(network__in=reach.coordinated)
        | Q(organisation__in=reach.owned)
        | (Q(network=None) & Q(organisation__in=organisations_in(reach.coordinated)))
    )


@_rule(m.AccountEvent)
def _account_event(reach: Reach) -> Q:
    # What an organisation did in one network is not for its other networks.
    return (
        Q(user=reach.user_id)
        | Q(network__in=reach.coordinated)
        | Q(organisation__in=reach.owned)
        | (Q(network=None) & Q(organisation__in=organisations_in(reach.coordinated)))
    )


@_rule(m.Organisation)
def _organisation(reach: Reach) -> Q:
    # Coordinators also see organisations that have left: old referrals name them.
    return (
        Q(pk__in=reach.own)
        | Q(pk__in=organisations_in(reach.coordinated, m.NetworkMembership.objects.all()))
        | Q(pk__in=organisations_in(reach.known, m.NetworkMembership.objects.active()))
    )


@_rule(m.NetworkMembership)
def _membership(reach: Reach) -> Q:
    return (
        Q(organisation__in=reach.own)
        | Q(network__in=reach.coordinated)
        | Q(network__in=reach.known, status=MembershipStatus.ACTIVE)
    )


@_rule(m.OrganisationMember)
def _organisation_member(reach: Reach) -> Q:
    return Q(organisation__in=reach.own) | Q(organisation__in=organisations_in(reach.coordinated))


@_rule(m.User)
def _user(reach: Reach) -> Q:
    colleagues = m.OrganisationMember.objects.filter(_organisation_member(reach)).values("user")
    staff = m.NetworkRole.objects.filter(network__in=reach.coordinated).values("user")
    return Q(pk=reach.user_id) | Q(pk__in=colleagues) | Q(pk__in=staff)


@_rule(m.Service)
def _service(reach: Reach) -> Q:
    active = m.NetworkMembership.objects.active().of_outer_row()
    return (
        Q(organisation__in=reach.own)
        | Q(network__in=reach.coordinated)
        | (Q(network__in=reach.known) & Q(Exists(active)))
    )


def knows_load(user: m.User) -> Q:
    """Return the condition on services that `user` may know how full they are, if they see them at all.

    Those of another organisation's only where the network shares that with its organisations.
    """
    if user.is_superuser:
        return Q()
    reach = reach_of(user)
    return Q(organisation__in=reach.own) | Q(network__in=reach.overseen) | Q(network__shares_load=True)


@_rule(m.OpeningHours, m.OpeningException, m.Restriction, m.Service.categories.through)
def _service_rows(reach: Reach) -> Q:
    return Q(service__in=m.Service.objects.filter(_service(reach)).values("pk"))


@_rule(m.Activity, m.Picture)
def _in_known_organisation(reach: Reach) -> Q:
    return reach.known_organisations


@_rule(m.Venue)
def _venue(reach: Reach) -> Q:
    used = m.Service.objects.filter(venue=OuterRef("pk"), network__in=reach.coordinated)
    return (
        Q(organisation__in=reach.own)
        | Q(organisation__in=reach.wholly_coordinated)
        | Q(Exists(used))
        | (Q(is_confidential=False) & reach.known_organisations)
    )


@_rule(m.Referral)
def _referral(reach: Reach) -> Q:
    return Q(Exists(m.Strand.objects.filter(referral=OuterRef("pk"), network__in=reach.referral_networks)))


@_rule(m.Strand)
def _strand(reach: Reach) -> Q:
    return Q(network__in=reach.referral_networks)


@_rule(m.Assignment, m.Need)
def _assignment_or_need(reach: Reach) -> Q:
    return Q(strand__network__in=reach.referral_networks)


@_rule(m.Notification)
def _notification(reach: Reach) -> Q:
    # A message may quote all that its recipient may read, so only the network's coordinators see it. One to the person
    # tells of every network that is asked.
    coordinated = reach.coordinated
    elsewhere = m.Strand.objects.filter(referral=OuterRef("event__referral")).exclude(network__in=coordinated)
    return (
        Q(event__strand__network__in=coordinated)
        | Q(
            event__strand=None,
            event__referral__network__in=coordinated,
            event__referral__in=m.Strand.objects.filter(network__in=coordinated).values("referral"),
        )
        & (Q(kind__in=TO_MEMBERS) | ~Exists(elsewhere))
        | Q(account_event__network__in=coordinated)
        | Q(message__network__in=coordinated)
        | Q(digest__network__in=coordinated)
    )


@_rule(m.Digest)
def _digest(reach: Reach) -> Q:
    return Q(organisation__in=reach.own) | Q(network__in=reach.coordinated)


@_rule(m.PublicMessage)
def _public_message(reach: Reach) -> Q:
    return Q(network__in=reach.coordinated) | Q(service__organisation__in=reach.own)


def _opens_details(reach: Reach) -> Q:
    """Return the condition on strands that give the user the full referral.

    Coordinators of the strand's network have it, and the organisation with the offer or the case. It ends with a
    rejected or withdrawn offer, and with a lapsed one that can no longer be accepted, but not with a closed case.
    """
    active = m.NetworkMembership.objects.active().of_outer_row(network="strand__network")
    own = m.Assignment.objects.filter(
        Exists(active),
        Q(status=AssignmentStatus.OFFERED) | Q(accepted_at__isnull=False) | can_still_be_accepted(),
        strand=OuterRef("pk"),
        organisation__in=reach.own,
    ).exclude(status=AssignmentStatus.WITHDRAWN)
    return Q(network__in=reach.coordinated) | Q(Exists(own))


def opens_details(user: m.User) -> Q:
    return _opens_details(reach_of(user))


def _full_details(reach: Reach) -> Q:
    return Q(Exists(m.Strand.objects.filter(_opens_details(reach), referral=OuterRef("pk"))))


def opens_in_full(user: m.User) -> Q:
    """Return the condition on referrals whose person, answers and details `user` may read.

    Of the others they see reference, name, outcode, needs, status and dates.
    """
    if not getattr(user, "is_active", False):
        return Q(pk__in=[])
    return Q() if user.is_superuser else _full_details(reach_of(user))


def fully_visible_to(user: m.User, referrals: QuerySet | type[Model] = m.Referral) -> QuerySet:
    queryset = referrals if isinstance(referrals, QuerySet) else referrals._default_manager.all()
    return queryset.filter(opens_in_full(user))


@_rule(m.Person)
def _person(reach: Reach) -> Q:
    return Q(Exists(m.Referral.objects.filter(_full_details(reach), person=OuterRef("pk"))))


@_rule(m.Correction)
def _correction(reach: Reach) -> Q:
    return Q(Exists(m.Referral.objects.filter(_full_details(reach), person=OuterRef("person"))))


@_rule(m.Event)
def _event(reach: Reach) -> Q:
    return (Q(strand=None) | Q(strand__network__in=reach.referral_networks)) & Q(
        referral__in=m.Referral.objects.filter(_full_details(reach)).values("pk")
    )


@_rule(m.Note)
def _note(reach: Reach) -> Q:
    # Anyone in the network may write a note; reading takes full details, having written it, or that it is open to all.
    return (
        Q(referral__in=m.Referral.objects.filter(_full_details(reach)).values("pk"))
        | Q(author=reach.user_id)
        | Q(organisation__in=reach.own)
        | Q(open_to__in=reach.referral_networks)
    ) & Q(referral__in=m.Referral.objects.filter(_referral(reach)).values("pk"))


@_rule(m.Answer, m.Consent)
def _answer_or_consent(reach: Reach) -> Q:
    # It is for those with full details in the network that asked, not in any other network of the referral.
    opened = m.Strand.objects.filter(_opens_details(reach), referral=OuterRef("referral"), network=OuterRef("network"))
    return Q(Exists(opened))


@_rule(m.Referral.flow_versions.through)
def _referrals_flow_version(reach: Reach) -> Q:
    opened = m.Strand.objects.filter(
        _opens_details(reach), referral=OuterRef("referral"), network=OuterRef("flowversion__network")
    )
    return Q(Exists(opened))


@_rule(m.Person.options.through)
def _persons_option(reach: Reach) -> Q:
    opened = m.Strand.objects.filter(
        _opens_details(reach),
        referral__person=OuterRef("person"),
        network=OuterRef("demographicoption__demographic__network"),
    )
    return Q(Exists(opened))


def visible_options(user: m.User, people: Collection[int] | QuerySet) -> dict[int, list[m.DemographicOption]]:
    """Return, by person, the answers to demographics of those networks in which `user` may read full details."""
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
def _case_note_or_tag(reach: Reach) -> Q:
    # Not even coordinators read an organisation's own case notes.
    return Q(organisation__in=reach.own)
