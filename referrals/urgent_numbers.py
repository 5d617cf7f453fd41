"""Whom to ring when it cannot wait: the one list that the form, new public sites and searches for danger show."""

from dataclasses import dataclass


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
        "Danger to life, or a crime happening now",
        "Police, ambulance, fire brigade.",
        "999",
        "Cannot speak? Stay on the line, and press 55 when asked to.",
    ),
    UrgentNumber(
        "Ill, and it cannot wait",
        "NHS 111.",
        "111",
        "Option 2 for a mental health crisis. Free.",
        in_danger=False,
    ),
    UrgentNumber(
        "You need somebody to listen", "Samaritans.", "116 123", "Free, day and night. Or text SHOUT to 85258."
    ),
    UrgentNumber(
        "Somebody at home hurts or frightens you",
        "National Domestic Abuse Helpline.",
        "0808 2000 247",
        "Free, day and night, in England.",
    ),
)
