"""What a draft of the questions would do: the answers of the last referrals, asked again."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from django.db.models import Exists, OuterRef, Prefetch
from django.utils import timezone

from referrals import workflow
from referrals.enums import Outcome, ReferralStatus
from referrals.matching import suggest
from referrals.models import Answer, Category, FlowVersion, Need, Network, Referral
from referrals.questions import Evaluation, FlowChart, evaluate
from referrals.questions.content import read_content
from referrals.questions.draft import load_draft
from referrals.questions.versions import with_categories

LATEST = 200
SECONDS_AT_MOST = 5  # somebody waits for it


@dataclass(frozen=True, slots=True)
class FlowEffect:
    """Numbers of referrals: how many were tried, and how many would have others of each."""

    referrals: int
    other_needs: int
    other_urgency: int
    other_first: int


def measure_flow_effect(network: Network, *, at: datetime | None = None) -> FlowEffect:
    """Compare what the version in force and the draft make of the answers of the last referrals.

    Needs that were ticked in the list stay as they are: those that the referral has beyond what its answers called for
    in the version that it was asked in. The ranking is that of the form, as if each were sent now: two statements for
    each referral with other needs, nine for all. If they take too long, only the latest are counted.
    """
    now, began = at or timezone.now(), monotonic()
    charts = _load_charts(network)
    referrals = other_needs = other_urgency = other_first = 0
    for referral in _latest_referrals(network):
        if monotonic() - began > SECONDS_AT_MOST:
            break
        referrals += 1
        chosen = {key for answer in referral.answers_here for key in answer.option_ids}
        asked = next((charts.versions[row.pk] for row in referral.versions_here), charts.in_force)
        ticked = {need.category_id for need in referral.needs_here} - _follow(asked, chosen).needs
        before, after = _follow(charts.in_force, chosen), _follow(charts.draft, chosen)
        needs = [charts.draft.narrow(one.needs, also=ticked) | ticked for one in (before, after)]
        other_urgency += before.is_urgent != after.is_urgent
        if needs[0] == needs[1]:
            continue
        other_needs += 1
        facts = workflow.facts_of(referral.person, now)
        first = [
            [one.organisation_id for one in suggest(network, sorted(keys), facts, at=now, limit=1)] for keys in needs
        ]
        other_first += first[0] != first[1]
    return FlowEffect(referrals, other_needs, other_urgency, other_first)


@dataclass(frozen=True, slots=True)
class _Charts:
    """`versions`: by key. in_force: the newest, empty if there is none."""

    draft: FlowChart
    versions: Mapping[int, FlowChart]
    in_force: FlowChart


def _load_charts(network: Network) -> _Charts:
    categories = list(Category.objects.in_tree_order([network.pk]))
    rows = FlowVersion.objects.filter(network=network).order_by("-number").values_list("pk", "content")
    versions = {key: with_categories(read_content(content, network.pk), categories) for key, content in rows}
    return _Charts(
        draft=with_categories(load_draft(network.pk), categories),
        versions=versions,
        in_force=next(iter(versions.values()), with_categories((), categories)),
    )


def _follow(chart: FlowChart, chosen: Collection[int]) -> Evaluation:
    return evaluate(chart, dict.fromkeys((box.id for box in chart.boxes), chosen))


def _latest_referrals(network: Network) -> list[Referral]:
    """Return the last that need something of the network, with `needs_here`, `answers_here` and `versions_here`."""
    needs = Need.objects.filter(strand__network=network).exclude(strand__outcome=Outcome.SPAM)
    found = Referral.objects.filter(Exists(needs.filter(referral=OuterRef("pk")).order_by()))
    return list(
        found.exclude(status=ReferralStatus.SPAM)
        .select_related("person")
        .prefetch_related(
            "person__options",
            Prefetch("needs", needs, to_attr="needs_here"),
            Prefetch("answers", Answer.objects.filter(network=network), to_attr="answers_here"),
            Prefetch("flow_versions", FlowVersion.objects.filter(network=network).only("pk"), to_attr="versions_here"),
        )
        .order_by("-created_at", "-pk")[:LATEST]
    )
