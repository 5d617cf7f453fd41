"""Which network's figures are shown, and whether exactly. Anybody else gets a 404."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from backoffice.responses import not_found, render_page
from backoffice.user_context import get_user_context
from referrals.models import Network
from referrals.network.figures import NotPublished, sees_exact_figures

NETWORK = "network"  # the parameter that chooses one of several


@dataclass(frozen=True, slots=True)
class NetworkChoice:
    """`networks` are those that the user can choose from; `network` is the chosen one."""

    network: Network
    networks: list[Network]
    is_exact: bool

    @property
    def query(self) -> dict[str, object]:
        """The parameters that keep a link within the chosen network."""
        return {NETWORK: self.network.pk} if len(self.networks) > 1 else {}


def choose_network(request: HttpRequest) -> NetworkChoice | None:
    """Return the network that the address names, or the first; None if it has no figures for the user."""
    user_context = get_user_context(request)
    every = Network.objects.order_by("name", "pk")
    networks = list(every) if user_context.runs_all_networks else user_context.overseen
    chosen = request.GET.get(NETWORK)
    found = [one for one in networks if chosen is None or str(one.pk) == chosen]
    return NetworkChoice(found[0], networks, sees_exact_figures(request.user, found[0])) if found else None


View = Callable[..., HttpResponse]


def figures_view(*allowed: str) -> Callable[[View], View]:
    """Call the view with its NetworkChoice. From commissioners, other parameters than `allowed` get a 400."""

    def decorate(view: View) -> View:
        @require_safe
        @wraps(view)
        def with_choice(request: HttpRequest, **arguments: object) -> HttpResponse:
            choice = choose_network(request)
            if choice is None:
                return not_found(request)
            try:
                if not choice.is_exact:
                    _refuse_others(request, {*allowed, NETWORK})
                return view(request, choice, **arguments)
            except NotPublished as refusal:
                return render_page(
                    request,
                    "backoffice/figures/refused.html",
                    status=400,
                    title="No such figures",
                    reason=str(refusal),
                    choice=choice,
                )

        return with_choice

    return decorate


def _refuse_others(request: HttpRequest, allowed: set[str]) -> None:
    if any(name not in allowed or len(values) > 1 for name, values in request.GET.lists()):
        raise NotPublished(
            "Commissioners see a fixed set of tables for fixed periods. These cannot be filtered, because figures "
            "about smaller and smaller groups could identify people."
        )
