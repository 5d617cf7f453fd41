"""Whose figures are shown, and whether exactly. Everybody else finds no such page."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from backoffice.responses import not_found, render_page
from backoffice.user_context import get_user_context
from referrals.access import overseen_networks
from referrals.models import Network
from referrals.network.figures import NotPublished, sees_exact_figures

NETWORK = "network"  # the parameter that chooses one of several


@dataclass(frozen=True, slots=True)
class Place:
    """`networks` are those that the user can choose from; `network` is chosen."""

    network: Network
    networks: list[Network]
    is_exact: bool

    @property
    def query(self) -> dict[str, object]:
        """What links have to repeat so that they stay in the network."""
        return {NETWORK: self.network.pk} if len(self.networks) > 1 else {}


def find_place(request: HttpRequest) -> Place | None:
    """Return the network of the address or of the workplace, or the first of several; None if it is not theirs."""
    user_context = get_user_context(request)
    if user_context.runs_all_networks:
        networks = list(Network.objects.order_by("name", "pk"))
    else:
        here = [network.pk for network in user_context.networks]
        networks = list(overseen_networks(request.user).filter(pk__in=here).order_by("name", "pk"))
    chosen = request.GET.get(NETWORK)
    found = [one for one in networks if chosen is None or str(one.pk) == chosen]
    return Place(found[0], networks, sees_exact_figures(request.user, found[0])) if found else None


View = Callable[..., HttpResponse]


def figures_view(*allowed: str) -> Callable[[View], View]:
    """Call the view with its Place. Commissioners may use no others than `allowed`, each once: else 400, in words."""

    def decorate(view: View) -> View:
        @require_safe
        @wraps(view)
        def with_place(request: HttpRequest, **arguments: object) -> HttpResponse:
            place = find_place(request)
            if place is None:
                return not_found(request)
            try:
                if not place.is_exact:
                    _refuse_others(request, {*allowed, NETWORK})
                return view(request, place, **arguments)
            except NotPublished as refusal:
                return refuse(request, place, str(refusal))

        return with_place

    return decorate


def refuse(request: HttpRequest, place: Place, reason: str) -> HttpResponse:
    return render_page(
        request, "backoffice/figures/refused.html", status=400, title="No such figures", reason=reason, place=place
    )


def _refuse_others(request: HttpRequest, allowed: set[str]) -> None:
    if any(name not in allowed or len(values) > 1 for name, values in request.GET.lists()):
        raise NotPublished(
            "Commissioners see a fixed set of tables, of fixed times. They cannot be filtered further, because figures "
            "of ever smaller groups would tell about single people."
        )
