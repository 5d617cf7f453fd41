"""What is about to be shared, for the person to read before consenting."""

from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from referrals.enums import Accommodation
from referrals.referral_form.person_form import NO_FIXED_ADDRESS
from referrals.referral_form.wizard import Wizard
from referrals.translations import translate_field
from referrals.user_input.ages import Age
from referrals.words import join_in_words, number_in_words

Facts = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class SummarySection:
    """The facts of one step, as (label, text); `step` is the key of the step that changes them."""

    step: str
    title: str
    facts: Facts


def summarise(wizard: Wizard) -> list[SummarySection]:
    sections = [
        ("person", _("The person"), _person_facts(wizard)),
        ("person", _("Who refers"), _source_facts(wizard)),
        ("needs", _("What is needed"), _needs_facts(wizard)),
        ("needs", _("About the person"), _about_facts(wizard)),
    ]
    return [
        SummarySection(step, title, [(label, text) for label, text in facts if text])
        for step, title, facts in sections
        if any(text for __, text in facts)
    ]


def _person_facts(wizard: Wizard) -> Facts:
    person = wizard.person
    return [
        (pgettext("of a person", "Name"), person.name),
        (_("Phone"), person.phone),
        (_("E-mail"), person.email),
        (_("Getting in touch"), person.contact_note),
        (_("Is it safe?"), person.safe_contact.in_words),
        (_("Who else may see it"), person.safe_contact.others),
        (_("Postcode"), person.postcode),
        (_("Area"), person.area_name),
        (_("Address"), _("No fixed address") if person.address == NO_FIXED_ADDRESS else person.address),
        (_("Place to sleep"), Accommodation(person.accommodation).label if person.accommodation else ""),
    ]


def _about_facts(wizard: Wizard) -> Facts:
    person, given = wizard.person, wizard.needs_form.cleaned_data
    born = date_format(person.date_of_birth, "j E Y") if person.date_of_birth else ""
    demographics = [
        (
            translate_field(demographic, "name"),
            join_in_words(
                [
                    translate_field(option, "name")
                    for option in demographic.options.all()
                    if option.pk in person.option_ids
                ]
            ),
        )
        for demographic in wizard.demographics
    ]
    adults, children = given["adults"], given["children"]
    household = [
        _count(ngettext("%(number)s adult", "%(number)s adults", adults), adults) if adults is not None else "",
        _count(ngettext("%(number)s child", "%(number)s children", children), children) if children is not None else "",
    ]
    return [
        (_("Date of birth"), born),
        (_("Age"), "" if person.age is None else Age(person.age, person.age_months).in_words),
        (_("Household"), capfirst(join_in_words(list(filter(None, household))))),
        *demographics,
    ]


def _count(words: str, number: int) -> str:
    return words % {"number": number_in_words(number)}


def _source_facts(wizard: Wizard) -> Facts:
    source = wizard.source
    sender = _("You, for yourself") if source.is_self else ", ".join(filter(None, [source.name, source.organisation]))
    return [
        (pgettext("the referrer", "Sent by"), sender),
        (_("Phone"), source.phone),
        (_("E-mail"), source.email),
        (_("News by e-mail"), _("When it is accepted, and when it is closed") if source.wants_news else ""),
    ]


def _needs_facts(wizard: Wizard) -> Facts:
    needs_form = wizard.needs_form
    return [
        (_("Needs"), join_in_words([translate_field(category, "name") for category in wizard.needs])),
        *needs_form.answers_in_words(),
        (_("In your own words"), needs_form.cleaned_data["details"]),
    ]
