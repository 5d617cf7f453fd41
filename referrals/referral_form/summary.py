"""What is about to be shared, for the person to read before consenting."""

from dataclasses import dataclass

from django.utils.formats import date_format

from referrals.enums import Accommodation
from referrals.referral_form.wizard import Wizard
from referrals.user_input.ages import Age
from referrals.words import count_in_words, join_in_words

Facts = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class SummarySection:
    """The facts of one step, as (label, text); `step` is the key of the step that changes them."""

    step: str
    title: str
    facts: Facts


def summarise(wizard: Wizard) -> list[SummarySection]:
    sections = [
        ("person", "The person", _person_facts(wizard)),
        ("person", "Who refers", _source_facts(wizard)),
        ("needs", "What is needed", _needs_facts(wizard)),
        ("needs", "About the person", _about_facts(wizard)),
    ]
    return [
        SummarySection(step, title, [(label, text) for label, text in facts if text])
        for step, title, facts in sections
        if any(text for _, text in facts)
    ]


def _person_facts(wizard: Wizard) -> Facts:
    person = wizard.person
    return [
        ("Name", person.name),
        ("Phone", person.phone),
        ("E-mail", person.email),
        ("Getting in touch", person.contact_note),
        ("Is it safe?", person.safe_contact.in_words),
        ("Who else may see it", person.safe_contact.others),
        ("Postcode", person.postcode),
        ("Area", person.area_name),
        ("Address", person.address),
        ("Place to sleep", Accommodation(person.accommodation).label if person.accommodation else ""),
    ]


def _about_facts(wizard: Wizard) -> Facts:
    person, given = wizard.person, wizard.needs_form.cleaned_data
    born = date_format(person.date_of_birth, "j F Y") if person.date_of_birth else ""
    demographics = [
        (
            demographic.name,
            join_in_words([option.name for option in demographic.options.all() if option.pk in person.option_ids]),
        )
        for demographic in wizard.demographics
    ]
    household = [
        count_in_words(given["adults"], "adult", "adults") if given["adults"] is not None else "",
        count_in_words(given["children"], "child", "children") if given["children"] is not None else "",
    ]
    return [
        ("Date of birth", born),
        ("Age", "" if person.age is None else Age(person.age, person.age_months).in_words),
        ("Household", join_in_words(list(filter(None, household))).capitalize()),
        *demographics,
    ]


def _source_facts(wizard: Wizard) -> Facts:
    source = wizard.source
    sender = "You, for yourself" if source.is_self else ", ".join(filter(None, [source.name, source.organisation]))
    return [("Sent by", sender), ("Phone", source.phone), ("E-mail", source.email)]


def _needs_facts(wizard: Wizard) -> Facts:
    needs_form = wizard.needs_form
    return [
        ("Needs", join_in_words([category.name for category in wizard.needs])),
        *[(answer.question_text, answer.text) for answer in needs_form.answers()],
        ("In your own words", needs_form.cleaned_data["details"]),
    ]
