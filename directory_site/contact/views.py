"""The forms to suggest a correction and to write to a network's coordinators."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from directory_site.blocks.link_targets import LinkTarget
from directory_site.blocks.urgent import standard_lines
from directory_site.contact.context import find_service, form_page, service_context, show_too_many
from directory_site.contact.forms import CorrectionForm, QuestionForm
from directory_site.languages import home_path
from directory_site.models.pages import ContactPage
from directory_site.models.sites import PublicSite
from directory_site.translations import address_of, in_active_language, language_of
from referrals.client_address import client_address
from referrals.rate_limits import TooMany
from referrals.visitor_messages.public_messages import ask_network, suggest_correction


@form_page
def correction(request: HttpRequest, *, pk: int, slug: str) -> HttpResponse:
    template = "directory_site/contact/correction.html"
    service = find_service(request, pk)
    form = CorrectionForm(request.POST or None)
    context = {"form": form, **service_context(request, service)}
    if not form.is_valid():
        return render(request, template, context)
    answers = {name: form.cleaned_data[name] for name in ("key", "wrong", "text", "name", "contact")}
    try:
        suggest_correction(service, client=client_address(request), **answers)
    except TooMany as refusal:
        return show_too_many(request, template, refusal, context)
    return redirect("public_correction_thanks", pk=pk, slug=slug)


@form_page
def correction_thanks(request: HttpRequest, *, pk: int, slug: str) -> HttpResponse:
    service = find_service(request, pk)
    return render(request, "directory_site/contact/correction_thanks.html", service_context(request, service))


@form_page
def message(request: HttpRequest) -> HttpResponse:
    template = "directory_site/contact/message.html"
    networks = PublicSite.for_request_or_404(request).shown_networks
    if not networks:
        raise Http404
    form = QuestionForm(request.POST or None, networks=networks)
    context = {"form": form, "networks": networks, "back": _link_back(request)}
    if not form.is_valid():
        return render(request, template, context)
    answers = {name: form.cleaned_data[name] for name in ("key", "text", "name", "contact")}
    try:
        ask_network(form.chosen, client=client_address(request), **answers)
    except TooMany as refusal:
        return show_too_many(request, template, refusal, context)
    return redirect("public_message_thanks")


def _link_back(request: HttpRequest) -> LinkTarget:
    site = PublicSite.for_request_or_404(request)
    page = ContactPage.of_site(request) or in_active_language(site.site.root_page, request)
    return LinkTarget(page.title, address_of(page, request) or home_path(), language=language_of(page, request))


@form_page
def message_thanks(request: HttpRequest) -> HttpResponse:
    lines = PublicSite.for_request_or_404(request).urgent_lines or standard_lines()
    return render(request, "directory_site/contact/message_thanks.html", {"urgent_lines": lines})
