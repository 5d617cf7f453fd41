"""Which questions have been asked of late."""

from datetime import datetime

from referrals.models import Answer, FlowVersion, Network, Referral
from referrals.questions.chart import FlowChart, evaluate
from referrals.questions.content import read_content

DAYS = 90


def find_asked(network: Network, since: datetime) -> frozenset[int]:
    """Return the keys of the questions that were on the page for some referral sent since then. Three queries.

    Worked out from the answers that were chosen, in the version that was asked; whether a question was answered does
    not matter.
    """
    asked_in = Referral.flow_versions.through.objects.filter(
        flowversion__network=network, referral__created_at__gte=since
    ).values_list("referral", "flowversion")
    chosen: dict[int, set[int]] = {}
    given = Answer.objects.filter(network=network, referral__created_at__gte=since).order_by()
    for referral, options in given.values_list("referral", "option_ids"):
        chosen.setdefault(referral, set()).update(options)
    ways = {(version, frozenset(chosen.get(referral, ()))) for referral, version in asked_in}
    versions = FlowVersion.objects.filter(pk__in={version for version, _ in ways}).values_list("pk", "content")
    charts = {key: FlowChart(read_content(content, network.pk)) for key, content in versions}
    return frozenset(
        shown
        for version, options in ways
        for shown in evaluate(charts[version], dict.fromkeys((box.id for box in charts[version].boxes), options)).shown
    )
