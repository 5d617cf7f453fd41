"""The example of a proxy in docs/operations.md logs no address that opens something by itself."""

import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.urls import URLResolver, get_resolver

EXAMPLE = (Path(settings.BASE_DIR) / "docs" / "operations.md").read_text(encoding="utf-8")


def routes(resolver: URLResolver, start: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        here = start + str(pattern.pattern).lstrip("^")
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, here)
        else:
            yield here


def test_secrets_in_paths_are_left_out():
    hidden = re.compile(re.search(r"~(\^\(\?<kept>\S+) ", EXAMPLE)[1].replace("?<", "?P<"))
    with_secrets = [f"/{route}" for route in dict.fromkeys(routes(get_resolver())) if "token>" in route]
    assert len(with_secrets) > 3
    assert [route for route in with_secrets if not hidden.match(route)] == []
    assert [match[1] for route in with_secrets if "<" in (match := hidden.match(route))[1]] == []


def test_the_log_has_neither_query_strings_nor_the_page_before():
    logged = re.search(r"log_format \w+ (.+);", EXAMPLE)[1]
    assert not re.search(r"\$(request\b(?!_)|request_uri|args|query_string|http_referer|arg_|cookie)", logged)
    assert "access_log /var/log/nginx/access.log no_personal_data;" in EXAMPLE
