"""The two ways in: a network's own address, and a referral link that its coordinator made for a partner."""

import re
from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from referrals.models import ConsentWording, Network, ReferralLink
from referrals.referral_form.errors import FormUnavailable

_ORIGIN = re.compile(r"(https?://[a-z0-9.-]+(?::[0-9]+)?)(?:/|$)")  # nothing that could end the header's directive


@dataclass(frozen=True, slots=True)
class FormEntry:
    network: Network
    link: ReferralLink | None = None
    embedded: bool = False

    @property
    def url(self) -> str:
        path = self.link.get_absolute_url() if self.link else reverse("referral_form", args=[self.network.slug])
        return path + ("?embed=1" if self.embedded else "")

    @property
    def salt(self) -> str:
        """What was typed at one entry cannot be handed in at another."""
        return f"referrals.referral_form:{self.network.pk}:{self.link.pk if self.link else ''}"

    def latest_wording(self) -> ConsentWording:
        """Return what a person agrees to today; without one the form is not open."""
        wording = self.network.consent_wordings.first()  # ordered by version, highest first
        if wording is None:
            raise FormUnavailable("not_open", 404, entry=self)
        return wording


def is_embedded(request: HttpRequest) -> bool:
    return request.GET.get("embed") == "1"


def open_by_network(request: HttpRequest, slug: str) -> FormEntry:
    network = _with_area(Network.objects.filter(slug=slug)).first()
    if network is None:
        raise FormUnavailable("unknown", 404)
    return FormEntry(network, embedded=is_embedded(request))


def open_by_link(request: HttpRequest, token: str) -> FormEntry:
    link = None if "\0" in token else ReferralLink.objects.filter(token=token).first()
    network = _with_area(Network.objects.filter(pk=link.network_id)).first() if link else None
    if link is None or network is None:
        raise FormUnavailable("unknown", 404)
    entry = FormEntry(network, link, embedded=is_embedded(request))
    if link.revoked_at:
        raise FormUnavailable("revoked", 410, entry=entry)
    return entry


def _with_area(networks: QuerySet[Network]) -> QuerySet[Network]:
    """A boundary can have thousands of corners, and most steps draw no map."""
    return networks.select_related("area").defer("area__boundary")


def embed_origins(link: ReferralLink) -> list[str]:
    """Return the origins that may frame the link's form. A line that is no plain web address is left out."""
    matches = (_ORIGIN.match(line.strip().lower()) for line in link.embed_origins.splitlines())
    return [match[1] for match in matches if match]


def allow_framing(response: HttpResponse, entry: FormEntry | None) -> None:
    """Let the link's own pages frame this response. Everybody else is refused, as on the rest of the site.

    Only this directive changes; the rest of the policy stands. X-Frame-Options cannot name an origin and is left out.
    """
    origins = embed_origins(entry.link) if entry and entry.embedded and entry.link else []
    if origins:
        response._csp_replace = {"frame-ancestors": origins}  # as django-csp's decorators do, which know no values yet
        response.xframe_options_exempt = True
