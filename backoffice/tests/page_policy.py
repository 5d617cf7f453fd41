"""What a page's own policy would refuse, read from its markup: what scripts add to it only a browser sees."""

import hashlib
import re
from base64 import b64encode
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpResponse

OWN_HOSTS = {"", "testserver", urlsplit(settings.PUBLIC_URL).hostname}
SCRIPT_KINDS = {"", "module", "text/javascript", "application/javascript", "importmap", "speculationrules"}
# An attribute's value never holds a bare ">": Django escapes it.
INLINE = re.compile(r"<(script|style)\b([^>]*)>(.*?)</\1\s*>", re.DOTALL | re.IGNORECASE)
STYLED = re.compile(r"<[a-z][^>]*\sstyle\s*=[^>]*>", re.IGNORECASE)
HANDLER = re.compile(r"<[a-z][^>]*\s(on[a-z]+)\s*=\s*([\"'])(.*?)\2[^>]*>", re.DOTALL | re.IGNORECASE)
FETCHED = re.compile(
    r"<(?:script|img|iframe|source|embed|object|video|audio|form|button|input|link(?=[^>]*rel=.(?:stylesheet|icon|preload)))"
    r"\b[^>]*\s(?:src|srcset|href|data|action|formaction)\s*=\s*[\"']([^\"']+)",
    re.IGNORECASE,
)
FORBIDDEN = re.compile(r"<base\b[^>]*>|<[a-z][^>]*=\s*[\"']?\s*javascript:[^>]*>", re.IGNORECASE)


def refused_markup(response: HttpResponse) -> list[str]:
    """Return what a browser would refuse of an HTML page; a page that brings no policy is refused as a whole."""
    if not response.headers.get("Content-Type", "").startswith("text/html"):
        return []
    if "Content-Security-Policy" not in response.headers:
        return ["no policy"]
    policy = _directives(response)
    html = response.getvalue().decode(errors="replace")
    refused = [found[0] for found in FORBIDDEN.finditer(html)]
    for tag, attributes, content in INLINE.findall(html):
        if not _is_allowed_inline(tag.lower(), attributes, content, policy):
            refused.append(f"<{tag}{attributes}> {content[:80]}")
    refused += [] if _allows(policy, "style-src-attr") else [found[0][:150] for found in STYLED.finditer(html)]
    for found in HANDLER.finditer(html):
        if not _allows(policy, "script-src-attr", found[3]):
            refused.append(found[0][:150])
    return refused + [address for address in FETCHED.findall(html) if not _is_own(address)]


def _directives(response: HttpResponse) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in response.headers["Content-Security-Policy"].split(";"))
    return {name: sources for name, _, sources in parts}


def _is_allowed_inline(tag: str, attributes: str, content: str, policy: dict[str, str]) -> bool:
    kind = re.search(r"\btype\s*=\s*[\"']?([^\"'\s>]*)", attributes)
    if tag == "script" and (re.search(r"\bsrc\s*=", attributes) or (kind and kind[1] not in SCRIPT_KINDS)):
        return True  # of another file, or data
    nonce = re.search(r"\bnonce\s*=\s*[\"']([^\"']+)", attributes)
    directive = f"{tag}-src-elem"
    return _allows(policy, directive, content) or bool(nonce and f"'nonce-{nonce[1]}'" in _sources(policy, directive))


def _allows(policy: dict[str, str], directive: str, content: str = "") -> bool:
    sources = _sources(policy, directive)
    digest = b64encode(hashlib.sha256(content.encode()).digest()).decode()
    return "'unsafe-inline'" in sources or f"'sha256-{digest}'" in sources


def _sources(policy: dict[str, str], directive: str) -> str:
    """As a browser does, fall back on the directive that is less exact, and on the default."""
    names = (directive, directive.rpartition("-")[0], "default-src")
    return next((policy[name] for name in names if name in policy), "")


def _is_own(address: str) -> bool:
    return all(
        one.startswith(("data:", "blob:")) or urlsplit(one).hostname in {*OWN_HOSTS, None}
        for one in address.split(", ")
    )
