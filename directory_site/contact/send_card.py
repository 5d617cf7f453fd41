"""Sending a service's card to oneself: by e-mail, as a text message, or as a QR code."""

from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from directory_site.addresses import qr_path, service_path
from directory_site.caching.page_cache import cacheable
from directory_site.contact.context import find_service, form_page, service_context, show_too_many
from directory_site.contact.forms import SendForm
from directory_site.details.qr_code import qr_code
from directory_site.seo.meta import absolute
from referrals.client_address import client_address
from referrals.models import Service
from referrals.rate_limits import TooMany
from referrals.view_access import public_site
from referrals.visitor_messages.card_requests import ask_for_card


@form_page
def send(request: HttpRequest, *, pk: int, slug: str) -> HttpResponse:
    template = "directory_site/contact/send.html"
    service = find_service(request, pk)
    page = page_address(request, service)
    form = SendForm(request.POST or None)
    context = {"form": form, "page": page, "qr_path": qr_path(service), "sms": sms_link(service, page)}
    context |= service_context(request, service)
    if not form.is_valid():
        return render(request, template, context)
    data = form.cleaned_data
    try:
        ask_for_card(service, key=data["key"], recipient=data["email"], page=page, client=client_address(request))
    except TooMany as refusal:
        return show_too_many(request, template, refusal, context)
    return redirect("public_send_thanks", pk=pk, slug=slug)


@form_page
def send_thanks(request: HttpRequest, *, pk: int, slug: str) -> HttpResponse:
    """Do not show the e-mail address: it would have to be in the address of this page."""
    service = find_service(request, pk)
    return render(request, "directory_site/contact/send_thanks.html", service_context(request, service))


@public_site
@cacheable
@require_safe
def qr(request: HttpRequest, *, pk: int, slug: str) -> HttpResponse:
    service = find_service(request, pk)
    return HttpResponse(qr_code(page_address(request, service), is_file=True), content_type="image/svg+xml")


def page_address(request: HttpRequest, service: Service) -> str:
    return absolute(request, service_path(service))


def sms_link(service: Service, page: str) -> str:
    """Return a link that opens a text message without a recipient.

    Both Android and iOS understand `?&`: RFC 5724 has `?`, Apple reads what follows `&`.
    """
    lines = [f"{service.activity.name}, {service.organisation.name}", service.phone, page]
    return f"sms:?&body={quote(chr(10).join(line for line in lines if line))}"
