"""Referral references: seven random characters and a check character, none easily confused with another."""

import secrets

# Without 0 O Q, 1 I L, 2 Z, 5 S, 8 B, and U, which looks like V. 23 is prime, so the check finds every single wrong
# character and every swap of two (a weighted sum modulo a prime, as in ISBN-10).
ALPHABET = "34679ACDEFGHJKMNPRTVWXY"


def _check_character(payload: str) -> str:
    total = sum(weight * ALPHABET.index(character) for weight, character in enumerate(payload, start=2))
    return ALPHABET[-total % len(ALPHABET)]


def new_reference() -> str:
    """Return a reference such as "K4P7-3NMV". 23 ** 7 = 3.4 thousand million of them."""
    payload = "".join(secrets.choice(ALPHABET) for _ in range(7))
    whole = payload + _check_character(payload)
    return f"{whole[:4]}-{whole[4:]}"


def parse_reference(text: str) -> str | None:
    """Return the reference as stored, however it was typed, or None when a character must be wrong."""
    compact = "".join(character for character in text.upper() if character.isalnum())
    if len(compact) != 8 or any(character not in ALPHABET for character in compact):
        return None
    return f"{compact[:4]}-{compact[4:]}" if _check_character(compact[:7]) == compact[7] else None
