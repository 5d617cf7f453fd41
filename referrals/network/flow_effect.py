"""What a draft of the questions would do: the answers of the last referrals, asked again."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import islice, takewhile
from time import monotonic

from django.db import transaction
from django.db.models import Exists, OuterRef, Prefetch
from django.utils import timezone

from referrals import workflow
from referrals.enums import Outcome, ReferralStatus
from referrals.matching import PersonFacts, first_of_each
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
    in the version that it was asked in. The ranking is that of the form, as if each were sent now. Ten statements,
    however many referrals there are. If they take too long, only the latest are counted.
    """
    now, deadline = at or timezone.now(), monotonic() + SECONDS_AT_MOST
    tried = []
    for one in _follow_all(network, now):
        if monotonic() > deadline:
            break
        tried.append(one)
    firsts = _find_firsts(network, [pair for one in tried for pair in one.to_rank], now, deadline)
    referrals = other_needs = other_urgency = other_first = 0
    for one in tried:
        first = list(islice(firsts, len(one.to_rank)))
        if len(first) < len(one.to_rank):
            break
        referrals += 1
        other_urgency += one.other_urgency
        other_needs += bool(one.to_rank)
        other_first += len(set(first)) > 1
    return FlowEffect(referrals, other_needs, other_urgency, other_first)


@dataclass(frozen=True, slots=True)
class _Followed:
    """What the two charts make of a referral. `to_rank`: where they differ, its needs by either, with the person."""

    other_urgency: bool
    to_rank: Sequence[tuple[Collection[int], PersonFacts]]


def _follow_all(network: Network, now: datetime) -> Iterator[_Followed]:
    charts = _load_charts(network)
    for referral in _latest_referrals(network):
        chosen = {key for answer in referral.answers_here for key in answer.option_ids}
        asked = next((charts.versions[row.pk] for row in referral.versions_here), charts.in_force)
        ticked = {need.category_id for need in referral.needs_here} - _follow(asked, chosen).needs
        before, after = _follow(charts.in_force, chosen), _follow(charts.draft, chosen)
        needs = [charts.draft.narrow(one.needs, also=ticked) | ticked for one in (before, after)]
        facts = workflow.facts_of(referral.person, now)
        to_rank = [(keys, facts) for keys in needs] if needs[0] != needs[1] else []
        yield _Followed(before.is_urgent != after.is_urgent, to_rank)


def _find_firsts(
    network: Network, asked: Sequence[tuple[Collection[int], PersonFacts]], now: datetime, deadline: float
) -> Iterator[int | None]:
    """Return the organisation suggested first for each, as far as the time allows."""
    if not asked:
        return iter(())
    with transaction.atomic(savepoint=False), closing(first_of_each(network, asked, at=now)) as found:
        return iter(list(takewhile(lambda _: monotonic() < deadline, found)))


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
