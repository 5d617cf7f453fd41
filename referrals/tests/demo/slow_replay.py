"""What other questions would make of referrals, worked out from the rows, one by one: slowly, and by other code."""

from collections.abc import Mapping

from referrals.enums import Outcome, ReferralStatus
from referrals.matching import suggest
from referrals.models import Category, Network, Question, Referral
from referrals.network.flow_effect import FlowEffect
from referrals.workflow import facts_of

Options = Mapping[int, tuple[int, set[int], set[int], bool]]


def read_options(network: Network) -> Options:
    """Return by key of an answer its question, what it reveals and adds, and whether it is urgent."""
    return {
        option.pk: (
            question.pk,
            set(option.reveals.values_list("pk", flat=True)),
            set(option.needs.values_list("pk", flat=True)),
            option.is_urgent,
        )
        for question in Question.objects.filter(network=network)
        for option in question.options.all()
    }


def replay_slowly(network: Network, before: Options, after: Options, *, at) -> FlowEffect:
    """`before` is what every referral was asked in."""
    above = {one.pk: _list_above(one) for one in Category.objects.filter(network=network)}
    tried = needs = urgency = first = 0
    for referral in Referral.objects.exclude(status=ReferralStatus.SPAM).order_by("-created_at", "-pk"):
        mine = referral.needs.filter(strand__network=network).exclude(strand__outcome=Outcome.SPAM)
        if not mine or tried == 200:
            continue
        tried += 1
        chosen = {key for answer in referral.answers.filter(network=network) for key in answer.option_ids}
        old, new = _follow(before, chosen, above), _follow(after, chosen, above)
        ticked = {need.category_id for need in mine} - _leave_out_wider(old[0], above)
        wanted = [sorted(_leave_out_wider(found | ticked, above) | ticked) for found, _ in (old, new)]
        asked = [
            [one.organisation_id for one in suggest(network, keys, facts_of(referral.person, at), at=at, limit=1)]
            for keys in wanted
        ]
        needs += wanted[0] != wanted[1]
        urgency += old[1] != new[1]
        first += asked[0] != asked[1]
    return FlowEffect(tried, needs, urgency, first)


def _list_above(category: Category) -> set[int]:
    return {category.parent_id} | _list_above(category.parent) if category.parent else set()


def _leave_out_wider(needs: set[int], above: Mapping[int, set[int]]) -> set[int]:
    return {need for need in needs if not any(need in above[other] for other in needs)}


def _follow(options: Options, chosen: set[int], above: Mapping[int, set[int]]) -> tuple[set[int], bool]:
    """Return the needs and whether it is urgent. An answer with a wide need waits for what its follow-ups add."""
    revealed = {target for _, reveals, _, _ in options.values() for target in reveals}
    asked = {question for question, *_ in options.values()} - revealed
    for _ in options:  # one more question deep each time
        asked |= {target for key in chosen & options.keys() if options[key][0] in asked for target in options[key][1]}
    picked = [options[key] for key in chosen & options.keys() if options[key][0] in asked]
    wide = set().union(*above.values())

    def adds_later(option) -> bool:
        later = [one for one in picked if one[0] in option[1]]
        return any(one[2] or adds_later(one) for one in later)

    needs = set()
    for option in picked:
        needs |= option[2] - wide if adds_later(option) else option[2]
    return needs, any(is_urgent for *_, is_urgent in picked)
