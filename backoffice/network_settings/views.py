"""The settings of one network, part by part."""

from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.text import get_text_list
from django.views import View

from backoffice.network_settings.parts import PARTS, PartOfSettings, form_of_part
from backoffice.responses import not_found, perform, render_page
from referrals import accounts
from referrals.access import changeable_by
from referrals.models import Network, User
from referrals.refusals import AlreadyDone


class SettingsView(View):
    def dispatch(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.network = changeable_by(request.user, Network).select_related("area").filter(pk=pk).first()
        return not_found(request) if self.network is None else super().dispatch(request)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(request)

    @transaction.atomic
    def post(self, request: HttpRequest) -> HttpResponse:
        part = next((part for part in PARTS if part.key == request.POST.get("part")), None)
        Network.objects.select_for_update(no_key=True).filter(pk=self.network.pk).first()
        stored = changeable_by(request.user, Network).filter(pk=self.network.pk).first()
        if part is None or stored is None:  # no longer, if this had to wait for the lock
            return not_found(request)
        form = form_of_part(part, stored, request.user, request.POST)
        if not form.is_valid():
            return self._show(request, form, part)
        perform(
            request,
            lambda: _save_part(form, part, request.user),
            lambda saved: f"{part.title}: {saved} saved." if saved != part.title.lower() else f"{part.title} saved.",
        )
        return HttpResponseRedirect(f"{request.path}#{part.key}")

    def _show(
        self, request: HttpRequest, refused: ModelForm | None = None, at: PartOfSettings | None = None
    ) -> HttpResponse:
        # The refused form has written what it was sent into its own copy of the network.
        forms = [(part, refused if part is at else form_of_part(part, self.network, request.user)) for part in PARTS]
        return render_page(
            request,
            "backoffice/network_settings/parts.html",
            title="The network",
            network=self.network,
            parts=forms,
            refused=at,
        )


def _save_part(form: ModelForm, part: PartOfSettings, actor: User) -> str:
    """Save what was changed, and return in words what that is. Expects the network to be locked."""
    network, changed = form.instance, form.changed_data
    if not changed:
        raise AlreadyDone("This is how it was: nothing has changed.")
    linked = None
    if "linked_networks" in changed:
        unseen = network.linked_networks.exclude(pk__in=form.fields["linked_networks"].queryset.values("pk"))
        linked = [*form.cleaned_data["linked_networks"], *unseen]
    accounts.save_network(
        network, actor=actor, fields=[name for name in changed if name != "linked_networks"], linked=linked
    )
    if linked is not None:
        network.linked_networks.set(linked)
    words = get_text_list([str(form.fields[name].label).lower() for name in changed], "and")
    LogEntry.objects.log_actions(actor.pk, [network], CHANGE, f"{part.title}: {words}.")
    return words
