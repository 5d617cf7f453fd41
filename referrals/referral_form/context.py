"""What each page shows besides its form."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from referrals import matching
from referrals.models import Network, Service
from referrals.referral_form.contacts import CONSIDERED, choose_contacts, find_contacts
from referrals.referral_form.fields import StepForm
from referrals.referral_form.needs_form import NeedsForm
from referrals.referral_form.person_form import PersonForm
from referrals.referral_form.postcode_place import find_place
from referrals.referral_form.steps import STEPS
from referrals.referral_form.summary import summarise
from referrals.referral_form.wizard import Wizard
from referrals.translations import translate_field
from referrals.words import join_in_words, number_in_words

Context = dict[str, Any]


def page_context(wizard: Wizard, form: StepForm) -> Context:
    return {
        "form": form,
        "error_links": form.error_links() if form.is_bound else [],
        "step": wizard.step,
        "steps": STEPS,
        "is_old": wizard.state.is_old,
        "form_key": wizard.state.key,
        **_PAGES[wizard.step.key](wizard, form),
    }


def _person_page(wizard: Wizard, form: PersonForm) -> Context:
    typed = wizard.state.typed.get("person", {}).get("postcode", [""])[0]
    place = getattr(form, "place", None) or find_place(typed, wizard.network)
    return {"title": _("Who needs support?"), "place": place, "preferred": wizard.preferred}


def _needs_page(wizard: Wizard, form: NeedsForm) -> Context:
    # Also records in the state what is on the page: so that what is new can be marked, and stops nobody a second time.
    new = form.new_fields if "needs" in wizard.state.typed else []
    fresh = new if form.is_bound else []
    wizard.state.asked = form.on_page
    wizard.state.passed |= {f"open:{field.name.removeprefix('answer_')}" for field in fresh}
    return {
        "title": _("What do you need?")
        if wizard.source.is_self
        else _("What does %(name)s need?") % {"name": wizard.who},
        "who": wizard.who,
        "is_self": wizard.source.is_self,
        "cannot_wait": form.cannot_wait,
        "new_fields": fresh,
        "new_names": {field.name for field in fresh},
        "news": " ".join(str(field.label) for field in new),
        "needs_from_answers": form.needs_from_answers,
    }


def _suggestions_page(wizard: Wizard, form: StepForm) -> Context:
    shortlists = wizard.shortlists
    lists = [part.suggestions for shortlist in shortlists for part in shortlist.parts if part.suggestions]
    kept = {suggestion.organisation_id for suggestions in lists for suggestion in suggestions}
    asked_at_once = {suggestions[0].organisation_id for suggestions in lists} if len(lists) > 1 else ()
    return {
        "who": wizard.who,
        "proposed": wizard.needs_form.proposed,
        "shortlists": shortlists,
        "needs": wizard.needs,
        "is_urgent": wizard.needs_form.evaluation.is_urgent,
        "cannot_wait": wizard.needs_form.cannot_wait,
        "title": _suggestions_title(len(kept), len(asked_at_once), found=bool(wizard.state.removed), wizard=wizard),
        "kept": len(kept),
        "added": wizard.state.added,
        "wanted": wizard.state.wanted,
        "is_anybody_found": any(shortlist.found for shortlist in shortlists),
        "preferred": wizard.preferred,
        "preferred_status": _preferred_status(wizard),
    }


def _preferred_status(wizard: Wizard) -> str:
    """Return first, removed, unsuitable or not_asked; "" without a preferred service."""
    if wizard.preferred is None:
        return ""
    if wizard.network not in wizard.asked_networks:
        return "not_asked"
    if wizard.preferred.pk in wizard.state.removed:
        return "removed"
    is_listed = any(wizard.preferred.pk in shortlist.listed_ids for shortlist in wizard.shortlists)
    return "first" if is_listed else "unsuitable"


def _suggestions_title(number: int, asked_at_once: int, *, found: bool, wizard: Wizard) -> str:
    """Of several parts, only those count that are asked now: each can help with its part alone."""
    is_self, counted = wizard.source.is_self, asked_at_once or number
    if asked_at_once and is_self:
        words = ngettext(
            "%(number)s organisation will be asked to help you",
            "%(number)s organisations will be asked to help you",
            counted,
        )
    elif asked_at_once:
        words = ngettext(
            "%(number)s organisation will be asked to help %(name)s",
            "%(number)s organisations will be asked to help %(name)s",
            counted,
        )
    elif number and is_self:
        words = ngettext("%(number)s organisation can help you", "%(number)s organisations can help you", counted)
    elif number:
        words = ngettext(
            "%(number)s organisation can help %(name)s", "%(number)s organisations can help %(name)s", counted
        )
    elif found:
        words = _("No organisation is left on the list")
    else:
        words = _("We found no organisation for you") if is_self else _("We found no organisation for %(name)s")
    return words % {"number": number_in_words(counted).capitalize(), "name": wizard.who}


def _consent_page(wizard: Wizard, form: StepForm) -> Context:
    # Also records in the state which wordings are on the page: a network may rewrite its own before the form is sent.
    wordings = wizard.latest_wordings()
    wizard.state.wording_ids = {wording.pk for wording in wordings}
    asked = _parts_asked(wizard)
    return {
        "title": _("May we share this?"),
        "person": wizard.person,
        "mail_language": _language_of_mail(wizard),
        "is_sensitive": wizard.has_sensitive_need,
        "who": wizard.who,
        "is_self": wizard.source.is_self,
        "cannot_wait": wizard.needs_form.cannot_wait,
        "wordings": wordings,
        "asked": asked,
        "is_anybody_asked": any(names for *__, names in asked),
        "summary": summarise(wizard),
    }


def _language_of_mail(wizard: Wizard) -> str:
    """Return the language's own name for itself; "" where the e-mail is in the language of the page."""
    language = wizard.person.language or settings.LANGUAGE_CODE
    return "" if language == get_language() else dict(settings.LANGUAGES).get(language, "")


def _parts_asked(wizard: Wizard) -> list[tuple[Network, str, list[str]]]:
    """Return network, needs and names of organisations of each part, as they were on the page of suggestions."""
    parts, networks = wizard.state.parts, {network.pk: network for network in wizard.asked_networks}
    services = Service.objects.filter(pk__in=[key for part in parts for key in part.services])
    names = dict(services.values_list("pk", "organisation__name"))
    return [
        (
            networks[part.network],
            join_in_words(
                [translate_field(category, "name") for category in wizard.needs if category.pk in part.needs]
            ),
            [names[key] for key in part.services if key in names],
        )
        for part in parts
        if part.network in networks
    ]


def contacts_context(wizard: Wizard) -> Context:
    choices, helps_with = wizard.state.choices, {}
    for network in wizard.asked_networks:
        needs = [need for need in wizard.needs if need.network_id == network.pk]
        ranked = matching.suggest(network, [need.pk for need in needs], wizard.facts, limit=CONSIDERED)
        helps_with |= choose_contacts(ranked, needs, choices.get(network.pk, []), wizard.state.removed)
    return {
        "step": wizard.step,
        "who": wizard.who,
        "is_self": wizard.source.is_self,
        "cannot_wait": wizard.needs_form.cannot_wait,
        "contacts": find_contacts(helps_with),
        "coordinators": [network for network in wizard.asked_networks if not choices.get(network.pk)],
    }


_PAGES: dict[str, Callable[[Wizard, Any], Context]] = {
    "person": _person_page,
    "needs": _needs_page,
    "suggestions": _suggestions_page,
    "consent": _consent_page,
}
