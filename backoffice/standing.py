"""Who somebody is here, for the header and for what a page offers. Walls are elsewhere: these only choose words."""

from dataclasses import dataclass

from django.http import HttpRequest

from referrals.models import Network, Organisation, User
from referrals.visibility import coordinated_networks, known_networks, own_organisations


@dataclass(frozen=True, slots=True)
class Standing:
    user: User
    networks: tuple[Network, ...]
    organisations: tuple[Organisation, ...]
    coordinated: frozenset[int]

    @property
    def is_operator(self) -> bool:
        return self.user.is_superuser

    @property
    def coordinates(self) -> bool:
        return self.is_operator or bool(self.coordinated)

    @property
    def knows_referrals(self) -> bool:
        """Commissioners see figures, never a person."""
        return self.coordinates or bool(self.organisations)

    @property
    def place(self) -> str:
        """What the header is called: the network, when there is one."""
        return self.networks[0].name if len(self.networks) == 1 else "Referral Networks"

    @property
    def role(self) -> str:
        if self.organisations:
            return ", ".join(organisation.name for organisation in self.organisations)
        if self.is_operator:
            return "Operator"
        if self.coordinated:
            return "Coordinator"
        return "Commissioner" if self.networks else ""


def standing_of(request: HttpRequest) -> Standing:
    """Return it at the price of three queries, once for each request."""
    if not hasattr(request, "_standing"):
        user = request.user
        networks = Network.objects.all()[:2] if user.is_superuser else known_networks(user)
        request._standing = Standing(
            user=user,
            networks=tuple(networks),
            organisations=tuple(own_organisations(user)),
            coordinated=frozenset(coordinated_networks(user).values_list("pk", flat=True)),
        )
    return request._standing
