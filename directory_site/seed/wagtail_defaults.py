"""Makes what Wagtail's migrations make, if it is gone: locale, collection, site with a front page, editors' group."""

from urllib.parse import urlsplit

from django.conf import settings
from wagtail.coreutils import find_available_slug, get_supported_content_language_variant
from wagtail.models import Collection, Locale, Page, Site

from directory_site.cms.editors import editors_group
from directory_site.models.pages import HomePage
from directory_site.models.sites import PublicSite

UNNAMED = {"", "Referral Networks", "localhost"}


def get_or_make_default_site() -> Site:
    Locale.objects.get_or_create(language_code=get_supported_content_language_variant(settings.LANGUAGE_CODE))
    if Collection.get_first_root_node() is None:
        Collection.add_root(name="Root")
    site = Site.objects.filter(is_default_site=True).select_related("root_page").first()
    if site is None:
        site = Site.objects.create(hostname="localhost", root_page=add_front_page(), is_default_site=True)
        PublicSite.objects.create(site=site, shows_all_networks=True)
    editors_group()
    return site


def name_site(site: Site, name: str) -> None:
    """Give a site that still has Wagtail's name and host those of this installation."""
    address = urlsplit(settings.PUBLIC_URL)
    if name and site.site_name in UNNAMED:
        site.site_name = name
    if site.hostname == "localhost" and site.port == 80 and address.hostname:
        site.hostname = address.hostname
        site.port = address.port or (443 if address.scheme == "https" else 80)
    site.save()


def add_front_page() -> Page:
    root = Page.get_first_root_node() or Page.add_root(title="Root", slug="root")
    return root.add_child(instance=HomePage(title="Help near you", slug=find_available_slug(root, "home")))
