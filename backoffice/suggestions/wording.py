from collections.abc import Iterator, Mapping

from referrals.enums import Importance
from referrals.models import Network
from referrals.network.weights_effect import WeightsEffect
from referrals.words import join_in_words

FEW = 30


def weight_in_words(weight: int) -> str:
    return Importance(weight).label if weight in Importance.values else f"Your own: {weight}"


def describe_changes(before: Mapping[str, int], after: Mapping[str, int]) -> str:
    """Return "distance has become “A lot” (it was “Some”)", and the like for each that is different."""
    return join_in_words(
        [
            f"{Network._meta.get_field(name).verbose_name} has become “{weight_in_words(weight)}” "
            f"(it was “{weight_in_words(before[name])}”)"
            for name, weight in after.items()
            if weight != before[name]
        ]
    )


def describe_effect(effect: WeightsEffect) -> Iterator[str]:
    """Yield sentences: first what would change, then what was tried."""
    if not effect.referrals:
        yield "Nobody has been referred here yet, so there is nothing to try this on."
        return
    number = effect.referrals
    words = f"Of the {f'last {number} referrals' if number > 1 else 'only referral tried'}"
    words += f", {effect.other_first or 'none'} would have another organisation suggested first"
    if effect.other_first:
        words += f"; for {effect.other_three or 'none'} of these, there would also be a new one among the first three"
    yield f"{words}."
    if effect.without_suggestion:
        yield f"For {effect.without_suggestion}, no organisation suits, whatever counts."
    if effect.referrals - effect.without_suggestion < FEW:
        yield "So few referrals say little about those to come."
    yield (
        "This was tried as if everybody were referred just now, with the services, free places and opening hours of "
        "today, and compared with what is saved."
    )
