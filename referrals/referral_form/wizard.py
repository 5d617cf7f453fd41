"""One form on its way: the network's lists, and what the steps so far have given."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from referrals import matching
from referrals.models import Category, Demographic, Network, ReferralLink
from referrals.models.people import age_between
from referrals.questions import FlowChart, load_flow_chart
from referrals.referral_form.entry import FormEntry
from referrals.referral_form.fields import StepForm
from referrals.referral_form.forms import PersonStepForm, Source, SourceForm
from referrals.referral_form.needs_form import NeedsForm
from referrals.referral_form.postcode_place import PostcodePlace
from referrals.referral_form.preferred_service import PreferredService, find_preferred
from referrals.referral_form.signed_state import State
from referrals.referral_form.steps import STEPS, Step, step_called
from referrals.referral_form.words import listed, short_name
from referrals.workflow import PersonDetails, Submission

Form = TypeVar("Form", bound=StepForm)


class StepInvalid(Exception):  # noqa: N818 - it sends the referrer back, it is not a fault
    """A step that was passed before holds no more, since the network has changed its lists."""

    def __init__(self, step: Step, form: StepForm) -> None:
        super().__init__(step.key)
        self.step = step
        self.form = form


@dataclass(frozen=True, slots=True)
class Offer:
    """A suggestion on the page, with its place among those kept; no place once it is removed."""

    suggestion: matching.Suggestion
    place: int | None


@dataclass(frozen=True, slots=True)
class Shortlist:
    network: Network
    offers: Sequence[Offer]
    unmet: Sequence[Category]

    @property
    def kept(self) -> list[matching.Suggestion]:
        return [offer.suggestion for offer in self.offers if offer.place]

    @property
    def unmet_names(self) -> str:
        return listed([category.name for category in self.unmet])


class Wizard:
    """Everything is read when it is first needed, and once: each step costs only what it shows."""

    def __init__(self, entry: FormEntry, state: State) -> None:
        self.entry = entry
        self.state = state
        self._finished: dict[type[StepForm], StepForm] = {}

    @property
    def network(self) -> Network:
        return self.entry.network

    @property
    def link(self) -> ReferralLink | None:
        return self.entry.link

    @property
    def step(self) -> Step:
        return step_called(self.state.step)

    def go_to(self, step: Step) -> None:
        self.state.step = step.key

    def keep(self, data: MultiValueDict) -> None:
        """Keep what was sent for the current step, as it was sent; its form takes what it knows."""
        self.state.typed[self.step.key] = {
            name: values for name, values in data.lists() if name not in {"state", "action"}
        }

    def form_sent(self) -> StepForm:
        """Return the current step's form with what was sent, to be checked."""
        return self._bound(self.step)

    def form(self) -> StepForm:
        """Return the current step's form with what was typed there before, without complaint."""
        return self.step.form(self, typed=self.state.typed.get(self.step.key))

    def _bound(self, step: Step) -> StepForm:
        return step.form(self, data=MultiValueDict(self.state.typed.get(step.key, {})))

    def check_earlier_steps(self) -> None:
        """Raise StepInvalid for the first of the steps before this one that is valid no more."""
        for step in STEPS[: self.step.number - 1]:
            self.finished(step.form)

    def accept(self, form: StepForm) -> None:
        """Take note that a form is valid, so that it need not be checked again."""
        self._finished[type(form)] = form

    def finished(self, kind: type[Form]) -> Form:
        """Return the valid form of an earlier step. Raises StepInvalid when it is valid no more."""
        if kind not in self._finished:
            step = next(step for step in STEPS if step.form is kind)
            form = self._bound(step)
            if not form.is_valid() or form.asks_more:
                raise StepInvalid(step, form)
            self._finished[kind] = form
        return self._finished[kind]

    @cached_property
    def preferred(self) -> PreferredService | None:
        return find_preferred(self.network, self.state.preferred)

    # What the network asks

    @cached_property
    def demographics(self) -> QuerySet[Demographic]:
        return self.network.demographics.prefetch_related("options")

    @cached_property
    def offered_networks(self) -> list[Network]:
        """The form's own network, then those it may refer into as well."""
        return [self.network, *self.network.linked_networks.all()]

    @cached_property
    def chart(self) -> FlowChart:
        return load_flow_chart([network.pk for network in self.chosen_networks])

    @cached_property
    def categories(self) -> list[Category]:
        chosen = [network.pk for network in self.chosen_networks]
        categories = Category.objects.filter(network__in=chosen).order_by("position", "name", "pk")
        return sorted(categories, key=lambda category: chosen.index(category.network_id))

    # What the steps have given

    @cached_property
    def person(self) -> PersonDetails:
        return self.finished(PersonStepForm).details()

    @property
    def place(self) -> PostcodePlace:
        return self.finished(PersonStepForm).place

    @cached_property
    def source(self) -> Source:
        return self.finished(SourceForm).source()

    @property
    def chosen_networks(self) -> list[Network]:
        return [network for network in self.offered_networks if network.pk in self.source.network_ids]

    @property
    def asked_for(self) -> NeedsForm:
        return self.finished(NeedsForm)

    @property
    def first_name(self) -> str:
        return short_name(self.person.name)

    @property
    def who(self) -> str:
        return "you" if self.source.is_self else self.first_name

    @property
    def needs(self) -> list[Category]:
        return [category for category in self.categories if category.pk in self.asked_for.need_ids]

    @property
    def facts(self) -> matching.PersonFacts:
        person = self.person
        age = age_between(person.date_of_birth, timezone.localdate()) if person.date_of_birth else person.age
        return matching.PersonFacts(
            point=self.place.point, place=self.place.sector, age=age, option_ids=person.option_ids
        )

    @cached_property
    def shortlists(self) -> list[Shortlist]:
        """What the ranking suggests now, network by network. Remembers it as shown."""
        facts = self.facts
        lists = []
        self.state.shown = {}
        for network in self.chosen_networks:
            needs = [category for category in self.needs if category.network_id == network.pk]
            suggestions = self._suggest(network, [category.pk for category in needs], facts)
            self.state.shown[network.pk] = [suggestion.service_id for suggestion in suggestions]
            lists.append(_shortlist(network, suggestions, self.state.removed, needs))
        return lists

    def _suggest(
        self, network: Network, need_ids: Sequence[int], facts: matching.PersonFacts
    ) -> list[matching.Suggestion]:
        """Return who suits, best first, but the preferred service before all of them, if it suits at all.

        It may be missing from the ranking: another service of its organisation suits better, or many do.
        """
        ranked = matching.suggest(network, need_ids, facts)
        if self.preferred is None or network != self.network:
            return ranked
        key = self.preferred.pk
        first = [suggestion for suggestion in ranked if suggestion.service_id == key]
        first = first or matching.suggest(network, need_ids, facts, limit=1, service_ids=[key])
        asked = {suggestion.organisation_id for suggestion in first}
        others = [suggestion for suggestion in ranked if suggestion.organisation_id not in asked]
        return [*first, *others][: network.suggestion_count]

    def wording_stands(self) -> bool:
        """Whether the wording that was on the page is still there to be kept with the referral."""
        return self.network.consent_wordings.filter(pk=self.state.wording_id).exists()

    def submission(self) -> Submission:
        """Return what is to be stored. Only with consent."""
        source, asked_for = self.source, self.asked_for
        return Submission(
            key=self.state.key,
            network_id=self.network.pk,
            person=self.person,
            choices={network.pk: self.state.choices.get(network.pk, []) for network in self.chosen_networks},
            need_ids=asked_for.need_ids,
            consent_wording_id=self.state.wording_id,
            answers=asked_for.answers(),
            details=asked_for.cleaned_data["details"],
            adults=source.adults,
            children=source.children,
            is_urgent=asked_for.evaluation.is_urgent,
            source_name=source.name,
            source_organisation=source.organisation,
            source_email=source.email,
            source_phone=source.phone,
            referral_link_id=self.link.pk if self.link else None,
        )


def _shortlist(
    network: Network, suggestions: Sequence[matching.Suggestion], removed: set[int], needs: Sequence[Category]
) -> Shortlist:
    offers, place = [], 0
    met: set[int] = set()
    for suggestion in suggestions:
        is_kept = suggestion.service_id not in removed
        place += is_kept
        if is_kept:
            met.update(suggestion.needs_met)
        offers.append(Offer(suggestion, place if is_kept else None))
    return Shortlist(network, offers, [category for category in needs if category.pk not in met])
