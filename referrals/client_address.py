"""The client address by which failed sign-ins and public messages are counted."""

from ipaddress import IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """Return the address that connected to our outermost proxy or, without proxies, to us.

    Anything further left in X-Forwarded-For was written by the client. For IPv6 it is the /64 network, because one
    client commonly has all 2^64 of its addresses. None for a connection through a socket file.
    """
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    if 0 < settings.TRUSTED_PROXIES <= len(hops) and (address := _normalise(hops[-settings.TRUSTED_PROXIES])):
        return address
    return _normalise(request.META.get("REMOTE_ADDR", ""))


def _normalise(text: str) -> str | None:
    try:
        address = ip_address(_strip_port(text))
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(IPv6Network((int(address), 64), strict=False).network_address)
    return str(address)


def _strip_port(text: str) -> str:
    # Some proxies add one: 192.0.2.7:443, [2001:db8::7]:443.
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text
