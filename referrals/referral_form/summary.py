"""What is about to be shared, to be read over before anybody agrees to it."""

from dataclasses import dataclass

from django.utils.formats import date_format

from referrals.referral_form.wizard import Wizard
from referrals.referral_form.words import counted, listed


@dataclass(frozen=True, slots=True)
class SummarySection:
    """The facts that one step gave; `step` is the key of the step that changes them."""

    step: str
    title: str
    facts: list[tuple[str, str]]


def summary_of(wizard: Wizard) -> list[SummarySection]:
    sections = [
        SummarySection("person", "The person", _person(wizard)),
        SummarySection("source", "Who refers", _source(wizard)),
        SummarySection("needs", "What is needed", _needs(wizard)),
    ]
    return [
        SummarySection(section.step, section.title, [(label, text) for label, text in section.facts if text])
        for section in sections
    ]


def _person(wizard: Wizard) -> list[tuple[str, str]]:
    person = wizard.person
    born = date_format(person.date_of_birth, "j F Y") if person.date_of_birth else ""
    return [
        ("Name", person.name),
        ("Phone", person.phone),
        ("E-mail", person.email),
        ("Getting in touch", person.contact_note),
        ("Date of birth", born),
        ("Age", "" if person.age is None else str(person.age)),
        ("Postcode", person.postcode),
        ("Address", person.address),
        *_demographics(wizard),
    ]


def _demographics(wizard: Wizard) -> list[tuple[str, str]]:
    chosen = wizard.person.option_ids
    return [
        (demographic.name, listed([option.name for option in demographic.options.all() if option.pk in chosen]))
        for demographic in wizard.demographics
    ]


def _source(wizard: Wizard) -> list[tuple[str, str]]:
    source = wizard.source
    household = [
        counted(source.adults, "adult", "adults") if source.adults is not None else "",
        counted(source.children, "child", "children") if source.children is not None else "",
    ]
    return [
        (
            "Sent by",
            "You, for yourself" if source.is_self else ", ".join(filter(None, [source.name, source.organisation])),
        ),
        ("Phone", source.phone),
        ("E-mail", source.email),
        ("Household", listed(list(filter(None, household))).capitalize()),
    ]


def _needs(wizard: Wizard) -> list[tuple[str, str]]:
    asked_for = wizard.asked_for
    return [
        ("Needs", listed([category.name for category in wizard.needs])),
        *[(answer.question_text, answer.text) for answer in asked_for.answers()],
        ("In your own words", asked_for.cleaned_data["details"]),
    ]
