"""Settings: what a coordinator decides for a network, in words, each with a link."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from backoffice.home.navigation import list_url
from backoffice.home.network_steps import list_steps
from backoffice.responses import render_page
from backoffice.user_context import get_user_context
from referrals.enums import Role
from referrals.models import (
    Category,
    ConsentWording,
    Demographic,
    FlowVersion,
    Network,
    NetworkRole,
    Question,
    ReferralLink,
    Service,
)
from referrals.models.networks import DEFAULT_WEIGHTS

MAX_NETWORKS = 20


@dataclass(frozen=True, slots=True)
class Setting:
    title: str
    about: str
    now: str  # how it is set
    url: str


def settings_page(request: HttpRequest) -> HttpResponse:
    user_context = get_user_context(request)
    if not user_context.is_coordinator:
        raise PermissionDenied
    networks = Network.objects.all()
    if user_context.is_operator and user_context.workplace:  # where they may change everything, whatever their role
        networks = networks.filter(pk__in=[network.pk for network in user_context.networks])
    elif not user_context.is_operator:
        networks = networks.filter(pk__in=user_context.coordinated_ids)
    found = list(_with_counts(networks.select_related("area").order_by("name"))[: MAX_NETWORKS + 1])
    return render_page(
        request,
        "backoffice/settings.html",
        title="Settings",
        networks=[(network, list_steps(network), list(_settings_of(network))) for network in found[:MAX_NETWORKS]],
        all_networks=list_url(Network) if len(found) > MAX_NETWORKS else "",
    )


def _with_counts(networks: QuerySet) -> QuerySet:
    links = ReferralLink.objects.filter(revoked_at=None)
    in_use = ConsentWording.objects.filter(network=OuterRef("pk")).order_by("-version")
    return networks.annotate(
        categories_count=_count(Category.objects.all()),
        questions_count=_count(Question.objects.all()),
        demographics_count=_count(Demographic.objects.offered()),
        links_count=_count(links),
        flow_versions_count=_count(FlowVersion.objects.all()),
        services_count=_count(Service.objects.taking_people().by_active_members()),
        coordinators_count=_count(NetworkRole.objects.filter(role=Role.COORDINATOR)),
        wording_version=Subquery(in_use.values("version")[:1]),
        wording_since=Subquery(in_use.values("created_at")[:1]),
    )


def _count(rows: QuerySet) -> Subquery:
    counted = rows.filter(network=OuterRef("pk")).order_by().values("network")
    return Subquery(counted.annotate(number=Count("pk")).values("number"))


def _settings_of(network: Network) -> Iterator[Setting]:
    yield from _rules_of(network)
    yield from _lists_of(network)


def _rules_of(network: Network) -> Iterator[Setting]:
    yield Setting(
        "The network",
        "Its name and contact, area, form, safety, linked networks, and when organisations are reminded.",
        f"{network.area}. {_describe_reminders(network)}",
        reverse("backoffice:settings_network", args=[network.pk]),
    )
    yield Setting(
        "Who is suggested",
        "What counts when organisations are ranked for a person, with what it would change.",
        "As it was to begin with" if network.weights == DEFAULT_WEIGHTS else "Chosen by you",
        reverse("backoffice:suggestion_weights", args=[network.pk]),
    )
    yield Setting(
        "How full services are",
        "Whether organisations see how full each other's services are, and how the others answer referrals.",
        "Shared with all organisations" if network.shares_load else "Not shared: each sees its own",
        f"{reverse('backoffice:settings_network', args=[network.pk])}#services",
    )


def _lists_of(network: Network) -> Iterator[Setting]:
    def listed(model: type) -> str:
        return f"{list_url(model)}?network__id__exact={network.pk}"

    def number(count: int | None, noun: str, nouns: str) -> str:
        return f"{count or 'No'} {nouns if count != 1 else noun}"

    yield Setting(
        "Categories",
        "What people need and services offer, on the form and in the directory.",
        number(network.categories_count, "category", "categories"),
        listed(Category),
    )
    yield Setting(
        "Questions",
        "What the referral form asks, and what follows from each answer.",
        number(network.questions_count, "question", "questions"),
        reverse("backoffice:questions", args=[network.pk]),
    )
    yield Setting(
        "Demographics",
        "What you ask about people, and whom services are for.",
        number(network.demographics_count, "demographic", "demographics"),
        reverse("backoffice:settings_demographics", args=[network.pk]),
    )
    yield Setting(
        "Consent wordings",
        "What somebody agrees to before anything about them is sent.",
        _describe_wording(network),
        reverse("backoffice:settings_consent", args=[network.pk]),
    )
    yield Setting(
        "Referral links",
        "A named link to the form for each partner, which you can revoke.",
        f"{number(network.links_count, 'link', 'links')} in use",
        listed(ReferralLink),
    )
    yield Setting(
        "Team",
        "Who coordinates, and who sees the figures.",
        number(network.coordinators_count, "coordinator", "coordinators"),
        reverse("backoffice:team", args=["network", network.pk]),
    )


def _describe_reminders(network: Network) -> str:
    days, _ = network.answer_days(urgent=False)
    if not days:
        return "Nobody is reminded"
    return f"A reminder after {days} day{pluralize(days)} without an answer"


def _describe_wording(network: Network) -> str:
    if not network.wording_version:
        return "None yet: nothing can be sent"
    since = timezone.localtime(network.wording_since)
    return f"Version {network.wording_version}, since {date_format(since, 'j F Y')}"
