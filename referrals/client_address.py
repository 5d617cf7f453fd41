"""From where somebody asks: the address that wrong passwords, and messages from the public, are counted by."""

from ipaddress import IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """Return the address that the outermost proxy of ours was asked from; without proxies, that of the connection.

    Whatever stands further left in X-Forwarded-For was written by the client. Of IPv6 only the network is counted:
    whoever has one address there has 2^64 of them. None for a connection through a socket file.
    """
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    if 0 < settings.TRUSTED_PROXIES <= len(hops) and (address := _counted(hops[-settings.TRUSTED_PROXIES])):
        return address
    return _counted(request.META.get("REMOTE_ADDR", ""))


def _counted(text: str) -> str | None:
    try:
        address = ip_address(_without_port(text))
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(IPv6Network((int(address), 64), strict=False).network_address)
    return str(address)


def _without_port(text: str) -> str:
    """Cut what some proxies add: 192.0.2.7:443, [2001:db8::7]:443."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text
