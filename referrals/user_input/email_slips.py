"""Slips in the domain of an e-mail address, which nobody hears of: the message goes to a stranger, or nowhere."""

# Where people in Britain have their own mail. A domain that is itself listed is never a slip for another. Those shorter
# than these, such as me.com, are one letter away from many that exist.
_DOMAINS = (
    "gmail.com",
    "mail.com",
    "email.com",
    "googlemail.com",
    "hotmail.com",
    "hotmail.co.uk",
    "outlook.com",
    "live.co.uk",
    "live.com",
    "yahoo.com",
    "yahoo.co.uk",
    "ymail.com",
    "icloud.com",
    "btinternet.com",
    "virginmedia.com",
    "ntlworld.com",
    "blueyonder.co.uk",
    "talktalk.net",
    "tiscali.co.uk",
    "protonmail.com",
    "proton.me",
)


def likely_address(address: str) -> str:
    """Return the address with the domain that was probably meant ("a@gmial.com"); "" where it looks right.

    One letter too many, missing, wrong or swapped with its neighbour; or .con for .com and the like.
    """
    name, _, domain = address.strip().lower().rpartition("@")
    if not name or domain in _DOMAINS:
        return ""
    meant = next((known for known in _DOMAINS if _is_one_slip(domain, known)), "")
    return f"{name}@{meant}" if meant else ""


def _is_one_slip(typed: str, known: str) -> bool:
    if abs(len(typed) - len(known)) > 1:
        return False
    start = next((at for at, (one, other) in enumerate(zip(typed, known, strict=False)) if one != other), len(known))
    rest, meant = typed[start:], known[start:]
    return (
        rest[1:] == meant[1:]  # one wrong, or one more or less at the end
        or rest == meant[1:]
        or rest[1:] == meant
        or (rest[:2] == meant[1::-1] and rest[2:] == meant[2:])
    )
