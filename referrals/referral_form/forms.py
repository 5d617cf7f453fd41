"""The forms of all steps but needs, which is in needs_form.py."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField

from referrals.mailboxes import PlainAddressField
from referrals.models import Demographic, Network
from referrals.places import read_postcode, says_no_home
from referrals.referral_form.fields import NOT_REMEMBERED, Caution, StepForm
from referrals.referral_form.postcode_place import PostcodePlace, find_place
from referrals.referral_form.signed_state import Typed
from referrals.user_input.dates import is_possible_birthday
from referrals.user_input.phones import dial_link, tidy_phone
from referrals.workflow import PersonDetails

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
LONG_LIST = 7  # answers; a longer list is shown as a drop-down


def _text_field(
    label: str, *, required: bool = False, length: int = 200, hint: str = "", **attrs: str
) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=length,
        help_text=hint,
        widget=forms.TextInput(attrs=attrs),
        error_messages={"max_length": f"{label} can have at most {length} characters."},
    )


def _number_field(label: str, *, highest: int, **attrs: str) -> forms.IntegerField:
    """A text field with a numeric keyboard: scrolling would change the value of a number field."""
    message = f"{label} is a whole number from 0 to {highest}."
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=0,
        max_value=highest,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": "3"} | attrs),
        error_messages={"invalid": message, "min_value": message, "max_value": message},
    )


def _phone_field(label: str, **attrs: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel"} | attrs),
        error_messages={"max_length": "A phone number can have at most 40 characters."},
    )


def _email_field(label: str, **attrs: str) -> PlainAddressField:
    return PlainAddressField(
        label=label,
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"inputmode": "email", "spellcheck": "false"} | attrs),
        error_messages={"invalid": "This e-mail address is not complete. One looks like name@example.org."},
    )


def _read_phone(text: str) -> str:
    """Refuse only text without a number: an odd one may be real, and gets a caution."""
    if text and len(re.sub(r"\D", "", text)) < 3:
        raise ValidationError("Write the number itself here, with its area code. When to ring goes further down.")
    return tidy_phone(text).text if text else ""


def _phone_cautions(phone: str) -> list[Caution]:
    if not phone or dial_link(phone):
        return []
    return [Caution(f"phone:{phone}", "phone", f"{phone} does not look like a whole phone number. Is it right?")]


class PersonStepForm(StepForm):
    """Who needs help, how to reach them and where they live. Once valid, `place` is the postcode's place."""

    name = _text_field("Name", required=True, hint="As they would like to be called.", **NOT_REMEMBERED)
    phone = _phone_field("Phone", **NOT_REMEMBERED)
    email = _email_field("E-mail", **NOT_REMEMBERED)
    no_contact = forms.BooleanField(label="There is no phone or e-mail", required=False)
    contact_note = _text_field(
        "How and when to get in touch",
        hint="Mornings, say, or through a sister; the language they speak; whether a message may be left.",
        **NOT_REMEMBERED,
    )
    born_day = _text_field("Day", length=2, inputmode="numeric", **NOT_REMEMBERED)
    born_month = _text_field("Month", length=9, **NOT_REMEMBERED)
    born_year = _text_field("Year", length=4, inputmode="numeric", **NOT_REMEMBERED)
    age = _number_field("Age", highest=120)
    postcode = _text_field(
        "Postcode",
        length=60,
        hint="The first half, such as NW1, will do. Leave it empty when there is none, or it is not safe to give.",
        autocapitalize="characters",
        spellcheck="false",
        **NOT_REMEMBERED,
    )
    address = forms.CharField(
        label="Address",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, **NOT_REMEMBERED}),
    )

    place: PostcodePlace

    def __init__(self, *, network: Network, demographics: Iterable[Demographic], **given: Any) -> None:
        self.network = network
        self.demographics = demographics
        super().__init__(**given)

    def add_fields(self, given: Typed) -> None:
        self.fields["name"].error_messages["required"] = "Write the person's name."
        for part in ("born_day", "born_month", "born_year"):
            self.fields[part].widget.attrs["aria-describedby"] = "id_born_helptext id_born_error"
        for demographic in self.demographics:
            choices = [(str(option.pk), option.name) for option in demographic.options.all()]
            options: dict[str, Any] = {
                "label": demographic.name,
                "help_text": demographic.help_text,
                "required": False,
                "error_messages": {"invalid_choice": f"Choose again: {demographic.name.lower()}."},
            }
            if demographic.takes_several:
                field = forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **options)
            else:
                widget = forms.Select if len(choices) > LONG_LIST else forms.RadioSelect
                unanswered = ("", "Prefer not to say")
                field = forms.ChoiceField(choices=[*choices, unanswered], widget=widget, initial="", **options)
            self.fields[self._demographic_field(demographic.pk)] = field

    @staticmethod
    def _demographic_field(key: int) -> str:
        return f"about_{key}"

    @property
    def demographic_fields(self) -> list[BoundField]:
        return [self[self._demographic_field(demographic.pk)] for demographic in self.demographics]

    def clean_phone(self) -> str:
        return _read_phone(self.cleaned_data["phone"])

    def clean_postcode(self) -> str:
        typed = self.cleaned_data["postcode"]
        self.place = find_place("" if says_no_home(typed) else typed, self.network)
        if self.place.typed and not self.place.postcode:
            raise ValidationError(
                f"{self.place.found.problem} Write it like NW1 2DB or NW1, or leave it empty and write what you know "
                "under address."
            )
        return typed

    def clean(self) -> None:
        self.cleaned_data["born"] = self._clean_born()
        reachable = any(self.cleaned_data.get(way) for way in ("phone", "email", "no_contact"))
        if not reachable and not {"phone", "email"} & set(self.errors):
            self.add_error("phone", "Give a phone number or an e-mail address, or tick that there is neither.")
        if says_no_home(self.cleaned_data.get("postcode", "")):
            self.cleaned_data["address"] = self.cleaned_data.get("address") or "No fixed abode"

    def _clean_born(self) -> date | None:
        day, month, year = (self.cleaned_data.get(part, "") for part in ("born_day", "born_month", "born_year"))
        if not (day or month or year):
            return None
        try:
            number = MONTHS.index(month[:3].lower()) + 1 if month[:3].lower() in MONTHS else int(month)
            born = date(int(year), number, int(day))
        except ValueError:
            self.add_error("born_day", "Write a date of birth such as 27 3 1985, or give the age instead.")
            return None
        if not is_possible_birthday(born):
            self.add_error("born_day", "The date of birth must be in the past 120 years, its year in four digits.")
            return None
        return born

    def find_cautions(self) -> list[Caution]:
        return [*_phone_cautions(self.cleaned_data["phone"]), *self._find_place_cautions()]

    def _find_place_cautions(self) -> list[Caution]:
        place = self.place
        if not place.postcode:
            return []
        if place.point is None:
            return [Caution(f"unplaced:{place.postcode}", "postcode", f"{place.found.problem} Is it right?")]
        if not read_postcode(place.typed):
            text = f"We read “{place.typed}” as {place.postcode}. Is it right?"
            return [Caution(f"corrected:{place.postcode}", "postcode", text)]
        if self.network.warns_outside_area and not place.is_inside:
            text = f"{place.postcode} lies outside {self.network.area.name}. Is it right?"
            return [Caution(f"outside:{place.postcode}", "postcode", text)]
        return []

    def details(self) -> PersonDetails:
        given = self.cleaned_data
        answers = [given[self._demographic_field(demographic.pk)] for demographic in self.demographics]
        keys = [key for answer in answers for key in (answer if isinstance(answer, list) else [answer]) if key]
        return PersonDetails(
            name=given["name"],
            phone=given["phone"],
            email=given["email"],
            contact_note=given["contact_note"],
            date_of_birth=given["born"],
            age=None if given["born"] else given["age"],
            postcode=self.place.postcode,
            address=given["address"],
            option_ids=frozenset(map(int, keys)),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """The referrer. Name and contact are empty if `is_self`: then they are the person's own."""

    is_self: bool = False
    name: str = ""
    organisation: str = ""
    email: str = ""
    phone: str = ""
    adults: int | None = None
    children: int | None = None
    network_ids: tuple[int, ...] = ()


class SourceForm(StepForm):
    """Who refers, who lives in the household, and which of the linked networks are asked."""

    is_self = forms.BooleanField(
        label="I am asking for myself", required=False, help_text="Then leave your name and contact below empty."
    )
    name = _text_field("Your name", autocomplete="name")
    organisation = _text_field("Your organisation", autocomplete="organization")
    phone = _phone_field("Your phone", autocomplete="tel")
    email = _email_field("Your e-mail", autocomplete="email")
    adults = _number_field("Adults", highest=30)
    children = _number_field("Children under 18", highest=30)

    def __init__(self, *, networks: Sequence[Network], organisation: str = "", **given: Any) -> None:
        """`networks` are on offer, the form's own first; `organisation` is the partner named by a referral link."""
        self.offered_networks = networks
        self.organisation_of_link = organisation
        super().__init__(**given)

    def add_fields(self, given: Typed) -> None:
        self.fields["organisation"].initial = self.organisation_of_link
        if len(self.offered_networks) > 1:
            self.fields["networks"] = forms.MultipleChoiceField(
                label="Whose help shall we look for?",
                choices=[(str(network.pk), network.name) for network in self.offered_networks],
                initial=[str(self.offered_networks[0].pk)],
                widget=forms.CheckboxSelectMultiple,
                error_messages={
                    "required": "Choose at least one network.",
                    "invalid_choice": "Choose the networks again.",
                },
            )

    def clean_phone(self) -> str:
        return _read_phone(self.cleaned_data["phone"])

    def clean(self) -> None:
        if self.cleaned_data.get("is_self"):
            return
        if not self.cleaned_data.get("name") and "name" not in self.errors:
            self.add_error("name", "Write your name, or tick that you are asking for yourself.")
        reachable = self.cleaned_data.get("phone") or self.cleaned_data.get("email")
        if not reachable and not {"phone", "email"} & set(self.errors):
            self.add_error("phone", "Give your phone number or e-mail address, in case there is a question.")

    def find_cautions(self) -> list[Caution]:
        return _phone_cautions(self.cleaned_data["phone"])

    def source(self) -> Source:
        given = self.cleaned_data
        household = {"adults": given["adults"], "children": given["children"]}
        chosen = given.get("networks") or [str(self.offered_networks[0].pk)]
        network_ids = tuple(network.pk for network in self.offered_networks if str(network.pk) in chosen)
        if given["is_self"]:
            return Source(is_self=True, network_ids=network_ids, **household)
        return Source(
            name=given["name"],
            organisation=given["organisation"],
            email=given["email"],
            phone=given["phone"],
            network_ids=network_ids,
            **household,
        )


class SuggestionsForm(StepForm):
    """Has no fields: the page's buttons remove organisations and restore them."""


class ConsentForm(StepForm):
    consent = forms.ChoiceField(widget=forms.RadioSelect)

    def __init__(self, *, is_self: bool, name: str, **given: Any) -> None:
        self.is_self = is_self
        self.name = name
        super().__init__(**given)

    def add_fields(self, given: Typed) -> None:
        if self.is_self:
            label, agree, decline, whether = "Do you agree to this?", "I agree", "I do not agree", "you agree"
        else:
            label = f"Does {self.name} agree to this?"
            agree, decline = f"{self.name} agrees", f"{self.name} does not agree"
            whether = agree
        field = self.fields["consent"]
        field.label = label
        field.choices = [("agreed", agree), ("declined", decline)]
        field.error_messages["required"] = f"Say whether {whether}."

    @property
    def is_agreed(self) -> bool:
        return self.cleaned_data["consent"] == "agreed"
