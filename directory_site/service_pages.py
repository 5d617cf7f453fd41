from collections.abc import Collection

from directory_site.addresses import short_paths
from directory_site.models.sites import PublicSite
from referrals.notifications.links import absolute


def find_service_pages(keys: Collection[int]) -> dict[int, str]:
    """Return addresses short enough to be typed, by key, of the services that the main site shows. Two queries.

    settings.SERVICE_PAGES_FINDER names this function.
    """
    site = PublicSite.objects.filter(site__is_default_site=True).first()
    if site is None:
        return {}
    shown = list(site.shown_services.filter(pk__in=keys).values_list("pk", flat=True))
    return {key: absolute(path) for key, path in zip(shown, short_paths(shown), strict=True)}
