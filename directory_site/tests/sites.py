"""A site of the CMS for tests: those in a browser empty all tables behind them, so it may have to be made again."""

from django.conf import settings
from wagtail.coreutils import get_supported_content_language_variant
from wagtail.models import Collection, Locale, Page, Site

from directory_site.models import HomePage, PublicSite
from referrals.models import Network


def public_site(*networks: Network) -> PublicSite:
    """Return the default site, which shows these networks and no others; all of them when none is named."""
    if not Site.objects.exists():
        _make_site()
    site = PublicSite.for_site(Site.objects.get(is_default_site=True))
    site.shows_all_networks = not networks
    site.save()
    site.networks.set(networks)
    return site


def _make_site() -> None:
    Locale.objects.get_or_create(language_code=get_supported_content_language_variant(settings.LANGUAGE_CODE))
    if not Collection.objects.exists():
        Collection.add_root(name="Root")
    home = HomePage(title="Help near you", slug="home")
    Page.add_root(title="Root", slug="root").add_child(instance=home)
    Site.objects.create(hostname="localhost", site_name="Northside", root_page=home, is_default_site=True)
