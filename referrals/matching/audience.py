"""Who a service is for, in words."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _

from referrals.matching.wording import group_name, groups_in_words, years_in_words
from referrals.models import DemographicOption, Restriction, Service
from referrals.words import join_in_words

ARCHIVED = gettext_lazy("the service is archived")
PAUSED = gettext_lazy("the service is paused")
NO_CAPACITY = gettext_lazy("its capacity is 0")


def suggested_people_in_words(
    groups: Sequence[Sequence[str]] = (),
    *,
    age_from: int | None = None,
    age_to: int | None = None,
    has_catchment: bool,
    area_name: str,
    obstacles: Sequence[str] = (),
) -> str:
    """Return a sentence such as "Women aged 60 or over who live in Northside."

    `groups` has the groups of each demographic ("women", "non-binary people"): people have to be in one of each.
    `obstacles` say why no one at all is suggested at the moment.
    """
    place = "the area drawn on the map" if has_catchment else area_name
    whom = _describe_people(groups, age_from, age_to, place)
    if not obstacles:
        return f"{capfirst(whom)}."
    return f"Nobody at the moment: {join_in_words(obstacles)}. Otherwise {whom}."


def describe_suggested_people(service: Service) -> str:
    """Expects `network__area` and `restrictions__option__demographic` to be loaded."""
    restrictions = service.restrictions.all()
    ages = Restriction.ages_among(restrictions) or Restriction()
    return suggested_people_in_words(
        groups_by_demographic(restrictions),
        age_from=ages.age_from,
        age_to=ages.age_to,
        has_catchment=service.catchment is not None,
        area_name=service.network.area.name,
        obstacles=find_obstacles(service),
    )


def describe_audience(service: Service, *, in_full: bool = False) -> str:
    """Return a phrase such as "Women aged 60 or over"; empty if the service is for everyone.

    `in_full` names every group, for a page where people look for their own; otherwise many groups are counted.
    """
    restrictions = [*service.restrictions.all()]
    ages = Restriction.ages_among(restrictions) or Restriction()
    if not restrictions:
        return ""
    in_words = join_in_words if in_full else groups_in_words
    return capfirst(_describe_group(groups_by_demographic(restrictions), ages.age_from, ages.age_to, in_words))


def find_obstacles(service: Service) -> list[str]:
    """Say why the service is suggested to no one, as far as its own state goes."""
    found = (
        (ARCHIVED, service.archived_at is not None),
        (PAUSED, service.paused_at is not None),
        (NO_CAPACITY, service.capacity == 0),
    )
    return [str(obstacle) for obstacle, applies in found if applies]


def groups_by_demographic(restrictions: Sequence[Restriction]) -> list[list[str]]:
    return [[option_group_name(row.option) for row in rows] for rows in options_by_demographic(restrictions)]


def option_group_name(option: DemographicOption) -> str:
    own = option.translations.get(get_language() or "", {})
    return group_name(own.get("name") or option.name, own.get("plural") or ("" if own.get("name") else option.plural))


def options_by_demographic(restrictions: Sequence[Restriction]) -> Iterator[list[Restriction]]:
    """Yield the restrictions to answers, grouped by demographic, in the order of the form."""
    with_option = [row for row in restrictions if row.option_id is not None]
    with_option.sort(key=_place_in_form)
    for __, rows in groupby(with_option, key=lambda row: row.option.demographic_id):
        yield [*rows]


def _place_in_form(restriction: Restriction) -> tuple[int, ...]:
    option = restriction.option
    return option.demographic.position, option.demographic_id, option.position, option.pk


def _describe_people(groups: Sequence[Sequence[str]], age_from: int | None, age_to: int | None, place: str) -> str:
    if not groups and age_from is None and age_to is None:
        return f"everyone who lives in {place}"
    group = _describe_group(groups, age_from, age_to)
    return f"{group}, who live in {place}" if "," in group or " who " in group else f"{group} who live in {place}"


def _describe_group(
    groups: Sequence[Sequence[str]],
    age_from: int | None,
    age_to: int | None,
    in_words: Callable[[list[str], str], str] = groups_in_words,
) -> str:
    """Return "women aged 60 or over", with commas where the words would run together."""
    first, *others = groups or [[_("people")]]
    named = in_words([*first], "and")
    if others:
        more, *rest = [in_words([*names], "or") for names in others]
        for further in rest:
            more = _("%(groups)s, and also %(more)s") % {"groups": more, "more": further}
        named = _("%(groups)s who are also %(more)s") % {"groups": named, "more": more}
    if age_from is None and age_to is None:
        return named
    apart, together = pgettext("an age", "%(people)s, %(aged)s"), pgettext("an age", "%(people)s %(aged)s")
    words = apart if " " in named else together
    return words % {"people": named, "aged": years_in_words(age_from, age_to)}
