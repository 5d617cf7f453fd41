"""Telephone numbers for urgent help."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail.blocks import CharBlock, ListBlock, StreamBlock, StructBlock, StructValue

from referrals.urgent_numbers import translated_urgent_numbers
from referrals.user_input.phones import dial_link


def check_phone(text: str) -> None:
    if re.search(r"[^\d\s()+-]", text) or not dial_link(text):
        raise ValidationError(_("Only the number, as it is dialled: 0808 2000 247."))


class LineValue(StructValue):
    @property
    def tel(self) -> str:
        """The link that dials the number, which a draft may still lack."""
        return dial_link(self["phone"] or "") or "tel:"


class UrgentLineBlock(StructBlock):
    when = CharBlock(max_length=80, label=_("When to ring"), help_text=_("Danger to life, or a crime happening now"))
    name = CharBlock(max_length=80, label=_("Who answers"), help_text=_("Police, ambulance, fire brigade"))
    phone = CharBlock(max_length=25, validators=[check_phone], label=_("Number"))
    note = CharBlock(
        required=False, max_length=160, label=_("What else to know"), help_text=_("Free, day and night. Or text 85258.")
    )

    class Meta:
        icon = "warning"
        label = _("Number to ring")
        value_class = LineValue


class UrgentHelpBlock(StructBlock):
    title = CharBlock(max_length=80, default=_("Urgent help"))
    lines = ListBlock(UrgentLineBlock(), min_num=1, max_num=12, label=_("Numbers"))

    class Meta:
        icon = "warning"
        label = _("Urgent help")
        template = "directory_site/blocks/urgent_help.html"


class UrgentLinesBlock(StreamBlock):
    """The numbers that a site shows on each of its pages."""

    line = UrgentLineBlock()

    class Meta:
        required = False
        max_num = 8


def standard_lines() -> list[LineValue]:
    """Return the numbers for a site whose editors have set none, where somebody is in danger."""
    block = UrgentLineBlock()
    return [
        block.to_python({"when": number.when, "name": number.name, "phone": number.phone})
        for number in translated_urgent_numbers()
        if number.in_danger
    ]
