"""How organisations are ranked in a network: what counts, and what it would change, before it is saved."""

from collections.abc import Mapping

from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views import View

from backoffice.responses import not_found, perform, render_page
from backoffice.suggestions.forms import WeightsForm
from backoffice.suggestions.wording import describe_changes, describe_effect
from referrals import accounts
from referrals.access import can_coordinate, changeable_by
from referrals.enums import Importance
from referrals.models import Network, User
from referrals.models.networks import DEFAULT_WEIGHTS
from referrals.network.weights_effect import WeightsEffect, measure_effect
from referrals.refusals import AlreadyDone


class WeightsView(View):
    network: Network

    def dispatch(self, request: HttpRequest, pk: int) -> HttpResponse:
        network = changeable_by(request.user, Network).filter(pk=pk).first()
        if network is None:
            return not_found(request)
        self.network = network
        return super().dispatch(request)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(request, WeightsForm(network=self.network))

    def post(self, request: HttpRequest) -> HttpResponse:
        if "defaults" in request.POST:
            form = WeightsForm(network=self.network, weights=DEFAULT_WEIGHTS)
            return self._show(request, form, measure_effect(self.network, DEFAULT_WEIGHTS), proposes_defaults=True)
        form = WeightsForm(request.POST, network=self.network)
        if "effect" in request.POST:
            effect = measure_effect(self.network, form.weights) if form.is_valid() else None
            return self._show(request, form, effect)
        return self._save(request, form)

    @transaction.atomic
    def _save(self, request: HttpRequest, form: WeightsForm) -> HttpResponse:
        stored = Network.objects.select_for_update(no_key=True).get(pk=self.network.pk)
        if not can_coordinate(request.user, stored.pk):  # no longer, if this had to wait for the lock
            return not_found(request)
        if form.is_valid():
            form.refuse_older_version(stored)
        if not form.is_valid():
            return self._show(request, form)
        perform(
            request,
            lambda: _change_weights(stored, form.weights, request.user),
            lambda changes: f"Saved: {changes}. This is how organisations are ranked from now on.",
        )
        return HttpResponseRedirect(request.path)

    def _show(
        self, request: HttpRequest, form: WeightsForm, effect: WeightsEffect | None = None, **context: object
    ) -> HttpResponse:
        context |= {
            "title": "Who is suggested",
            "network": self.network,
            "form": form,
            "effect": list(describe_effect(effect)) if effect else [],
            "importance": Importance.choices,
        }
        if request.htmx:
            return render(request, "backoffice/suggestions/effect.html", context)
        return render_page(request, "backoffice/suggestions/weights.html", **context)


def _change_weights(network: Network, weights: Mapping[str, int], actor: User) -> str:
    """Save them and return in words what is different. Expects the network to be locked."""
    changes = describe_changes(network.weights, weights)
    if not changes:
        raise AlreadyDone("This is how it was: nothing has changed.")
    for name, weight in weights.items():
        setattr(network, name, weight)
    accounts.save_network(network, actor=actor, fields=weights)
    LogEntry.objects.log_actions(actor.pk, [network], CHANGE, f"What counts in suggestions: {changes}.")
    return changes
