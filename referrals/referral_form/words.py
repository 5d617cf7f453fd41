# What stands before a name without being one.
_TITLES = {"mr", "mrs", "ms", "miss", "mx", "dr", "rev", "sir", "lady", "prof", "old", "young", "little", "big"}


def short_name(name: str) -> str:
    """Return the first name, or "Mrs Okafor" when the name starts with a title, "Old Tom" with such a word."""
    first, *rest = name.split() or ["them"]
    if rest and first.rstrip(".").lower() in _TITLES:
        return f"{first} {rest[-1]}"
    return first
