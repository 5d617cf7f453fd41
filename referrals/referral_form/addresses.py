from urllib.parse import urlencode


def page_query(*, embedded: bool = False, language: str = "") -> str:
    """Return what every page of the form passes on to the next: that it is in a frame, and its language if any."""
    parts = {"embed": "1" if embedded else "", "lang": language}
    given = {name: value for name, value in parts.items() if value}
    return f"?{urlencode(given)}" if given else ""
