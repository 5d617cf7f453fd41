"""The first step: for whom, how to reach them, where they live, and who asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from referrals.models import Network, ReferralLink
from referrals.places import read_postcode, says_no_home
from referrals.referral_form.fields import NOT_REMEMBERED, Caution, StepForm
from referrals.referral_form.input_fields import (
    email_field,
    find_email_cautions,
    find_phone_cautions,
    phone_field,
    read_phone,
    text_field,
)
from referrals.referral_form.postcode_place import PostcodePlace, find_place
from referrals.referral_form.safe_contact import SafeContactFields
from referrals.referral_form.signed_state import Typed
from referrals.referral_form.ticks import Checkboxes, Radios

SELF, OTHER = "self", "other"
NO_FIXED_ADDRESS = "No fixed address"  # as organisations read it
SOURCE = ("source_name", "source_organisation", "source_phone", "source_email")


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """The referrer. Name and contact are empty if `is_self`: then they are the person's own."""

    is_self: bool = False
    name: str = ""
    organisation: str = ""
    email: str = ""
    phone: str = ""
    wants_news: bool = False


class PersonForm(SafeContactFields, StepForm):
    """Once valid, `place` is the postcode's place."""

    for_whom = forms.ChoiceField(
        label=gettext_lazy("For whom are you asking?"),
        choices=[(OTHER, gettext_lazy("Somebody else")), (SELF, gettext_lazy("Myself"))],
        widget=Radios,
        error_messages={"required": gettext_lazy("Say whether you ask for yourself or for somebody else.")},
    )
    name = text_field(
        pgettext_lazy("of a person", "Name"),
        required=True,
        hint=gettext_lazy("The name to call and write to."),
        **NOT_REMEMBERED,
    )
    phone = phone_field(gettext_lazy("Phone"), **NOT_REMEMBERED)
    email = email_field(gettext_lazy("E-mail"), **NOT_REMEMBERED)
    no_contact = forms.BooleanField(label=gettext_lazy("There is no phone or e-mail"), required=False)
    contact_note = text_field(
        gettext_lazy("How and when to get in touch"),
        hint=gettext_lazy("Mornings, say, or through a sister; the language they speak."),
        **NOT_REMEMBERED,
    )
    postcode = text_field(
        gettext_lazy("Postcode"),
        length=60,
        hint=gettext_lazy(
            "The first half, such as NW1, or the name of an area will do. Leave it empty if it is not safe to give."
        ),
        autocapitalize="characters",
        spellcheck="false",
        **NOT_REMEMBERED,
    )
    address = forms.CharField(
        label=gettext_lazy("Address"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, **NOT_REMEMBERED}),
    )
    source_name = text_field(gettext_lazy("Your name"), autocomplete="name")
    source_organisation = text_field(gettext_lazy("Your organisation"), autocomplete="organization")
    source_phone = phone_field(gettext_lazy("Your phone"), autocomplete="tel")
    source_email = email_field(gettext_lazy("Your e-mail"), autocomplete="email")
    wants_news = forms.BooleanField(
        label=gettext_lazy("Write to me when an organisation accepts, and when it is closed"), required=False
    )

    place: PostcodePlace

    def __init__(
        self,
        *,
        networks: Sequence[Network],
        languages: Sequence[tuple[str, str]],
        link: ReferralLink | None = None,
        **given: Any,
    ) -> None:
        """`networks` are on offer, the form's own first; so are `languages`, code and name, in which we can write.

        `link` may know who refers.
        """
        self.languages = languages
        self.network, *self.linked_networks = networks
        self.link = link
        super().__init__(**given)

    def add_fields(self, given: Typed) -> None:
        self.fields["name"].error_messages["required"] = _("Write the name of the person.")
        for name, value in self._known_source().items():
            self.fields[name].initial = value
        if self.names_referrer:
            # A partner's link is made for referring others, so nobody has to say so each time.
            self.fields["for_whom"].initial = OTHER
        if len(self.languages) > 1:
            self.fields["language"] = self._language_field()
        if self.linked_networks:
            self.fields["networks"] = forms.MultipleChoiceField(
                label=_("Look for help here too?"),
                required=False,
                choices=[(str(network.pk), network.name) for network in self.linked_networks],
                widget=Checkboxes,
                error_messages={"invalid_choice": _("Choose the networks again.")},
            )

    def _language_field(self) -> forms.ChoiceField:
        here = dict(self.languages)[get_language()]
        return forms.ChoiceField(
            label=_("Language of our e-mails"),
            required=False,
            choices=[("", _("That of this form: %(language)s") % {"language": here}), *self.languages],
            error_messages={"invalid_choice": _("Choose the language again.")},
        )

    @property
    def names_referrer(self) -> bool:
        return bool(self.link and self.link.names_referrer)

    @property
    def is_source_open(self) -> bool:
        """Whether the details of the referrer are unfolded: they are not known, or something about them is wrong."""
        return not self.names_referrer or any(name in self.errors for name in (*SOURCE, "for_whom"))

    def _known_source(self) -> dict[str, str]:
        return {name: getattr(self.link, name) if self.link else "" for name in SOURCE}

    def clean_phone(self) -> str:
        return read_phone(self.cleaned_data["phone"])

    def clean_source_phone(self) -> str:
        return read_phone(self.cleaned_data["source_phone"])

    def clean_postcode(self) -> str:
        typed = self.cleaned_data["postcode"]
        self.place = find_place(typed, self.network)
        if self.place.typed and not self.place.postcode and not self.place.area:
            how = _("Write it like NW1 2DB or NW1, or leave it empty and write what you know under address.")
            raise ValidationError(f"{self.place.found.problem} {how}")
        return typed

    def clean(self) -> None:
        reachable = any(self.cleaned_data.get(way) for way in ("phone", "email", "no_contact"))
        if not reachable and not {"phone", "email"} & set(self.errors):
            self.add_error("phone", _("Give a phone number or an e-mail address, or tick that there is neither."))
        if says_no_home(self.cleaned_data.get("postcode", "")):
            self.cleaned_data["address"] = self.cleaned_data.get("address") or NO_FIXED_ADDRESS
        if self.cleaned_data.get("for_whom") == OTHER:
            self._check_source()

    def _check_source(self) -> None:
        if not self.cleaned_data.get("source_name") and "source_name" not in self.errors:
            self.add_error("source_name", _("Write your own name too, since you ask for somebody else."))
        email = self.cleaned_data.get("source_email")
        if self.cleaned_data.get("wants_news") and not email and "source_email" not in self.errors:
            self.add_error("source_email", _("Give your e-mail address, so that we can write to you."))
        reachable = self.cleaned_data.get("source_phone") or email
        if not reachable and not {"source_phone", "source_email"} & set(self.errors):
            self.add_error("source_phone", _("Give your phone number or e-mail address, in case there is a question."))

    def find_cautions(self) -> list[Caution]:
        given = self.cleaned_data
        cautions = [
            *find_phone_cautions("phone", given["phone"]),
            *find_email_cautions("email", given["email"]),
            *self._find_place_cautions(),
            *self._find_reach_cautions(),
        ]
        if given["for_whom"] == OTHER:
            cautions += find_phone_cautions("source_phone", given["source_phone"])
            return cautions + find_email_cautions("source_email", given["source_email"])
        if any(given[name] != known for name, known in self._known_source().items()):
            text = _(
                "You ask for yourself, so what you wrote about another person who refers is left out. Is that right?"
            )
            cautions.append(Caution("self", "for_whom", text))
        return cautions

    def _find_reach_cautions(self) -> list[Caution]:
        """Whoever says yes needs a way to get in touch: one that is safe, or words that tell of one."""
        given, unsafe = self.cleaned_data, self.safe_contact()
        can_ring = given["phone"] and not unsafe.forbids_ringing
        can_write = given["email"] and not unsafe.forbids_writing
        if can_ring or can_write or given["contact_note"]:
            return []
        if given["for_whom"] == SELF:
            question = _("How can an organisation reach you safely?")
        else:
            question = _("How can an organisation reach them safely?")
        text = " ".join([question, _("Write a place, a time, or somebody who can pass it on.")])
        return [Caution("unreachable", "contact_note", text)]

    def _find_place_cautions(self) -> list[Caution]:
        place = self.place
        if not place.in_words:
            return []
        if place.found.problem and not place.area:
            text = " ".join([place.found.problem, _("Is it right?")])
            return [Caution(f"unplaced:{place.postcode}", "postcode", text)]
        if place.postcode and not read_postcode(place.typed):
            read = {"typed": place.typed, "postcode": place.postcode}
            text = _("We read “%(typed)s” as %(postcode)s. Is it right?") % read
            return [Caution(f"corrected:{place.postcode}", "postcode", text)]
        if self.network.warns_outside_area and not place.is_inside:
            text = " ".join([place.outside_in_words, _("Is it right?")])
            return [Caution(f"outside:{place.mark}", "postcode", text)]
        return []

    @property
    def network_ids(self) -> frozenset[int]:
        return frozenset({self.network.pk, *map(int, self.cleaned_data.get("networks", ()))})

    def source(self) -> Source:
        given = self.cleaned_data
        if given["for_whom"] == SELF:
            return Source(is_self=True)
        known = {name.removeprefix("source_"): given[name] for name in SOURCE}
        return Source(**known, wants_news=given["wants_news"])

    def details(self) -> dict[str, Any]:
        """Return what this step knows of PersonDetails."""
        given = self.cleaned_data
        same = ("name", "phone", "email", "contact_note", "address", "accommodation")
        return {name: given[name] for name in same} | {
            "safe_contact": self.safe_contact(),
            "language": given.get("language", ""),
            "postcode": self.place.postcode,
            "area_name": self.place.area_name,
        }
