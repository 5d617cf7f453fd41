_TITLES = {"mr", "mrs", "ms", "miss", "mx", "dr", "rev", "sir", "lady", "prof"}


def short_name(name: str) -> str:
    """Return the first name, or "Mrs Okafor" when the name starts with a title."""
    first, *rest = name.split() or ["them"]
    if rest and first.rstrip(".").lower() in _TITLES:
        return f"{first} {rest[-1]}"
    return first
