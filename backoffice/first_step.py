from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FirstStep:
    """Something that a new network or organisation should do. `is_essential`: referrals cannot be answered without."""

    title: str
    why: str
    label: str
    url: str
    is_done: bool
    is_optional: bool = False
    is_essential: bool = False
