"""Whom to ring when it cannot wait: the one list that the form, new public sites and searches for danger show."""

from dataclasses import dataclass, replace

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _


@dataclass(frozen=True, slots=True)
class UrgentNumber:
    """when: when to ring; name: who answers; in_danger: for people in danger, not only ill."""

    when: str
    name: str
    phone: str
    note: str
    in_danger: bool = True


URGENT_NUMBERS = (
    UrgentNumber(
        _("Danger to life, or a crime happening now"),
        _("Police, ambulance, fire brigade."),
        "999",
        _("Cannot speak? Stay on the line, and press 55 when asked to."),
    ),
    UrgentNumber(
        _("Ill, and it cannot wait"),
        _("NHS 111."),
        "111",
        _("Option 2 for a mental health crisis. Free."),
        in_danger=False,
    ),
    UrgentNumber(
        _("You need somebody to listen"), _("Samaritans."), "116 123", _("Free, day and night. Or text SHOUT to 85258.")
    ),
    UrgentNumber(
        _("Somebody at home hurts or frightens you"),
        _("National Domestic Abuse Helpline."),
        "0808 2000 247",
        _("Free, day and night, in England."),
    ),
)


def translated_urgent_numbers() -> tuple[UrgentNumber, ...]:
    """Return them in the language of the page."""
    return tuple(
        replace(one, when=gettext(one.when), name=gettext(one.name), note=gettext(one.note)) for one in URGENT_NUMBERS
    )
