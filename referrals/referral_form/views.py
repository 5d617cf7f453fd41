"""The form's views: every step is a POST to the same address."""

from typing import Any
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from referrals.client_address import client_address
from referrals.rate_limits import TooMany
from referrals.referral_form import context
from referrals.referral_form.entry import FormEntry, open_by_link, open_by_network
from referrals.referral_form.errors import FormUnavailable
from referrals.referral_form.fields import StepForm
from referrals.referral_form.forms import ConsentForm
from referrals.referral_form.pages import public_page, render_page
from referrals.referral_form.preferred_service import preferred_id_from
from referrals.referral_form.progress import sent_url
from referrals.referral_form.signed_state import State, unpack
from referrals.referral_form.steps import STEPS, find_step
from referrals.referral_form.wizard import StepInvalid, Wizard
from referrals.refusals import Refusal
from referrals.workflow import Sender, get_or_submit, is_what_was_sent


@public_page
def form_by_network(request: HttpRequest, *, network: str) -> HttpResponse:
    return _form(request, open_by_network(request, network))


@public_page
def form_by_link(request: HttpRequest, *, token: str) -> HttpResponse:
    return _form(request, open_by_link(request, token))


def _check_origin(request: HttpRequest, entry: FormEntry) -> None:
    """Refuse what a browser says was sent from another site: the page then asks to send it from ours.

    A request without either header passes: the state is signed anyway. So does "null" from a form that may be framed,
    since a sandbox hides the origin: see docs/decisions/0049.
    """
    sender = request.headers.get("Origin") or request.headers.get("Referer")
    own = f"{request.scheme}://{request.get_host()}"
    if not sender or (sender == "null" and entry.framing_origins):
        return
    if not any(sender == origin or sender.startswith(f"{origin}/") for origin in [own, *settings.CSRF_TRUSTED_ORIGINS]):
        raise FormUnavailable("elsewhere", 403, entry=entry)


def _form(request: HttpRequest, entry: FormEntry) -> HttpResponse:
    if request.method != "POST":
        wizard = Wizard(entry, State(preferred=preferred_id_from(request, entry.network)))
        wizard.check_is_open()
        return _show(request, wizard)
    _check_origin(request, entry)
    wizard = Wizard(entry, unpack(request.POST.get("state", ""), entry))
    wizard.keep(request.POST)
    # What is agreed to is what the page of consent shows, and not what another page has gathered since.
    if wizard.state.step != "consent" and (newest := request.POST.get("newest")):
        wizard.state.inherit(unpack(newest, entry))
    if wizard.state.is_old:
        wizard.go_to(STEPS[0])
        return _show(request, wizard)
    try:
        wizard.check_earlier_steps()
        return _do_action(request, wizard)
    except StepInvalid as invalid:
        wizard.go_to(invalid.step)
        return _show(request, wizard, invalid.form)


def _do_action(request: HttpRequest, wizard: Wizard) -> HttpResponse:
    """Only Continue validates what was typed."""
    state = wizard.state
    action, __, target = request.POST.get("action", "").partition(":")
    match action:
        case "back" if wizard.step.previous:
            wizard.go_to(wizard.step.previous)
        case "change" if target in {step.key for step in STEPS[: wizard.step.number]}:
            wizard.go_to(find_step(target))
        case "add" | "remove" | "restore":
            state.change_list(action, target)
        case "find" if state.step == "suggestions":
            state.passed |= {caution.mark for caution in wizard.form().find_cautions()}
        case "need" if target in {str(category.pk) for category in wizard.needs_form.proposed}:
            state.typed["needs"].setdefault("needs", []).append(target)
            wizard = Wizard(wizard.entry, state)
        case "language" if target == "contacts":
            return _show_contacts(request, wizard)
        case "look" | "language":
            pass
        case "renew":
            state.key = uuid4()
        case _:
            return _advance(request, wizard)
    return _show(request, wizard)


def _advance(request: HttpRequest, wizard: Wizard) -> HttpResponse:
    """Go to the next step, or show this one again with errors, new questions or cautions."""
    form = wizard.bound_form()
    if not form.is_valid():
        return _show(request, wizard, form)
    has_cautions = form.show_cautions(wizard.state.passed)
    if has_cautions or form.asks_more:
        return _show(request, wizard, form)
    wizard.mark_finished(form)
    if isinstance(form, ConsentForm):
        return _submit(request, wizard, form) if form.is_agreed else _show_contacts(request, wizard)
    wizard.go_to(wizard.step.next)
    return _show(request, wizard)


def _submit(request: HttpRequest, wizard: Wizard, form: ConsentForm) -> HttpResponse:
    """Store the referral and redirect to its page. A form sent twice redirects to the same page."""
    if not wizard.wordings_exist():
        form.add_error(None, _("What you are asked to agree to has been rewritten. Please read it again."))
        return _show(request, wizard, form)
    try:
        with translation.override(settings.LANGUAGE_CODE):  # what organisations read, and what is kept, is in English
            submission = wizard.submission()
            referral, is_new = get_or_submit(submission, sender=Sender(client_address(request)))
    except TooMany as refusal:
        return _show_too_many(request, wizard, form, refusal)
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return _show(request, wizard, form)
    url = sent_url(referral, embedded=wizard.entry.embedded, language=wizard.entry.language)
    if not is_new and not is_what_was_sent(referral, submission):
        # The form may have been sent before, then changed in another tab or after going back.
        page = {"sent_url": url, "reference": referral.reference, "who": wizard.who}
        page["is_self"] = wizard.source.is_self
        page["state"] = wizard.state.pack(wizard.entry)
        return render_page(request, wizard.entry, "referral_form/sent_before.html", page, status=409)
    return HttpResponseRedirect(url)


def _show_too_many(request: HttpRequest, wizard: Wizard, form: ConsentForm, refusal: TooMany) -> HttpResponse:
    """Show the last step as it was filled in, with when to send it and whom to ring meanwhile."""
    page = {"try_again_at": refusal.until, "networks": wizard.asked_networks, **context.contacts_context(wizard)}
    response = _show(request, wizard, form, status=429, **page)
    response["Retry-After"] = str(max(1, round((refusal.until - timezone.now()).total_seconds())))
    return response


def _show_contacts(request: HttpRequest, wizard: Wizard) -> HttpResponse:
    page = context.contacts_context(wizard) | {"state": wizard.state.pack(wizard.entry)}
    page["language_action"] = "language:contacts"
    return render_page(request, wizard.entry, "referral_form/contacts.html", page)


def _show(
    request: HttpRequest, wizard: Wizard, form: StepForm | None = None, *, status: int = 200, **more: Any
) -> HttpResponse:
    page = more | context.page_context(wizard, form or wizard.form())
    # Packed last: building the context records in the state what the page shows.
    page["state"] = wizard.state.pack(wizard.entry)
    return render_page(request, wizard.entry, wizard.step.template, page, status)
