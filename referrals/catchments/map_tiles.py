"""Background tiles of maps, which an installation may set. Without them maps show only boundary and shapes."""

from urllib.parse import urlsplit

from django.conf import settings


def allowed_tiles() -> dict[str, str] | None:
    """Return address and attribution, if set and allowed by the content security policy."""
    configured = settings.LEAFLET_CONFIG.get("TILES") or []
    first = (("", configured, "") if isinstance(configured, str) else configured[0]) if configured else None
    if first is None:
        return None
    _, address, attribution = first
    parts = urlsplit(address)
    if f"{parts.scheme}://{parts.netloc}" not in settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["img-src"]:
        return None
    words = attribution if isinstance(attribution, str) else attribution.get("attribution", "")
    return {"address": address, "attribution": words}
