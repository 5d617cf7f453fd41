"""The pages of services and organisations. They are the same for everybody, so they read no session and no cookie."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from directory_site.addresses import (
    correction_path,
    organisation_path,
    refer_path,
    send_path,
    service_path,
    short_service_path,
)
from directory_site.blocks.link_targets import LinkTarget
from directory_site.caching.page_cache import cacheable
from directory_site.details.organisation import OrganisationPage, find_organisation, paginate_services
from directory_site.details.qr_code import qr_code
from directory_site.details.related import related_to
from directory_site.details.service import ServicePage, find_service, make_service_page
from directory_site.languages import home_path
from directory_site.models.sites import PublicSite
from directory_site.search.categories import has_sensitive
from directory_site.seo import linked_data
from directory_site.seo.meta import PageMeta, absolute
from directory_site.service_cards import cards_with_paths
from referrals.models import Service
from referrals.view_access import public_site

DESCRIPTION_LENGTH = 160  # characters; search engines show no more


@public_site
@cacheable
@require_safe
def service(request: HttpRequest, number: int, words: str = "") -> HttpResponse:
    """Only the number in the URL counts: an old name redirects to the current one."""
    site = PublicSite.for_request_or_404(request)
    found = find_service(site, number)
    if found is None:
        raise Http404
    path = service_path(found)
    if request.path != path:
        return _redirect_to_current_name(request, path)
    details = make_service_page(found, now=timezone.now())
    short_address = absolute(request, short_service_path(found))
    context = {
        "head": _meta(request, details, path),
        "details": details,
        "card": details.card,
        "trail": [
            LinkTarget(_("Home"), home_path()),
            LinkTarget(details.card.organisation, organisation_path(found.organisation)),
        ],
        "organisation_path": organisation_path(found.organisation),
        "send_path": send_path(found),
        "correction_path": correction_path(found),
        "refer_path": refer_path(found) if details.takes_referrals else "",
        "network": found.network,
        "is_sensitive": has_sensitive(request, site.shown_services.filter(pk=found.pk)),
        "related": related_to(site, found),
        "linked_data": _linked_data_of_service(request, found, details, path),
        "short_address": short_address.partition("://")[2],
        "qr_code": qr_code(short_address),
    }
    return render(request, "directory_site/service.html", context)


@public_site
@cacheable(reads_query=True)
@require_safe
def organisation(request: HttpRequest, number: int, words: str = "") -> HttpResponse:
    site = PublicSite.for_request_or_404(request)
    found = find_organisation(site, number)
    if found is None:
        raise Http404
    path = organisation_path(found)
    if request.path != path:
        return _redirect_to_current_name(request, path)
    page_obj = paginate_services(site, found, request.GET.get("page"))
    details = OrganisationPage.of(found)
    canonical_path = path if page_obj.number == 1 else f"{path}?page={page_obj.number}"
    context = {
        "head": PageMeta(title=details.name, path=canonical_path, description=_shorten(details.plain)),
        "details": details,
        "trail": [LinkTarget(_("Home"), home_path())],
        "is_sensitive": has_sensitive(request, site.shown_services.filter(organisation=found)),
        "page_obj": page_obj,
        "services": cards_with_paths(page_obj.object_list, now=timezone.now()),
        "linked_data": _linked_data_of_organisation(request, details, path),
    }
    return render(request, "directory_site/organisation.html", context)


def _redirect_to_current_name(request: HttpRequest, path: str) -> HttpResponse:
    """Let no browser cache it: when a name is changed and changed back, two cached redirects would lead in a circle."""
    query = request.META.get("QUERY_STRING", "")
    return HttpResponsePermanentRedirect(f"{path}?{query}" if query else path, headers={"Cache-Control": "no-cache"})


def _meta(request: HttpRequest, details: ServicePage, path: str) -> PageMeta:
    card = details.card
    title = _("%(activity)s, %(organisation)s") % {"activity": card.activity, "organisation": card.organisation}
    picture = absolute(request, card.picture.address) if card.picture else ""
    return PageMeta(title=title, path=path, description=_description(details), picture=picture)


def _description(details: ServicePage) -> str:
    card = details.card
    if details.plain:
        return _shorten(details.plain)
    # Without a summary or a description, the facts have to do.
    facts = {
        "activity": card.activity,
        "organisation": card.organisation,
        "whom": card.for_whom or _("everyone"),
        "area": card.serves,
    }
    return _("%(activity)s by %(organisation)s. For: %(whom)s. Area served: %(area)s.") % facts


def _shorten(words: str) -> str:
    return words if len(words) <= DESCRIPTION_LENGTH else f"{words[:DESCRIPTION_LENGTH].rpartition(' ')[0]} …"


def _linked_data_of_service(request: HttpRequest, found: Service, details: ServicePage, path: str) -> str:
    card, address = details.card, absolute(request, path)
    home, provider_address = absolute(request, home_path()), absolute(request, organisation_path(found.organisation))
    node = linked_data.service(
        card,
        details.timetable,
        address=address,
        description=details.plain,
        provider=linked_data.organisation(card.organisation, provider_address),
        picture=absolute(request, card.picture.address) if card.picture else "",
        area=details.area,
        categories=details.categories,
    )
    steps = [(_("Home"), home), (card.organisation, provider_address), (card.activity, address)]
    return linked_data.as_script_content(node, linked_data.breadcrumbs(*steps))


def _linked_data_of_organisation(request: HttpRequest, details: OrganisationPage, path: str) -> str:
    address = absolute(request, path)
    node = linked_data.organisation(
        details.name,
        address,
        description=details.plain,
        **linked_data.contact_facts(details.contacts),
        areaServed=[{"@type": "AdministrativeArea", "name": area} for area in details.areas],
    )
    steps = [(_("Home"), absolute(request, home_path())), (details.name, address)]
    return linked_data.as_script_content(node, linked_data.breadcrumbs(*steps))
