"""The page of needs on a network's draft, to be tried. Nothing about anybody is asked, sent on or stored."""

from dataclasses import dataclass
from functools import cached_property

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from referrals.models import Network
from referrals.project_functions import project_function
from referrals.questions import FlowChart
from referrals.questions.draft import load_draft
from referrals.questions.trying import read_token
from referrals.questions.versions import with_categories
from referrals.referral_form import context
from referrals.referral_form.addresses import page_query
from referrals.referral_form.entry import FormEntry, speak_language
from referrals.referral_form.errors import FormUnavailable
from referrals.referral_form.needs_form import NeedsForm
from referrals.referral_form.pages import public_page, render_page
from referrals.referral_form.person_form import Source
from referrals.referral_form.postcode_place import PostcodePlace
from referrals.referral_form.signed_state import State, unpack
from referrals.referral_form.wizard import Wizard
from referrals.translations import translate_field
from referrals.words import join_in_words


@dataclass(frozen=True, slots=True)
class TryEntry(FormEntry):
    token: str = ""

    @property
    def own_page_url(self) -> str:
        return reverse("referral_form_try", args=[self.token]) + page_query(language=self.language)

    @property
    def salt(self) -> str:
        return f"referrals.try_draft:{self.network.pk}"


class TryWizard(Wizard):
    """Knows only the page of needs: of nobody in particular, nowhere in particular, in this network alone."""

    @property
    def chosen_networks(self) -> list[Network]:
        return [self.network]

    @cached_property
    def source(self) -> Source:
        return Source()

    @property
    def first_name(self) -> str:
        return _("the person")

    @property
    def place(self) -> PostcodePlace:
        return PostcodePlace(self.network)

    @cached_property
    def chart(self) -> FlowChart:
        return with_categories(load_draft(self.network.pk), self.categories)


@public_page
def try_draft(request: HttpRequest, *, token: str) -> HttpResponse:
    network = Network.objects.select_related("area").defer("area__boundary").filter(pk=read_token(token)).first()
    if network is None:
        raise FormUnavailable("unknown", 404)
    entry = TryEntry(network, language=speak_language(request, network), token=token)
    state = unpack(request.POST.get("state", ""), entry) if request.method == "POST" else State(step="needs")
    wizard = TryWizard(entry, state)
    if request.method != "POST":
        return _show(request, wizard, wizard.form())
    wizard.keep(request.POST)
    if request.POST.get("action") in {"look", "language"}:  # all else continues, as in the form itself
        return _show(request, wizard, wizard.form())
    form = wizard.bound_form()
    if not form.is_valid() or form.show_cautions(state.passed) or form.asks_more:
        return _show(request, wizard, form)
    return _show_outcome(request, wizard, form)


def _show(request: HttpRequest, wizard: TryWizard, form: NeedsForm) -> HttpResponse:
    page = context.page_context(wizard, form) | {"is_trial": True}
    page["state"] = wizard.state.pack(wizard.entry)
    return render_page(request, wizard.entry, wizard.step.template, page)


def _show_outcome(request: HttpRequest, wizard: TryWizard, form: NeedsForm) -> HttpResponse:
    wizard.mark_finished(form)
    page = {
        "is_trial": True,
        "answers": form.answers(),
        "needs": wizard.needs,
        "is_urgent": form.evaluation.is_urgent,
        "urgent_needs": join_in_words(
            [translate_field(need, "name") for need in wizard.needs if need.pk in wizard.urgent_need_ids]
        ),
        "example_url": _example_url(wizard, form),
        "state": wizard.state.pack(wizard.entry),
    }
    return render_page(request, wizard.entry, "referral_form/tried.html", page)


def _example_url(wizard: TryWizard, form: NeedsForm) -> str:
    """Return where a coordinator saves these answers as an example; nothing without answers that were chosen."""
    find_page = project_function("EXAMPLE_PAGE")
    options = [key for answer in form.answers() for key in answer.option_ids]
    if find_page is None or not options:
        return ""
    needs = sorted(form.evaluation.needs)
    return find_page(wizard.network.pk, options, needs, is_urgent=form.evaluation.is_urgent)
