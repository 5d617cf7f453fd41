import re

_SECRET = re.compile(r"password|^(again|code)$")


def is_secret(name: str) -> bool:
    """Whether a field of this name takes a password or a code, which is neither kept, shown again nor changed."""
    return bool(_SECRET.search(name))
