"""In which languages a network offers its form, and which of them a page is in. See docs/decisions/0055."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation.trans_real import parse_accept_lang_header

from referrals.models import Network


@dataclass(frozen=True, slots=True)
class LanguageChoice:
    """`address` is that of the same page in this language, `name` the language's own name for itself."""

    code: str
    name: str
    address: str

    @property
    def is_current(self) -> bool:
        return self.code == get_language()


def offered_languages(network: Network | None) -> list[tuple[str, str]]:
    """Return code and native name, English first. Without a network, every language that there is."""
    return [
        (code, name)
        for code, name in settings.LANGUAGES
        if code == settings.LANGUAGE_CODE or network is None or code in network.form_languages
    ]


def language_in_address(request: HttpRequest, network: Network | None = None) -> str:
    """Return the code in the address, "" for none or one that is not offered."""
    return _find(request.GET.get("lang", ""), offered_languages(network))


def choose_language(request: HttpRequest, network: Network | None = None) -> str:
    """Return the code in the address, else what the browser prefers among those offered, else English."""
    if asked := language_in_address(request, network):
        return asked
    offered = offered_languages(network)
    preferred = parse_accept_lang_header(request.headers.get("Accept-Language", ""))
    return next(filter(None, (_find(code, offered) for code, _ in preferred)), settings.LANGUAGE_CODE)


def _find(wanted: str, offered: Sequence[tuple[str, str]]) -> str:
    # "en" and "en-us" stand for our English, and "pl-pl" for Polish.
    main = wanted.lower().partition("-")[0]
    return next((code for code, _ in offered if main and code.partition("-")[0] == main), "")
