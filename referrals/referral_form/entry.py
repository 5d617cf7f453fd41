"""The two ways into the form: a network's own address, and a referral link made by its coordinators for a partner."""

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation

from referrals.models import Network, ReferralLink
from referrals.referral_form.addresses import page_query
from referrals.referral_form.asked_lists import ListReader
from referrals.referral_form.errors import FormUnavailable
from referrals.referral_form.languages import choose_language, language_in_address


@dataclass(frozen=True, slots=True)
class FormEntry:
    network: Network
    link: ReferralLink | None = None
    embedded: bool = False
    lists: ListReader = field(default_factory=ListReader)
    language: str = ""  # as the address has it; empty: English, and nobody has chosen it

    @property
    def own_page_url(self) -> str:
        path = self.link.get_absolute_url() if self.link else reverse("referral_form", args=[self.network.slug])
        return path + page_query(language=self.language)

    @property
    def url(self) -> str:
        path, _, _ = self.own_page_url.partition("?")
        return path + self.query

    @property
    def query(self) -> str:
        return page_query(embedded=self.embedded, language=self.language)

    @property
    def framing_origins(self) -> list[str]:
        """The origins of other sites that may frame the form as it is opened here."""
        return self.link.framing_origins if self.link and self.embedded else []

    @property
    def is_open(self) -> bool:
        return self.link.revoked_at is None if self.link else self.network.has_public_form

    @property
    def salt(self) -> str:
        """One salt for each entry, so that a page of one is refused at another.

        The prefix is the package's old name, so that pages open during an upgrade are still accepted.
        """
        return f"referrals.intake:{self.network.pk}:{self.link.pk if self.link else ''}"


def make_entry(
    request: HttpRequest, network: Network, link: ReferralLink | None, *, embedded: bool, **more: Any
) -> FormEntry:
    """Also make the rest of the request speak the language of the page, as `public_page` expects."""
    return FormEntry(network, link, embedded, language=speak_language(request, network), **more)


def speak_language(request: HttpRequest, network: Network) -> str:
    """Make the rest of the request speak the language of the page, and return it as `FormEntry.language` has it."""
    language = choose_language(request, network)
    translation.activate(language)
    is_chosen = language != settings.LANGUAGE_CODE or language_in_address(request, network)
    return language if is_chosen else ""


def is_embedded(request: HttpRequest) -> bool:
    return request.GET.get("embed") == "1"


def open_by_network(request: HttpRequest, slug: str) -> FormEntry:
    lists = ListReader()
    network = lists.read_network(slug=slug)
    if network is None:
        raise FormUnavailable("unknown", 404)
    entry = make_entry(request, network, None, embedded=is_embedded(request), lists=lists)
    if not entry.is_open:
        raise FormUnavailable("closed", 403, entry=entry)
    return entry


def open_by_link(request: HttpRequest, token: str) -> FormEntry:
    # PostgreSQL refuses text with a NUL in it.
    link = None if "\0" in token else ReferralLink.objects.filter(token=token).first()
    lists = ListReader()
    network = lists.read_network(pk=link.network_id) if link else None
    if link is None or network is None:
        raise FormUnavailable("unknown", 404)
    entry = make_entry(request, network, link, embedded=is_embedded(request), lists=lists)
    if not entry.is_open:
        raise FormUnavailable("revoked", 410, entry=entry)
    if request.method == "GET":  # each step after that is a POST
        ReferralLink.objects.filter(pk=link.pk).update(openings=F("openings") + 1)
    return entry


def allow_framing(response: HttpResponse, entry: FormEntry | None) -> None:
    """Let the origins that the link names frame this response.

    The rest of the content security policy is unchanged. X-Frame-Options cannot name an origin, so it is left out.
    """
    origins = entry.framing_origins if entry else []
    if origins:
        # What django-csp's decorators set: they take only values that are known at import.
        response._csp_replace = {"frame-ancestors": origins}
        response.xframe_options_exempt = True
