"""Every number that the simulated worlds rest on, with its reason. No public data set follows referrals to their end,
so most are estimates: the benchmark halves and doubles each of them to show which conclusions depend on it.
"""

from dataclasses import dataclass, fields, replace
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Times are in days, distances in kilometres, shares and probabilities from 0 to 1."""

    # Half a year: long against cases (40 days) and answers (a day), and 1,200 to 2,500 referrals.
    days: int = 180
    # A network of a borough or a town: the demonstration's Northside and the public directories of its size have
    # between 40 and 80 services, two in three organisations with a single one.
    services: int = 60
    organisations: int = 40
    # From the middle of a town to its edge.
    area_km: float = 6.0
    # Leaves of the tree of needs that a network of that size works with: food, debt, housing ...
    categories: int = 10
    # How unequal needs are (sigma of the logarithm): the commonest comes three to five times as often as the rarest.
    # Services are spread over needs in the same proportion, but by chance: some needs are short of places, as they are.
    need_spread: float = 0.5
    # One need for three people in five, two for a quarter, three for one in seven.
    second_need: float = 0.4
    third_need: float = 0.35
    # Needs that are named no more closely than by the category above ("Food"): any service beneath it meets them.
    wide_need: float = 0.1
    # Services that are listed under a second category; of those, the same share under a third.
    second_category: float = 0.5

    # Services with an area of their own instead of the network's, and how far it reaches (median).
    drawn_share: float = 0.7
    catchment_km: float = 3.5
    catchment_spread: float = 0.3
    # Refuges and the like, whose distance the ranking may not know.
    confidential_share: float = 0.05
    # Only for women or men, for an age, or for speakers of a language.
    restricted_share: float = 0.3
    # People whose first language is another one than English; four such languages, equally common.
    other_language: float = 0.2
    # Each of gender, language and age is left unanswered this often. Organisations learn it when they ask the person.
    unanswered: float = 0.2

    # Many small services, few big ones: the middle one has 6 places, one in six more than 12.
    capacity: float = 6.0
    capacity_spread: float = 0.7
    # Cases last 40 days on average. Exponential, as most end soon and some last for months.
    stay: float = 40.0

    # Half of the organisations answer within a day in the median; one in six takes more than two days, one in six
    # less than half a day. Around its own median an organisation varies as much again.
    answer: float = 1.0
    answer_spread: float = 0.8
    answer_variation: float = 0.7
    # Offers that are overlooked until the reminder, and how many of these the reminder rescues.
    overlooked: float = 0.1
    rescued: float = 0.5

    # Offers that each organisation has answered before the first day, since the network has open cases then.
    history: int = 20

    # With distance, misfit and fullness, somewhat more than half of those who are asked while they have room accept:
    # of people who contacted a service in a large survey (WashU 2016), 36 % got help, for 34 % there was no room, 25 %
    # were not eligible. The spread (of the logit) gives one organisation in six less than 2 in 3, one in six 9 in 10.
    willingness: float = 0.8
    willingness_spread: float = 0.7
    # The distance at which half as many offers lead to an acceptance: people decline the journey.
    half_distance_km: float = 10.0
    # How much of the willingness is left where somebody speaks another language and the service is not made for it.
    misfit: float = 0.7
    # How much of it the last free place costs: organisations are choosier as they fill, and take nobody when full.
    fullness: float = 0.3
    # An answer after the time for it is a yes this often, compared with one in time.
    late_yes: float = 0.5
    # People wait two weeks; then they stop answering, or have found help elsewhere.
    patience: float = 14.0

    # The network's defaults: a reminder after two days, after two more the next is asked, by the network's setting or
    # by the coordinator who is told then. The late one may still accept while nobody else has.
    reminder: float = 2.0
    lapse: float = 2.0
    suggestions: int = 10
    # When a list is exhausted, the coordinator looks into it after two days, and every two days from then on: and asks
    # whoever has room by then, those too who had said that they have none.
    coordinator: float = 2.0

    def change(self, name: str, factor: float) -> Self:
        """Return these with one parameter multiplied; a probability stays at .95 at most."""
        value = getattr(self, name) * factor
        if name in PROBABILITIES:
            value = min(value, 0.95)
        return replace(self, **{name: max(1, round(value)) if isinstance(getattr(self, name), int) else value})


PROBABILITIES = frozenset(
    (
        *("second_need", "third_need", "wide_need", "second_category", "drawn_share", "confidential_share"),
        *("restricted_share", "other_language", "unanswered", "overlooked", "rescued", "willingness", "misfit"),
        *("fullness", "late_yes"),
    )
)
# Halved and doubled: all but the length of the run and what the network's settings say.
VARIED = tuple(
    field.name for field in fields(Parameters) if field.name not in {"days", "reminder", "lapse", "suggestions"}
)
