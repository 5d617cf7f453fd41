"""One form being filled in. Only this module knows the steps, their order, and what each needs from the others."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import Any, TypeVar

from django.conf import settings
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from referrals import matching
from referrals.models import Category, ConsentWording, Demographic, Network, ReferralLink, Service
from referrals.models.people import age_between
from referrals.need_words import propose_needs
from referrals.questions import FlowChart
from referrals.referral_form.asked_lists import AskedLists
from referrals.referral_form.entry import FormEntry
from referrals.referral_form.errors import FormUnavailable
from referrals.referral_form.fields import StepForm
from referrals.referral_form.forms import ConsentForm
from referrals.referral_form.languages import offered_languages
from referrals.referral_form.needs_form import NeedsForm
from referrals.referral_form.person_form import PersonForm, Source
from referrals.referral_form.postcode_place import PostcodePlace
from referrals.referral_form.preferred_service import PreferredService, find_preferred
from referrals.referral_form.signed_state import AskedPart, State
from referrals.referral_form.steps import STEPS, Step, find_step
from referrals.referral_form.suggestions import Shortlist, Wishes, make_shortlist
from referrals.referral_form.words import short_name
from referrals.workflow import Part, PersonDetails, Submission

Form = TypeVar("Form", bound=StepForm)


class StepInvalid(Exception):  # noqa: N818 - sends the referrer back, it is not a fault of the program
    """An earlier step is no longer valid because the network has changed its lists."""

    def __init__(self, step: Step, form: StepForm) -> None:
        super().__init__(step.key)
        self.step = step
        self.form = form


class Wizard:
    """Everything is loaded lazily and cached, so each step costs only what it shows."""

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
    def language(self) -> str:
        """Return the code of the pages' language, "" for English."""
        return "" if self.entry.language == settings.LANGUAGE_CODE else self.entry.language

    # Steps and their forms

    @property
    def step(self) -> Step:
        return find_step(self.state.step)

    def go_to(self, step: Step) -> None:
        self.state.step = step.key

    def keep(self, data: MultiValueDict) -> None:
        """Store the raw data of the current step; its form picks the fields it knows."""
        self.state.typed[self.state.step] = {
            name: values for name, values in data.lists() if name not in {"state", "newest", "action"}
        }

    def bound_form(self) -> StepForm:
        return self._bind(self.step)

    def form(self) -> StepForm:
        return self.step.form(**self._form_values(self.step), typed=self.state.typed.get(self.step.key))

    def _bind(self, step: Step) -> StepForm:
        data = MultiValueDict(self.state.typed.get(step.key, {}))
        return step.form(**self._form_values(step), data=data)

    def _form_values(self, step: Step) -> dict[str, Any]:
        match step.key:
            case "person":
                languages = offered_languages(self.network)
                return {"networks": self.offered_networks, "languages": languages, "link": self.link}
            case "needs":
                return {
                    "networks": self.chosen_networks,
                    "categories": self.categories,
                    "untouched": self._lists.untouched,
                    "demographics": self.demographics,
                    "chart": self.chart,
                    "asked": frozenset(self.state.asked),
                    "is_self": self.source.is_self,
                    "details_length": self.network.details_length,
                    "find_restricting": self._find_restricting,
                    "propose": partial(propose_needs, networks=self.chosen_networks),
                }
            case "suggestions":
                return {}
            case "consent":
                return {"is_self": self.source.is_self, "name": self.who}
            case _:
                raise ValueError(f"No form is made for the step {step.key}.")

    def check_earlier_steps(self) -> None:
        for step in STEPS[: self.step.number - 1]:
            self.finished(step.form)

    def mark_finished(self, form: StepForm) -> None:
        self._finished[type(form)] = form

    def finished(self, kind: type[Form]) -> Form:
        """Return the valid form of an earlier step. Raises StepInvalid."""
        if kind not in self._finished:
            step = next(step for step in STEPS if step.form is kind)
            form = self._bind(step)
            if not form.is_valid() or form.asks_more:
                raise StepInvalid(step, form)
            self._finished[kind] = form
        return self._finished[kind]

    # What the network asks

    @cached_property
    def preferred(self) -> PreferredService | None:
        return find_preferred(self.network, self.state.preferred)

    @cached_property
    def _lists(self) -> AskedLists:
        return self.entry.lists.read_lists([network.pk for network in self.chosen_networks])

    @property
    def demographics(self) -> Sequence[Demographic]:
        """Of every network that is asked: each has its own lists."""
        return self._lists.demographics

    @property
    def categories(self) -> Sequence[Category]:
        return self._lists.categories

    @cached_property
    def chart(self) -> FlowChart:
        """Whatever is published meanwhile, a form goes on under the versions that it began under."""
        keys = [network.pk for network in self.chosen_networks]
        self.state.flows |= {key: self._lists.in_force[key] for key in keys if key not in self.state.flows}
        return self.entry.lists.read_chart(self._flow_version_ids, keys, self._lists)

    @property
    def _flow_version_ids(self) -> list[int]:
        found = [self.state.flows[network.pk] for network in self.chosen_networks]
        return [key for key in found if key is not None]

    def _find_restricting(self, need_ids: Collection[int]) -> matching.Restricting:
        return matching.restricting_demographics(self.chosen_networks, need_ids, self.place.point)

    @cached_property
    def offered_networks(self) -> list[Network]:
        """The form's own network first; others only with a wording to agree to.

        A network without a public form is offered through links alone.
        """
        return [self.network, *self.entry.lists.read_linked(self.network, with_closed=self.link is not None)]

    def check_is_open(self) -> None:
        """Raises FormUnavailable: without a wording the form is not open."""
        if not self.network.consent_wordings.exists():
            raise FormUnavailable("not_open", 404, entry=self.entry)

    def latest_wordings(self) -> list[ConsentWording]:
        """The newest wording of each network that is asked, in their order. Raises FormUnavailable."""
        newest = self.entry.lists.read_wordings(self.asked_networks)
        if len(newest) < len(self.asked_networks):
            raise FormUnavailable("not_open", 404, entry=self.entry)
        return newest

    def wordings_exist(self) -> bool:
        """Whether the wordings that were on the page can still be stored with the referral."""
        return ConsentWording.objects.filter(pk__in=self.state.wording_ids).count() == len(self.asked_networks)

    # What the steps have given

    @cached_property
    def person(self) -> PersonDetails:
        details = self.person_form.details()
        return PersonDetails(**details | {"language": details["language"] or self.language}, **self.needs_form.about())

    @property
    def person_form(self) -> PersonForm:
        return self.finished(PersonForm)

    @property
    def place(self) -> PostcodePlace:
        return self.person_form.place

    @cached_property
    def source(self) -> Source:
        return self.person_form.source()

    @property
    def chosen_networks(self) -> list[Network]:
        return [network for network in self.offered_networks if network.pk in self.person_form.network_ids]

    @property
    def asked_networks(self) -> list[Network]:
        """Those of the chosen networks from which something is needed."""
        needed = {category.network_id for category in self.needs}
        return [network for network in self.chosen_networks if network.pk in needed]

    @property
    def needs_form(self) -> NeedsForm:
        return self.finished(NeedsForm)

    @property
    def first_name(self) -> str:
        return short_name(self.person_form.cleaned_data["name"])

    @property
    def who(self) -> str:
        return _("you") if self.source.is_self else self.first_name

    @property
    def needs(self) -> list[Category]:
        return [category for category in self.categories if category.pk in self.needs_form.need_ids]

    @property
    def has_sensitive_need(self) -> bool:
        sensitive = {category.pk for category in self.categories if category.is_sensitive}
        return any(not sensitive.isdisjoint(need.tree_path) for need in self.needs)

    @property
    def facts(self) -> matching.PersonFacts:
        person = self.person
        age = age_between(person.date_of_birth, timezone.localdate()) if person.date_of_birth else person.age
        return matching.PersonFacts(
            point=self.place.point, place=self.place.in_words, age=age, option_ids=person.option_ids
        )

    @property
    def urgent_need_ids(self) -> frozenset[int]:
        needs_form = self.needs_form
        return self.chart.find_beneath(needs_form.need_ids, needs_form.evaluation.urgent_needs)

    @cached_property
    def shortlists(self) -> list[Shortlist]:
        """Who is asked for what, by network, also recorded in the state as shown."""
        removed = Service.objects.filter(pk__in=self.state.removed).select_related("organisation", "activity")
        wishes = Wishes(added_ids=self.state.added, removed=removed, wanted=self.state.wanted)
        shortlists = [
            make_shortlist(
                network,
                [category for category in self.needs if category.network_id == network.pk],
                self.facts,
                replace(wishes, preferred_id=self.preferred.pk if self.preferred and network == self.network else None),
                urgent_need_ids=self.urgent_need_ids,
            )
            for network in self.asked_networks
        ]
        self.state.parts = [
            AskedPart(
                shortlist.network.pk,
                [category.pk for category in part.needs],
                [suggestion.service_id for suggestion in part.suggestions],
            )
            for shortlist in shortlists
            for part in shortlist.parts
        ]
        return shortlists

    def submission(self) -> Submission:
        """Call only with consent."""
        source, needs_form, consent = self.source, self.needs_form, self.finished(ConsentForm).cleaned_data
        return Submission(
            key=self.state.key,
            network_id=self.network.pk,
            person=self.person,
            parts=[
                Part(
                    network_id=part.network,
                    need_ids=frozenset(part.needs),
                    service_ids=part.services,
                    asked_for_ids=frozenset(self.state.added).intersection(part.services),
                )
                for part in self.state.parts
            ],
            urgent_need_ids=self.urgent_need_ids,
            removed_ids=frozenset(self.state.removed),
            consent_wording_ids=frozenset(self.state.wording_ids),
            consent_language=self.language,
            consent_way=consent["consent"],
            consent_giver=consent.get("consent_giver", ""),
            answers=needs_form.answers(),
            flow_version_ids=frozenset(self._flow_version_ids),
            details=needs_form.cleaned_data["details"],
            adults=needs_form.cleaned_data["adults"],
            children=needs_form.cleaned_data["children"],
            is_urgent=needs_form.evaluation.is_urgent,
            source_name=source.name,
            source_organisation=source.organisation,
            source_email=source.email,
            source_phone=source.phone,
            tells_source=source.wants_news,
            referral_link_id=self.link.pk if self.link else None,
        )
