"""Reads ages in what was typed: "over 60s", "my 16 year old", "elderly"."""

import re

OLDEST = 120
Ages = tuple[int, int]  # from and to, both included

_YEARS = r"(?:[\s-]*(?:years?|yrs?|y/?o|lat)(?:[\s-]*olds?)?)"
# "I'm 30 weeks pregnant", "po 17:00".
_NO_OTHER_UNIT = (
    r"(?!\s*(?:mile|mil[ei]?\b|minut|hour|godzin|day|dni\b|week|tygodn|month|miesi|pound|quid|stone|kg|kilo|degree|stopni|"
    r"złot|zł\b|am\b|pm\b|%|[:.]\d))"
)
_FROM = re.compile(
    rf"\b(?:over|above|ponad|powyżej|po)\s+(\d\d)(?:'?s|{_YEARS})?\b{_NO_OTHER_UNIT}"
    r"|\b(\d\d)(?:\s*\+|\s+(?:plus|(?:and|or)\s+(?:over|older))\b)"
)
_BELOW = re.compile(rf"\b(?:under|below|poniżej)\s+(\d\d?)(?:'?s|{_YEARS})?\b{_NO_OTHER_UNIT}")
_ONE = re.compile(
    rf"\b(\d\d?){_YEARS}\b|\b(?:i'?m|i\s+am)\s+(\d\d)\b{_NO_OTHER_UNIT}"
    rf"|\b(?:aged?|he'?s|she'?s|(?:he|she)\s+is)\s+(\d\d?)\b{_NO_OTHER_UNIT}"
)
_OLD = re.compile(
    r"\b(?:elderly|old(?:er)? (?:people|adults?|person)|pensioners?|seniors?|oaps?|seniorzy|osoby starsze|emeryt\w*)\b"
)
_YOUNG = re.compile(r"\b(?:teenagers?|teens?|nastolat\w*)\b")


def read_ages(text: str) -> tuple[Ages | None, str]:
    """Return the first ages that `text` names, and the rest of the text. Words such as "elderly" stay in it."""
    text = text.lower().replace("\u2019", "'")
    for pattern in (_FROM, _BELOW, _ONE):
        if match := pattern.search(text):
            age = int(next(filter(None, match.groups())))
            ages = {_FROM: (age, OLDEST), _BELOW: (0, max(age - 1, 0)), _ONE: (age, age)}[pattern]
            return ages, f"{text[: match.start()]} {text[match.end() :]}"
    if _OLD.search(text):
        return (65, OLDEST), text
    return ((13, 17) if _YOUNG.search(text) else None), text


def names_ages(term: str) -> bool:
    return bool(_OLD.fullmatch(term) or _YOUNG.fullmatch(term))
