"""Sites for tests: the one that `make_site` makes, and others beside it."""

from wagtail.models import Page, Site

from directory_site.models import DirectoryPage, HomePage, PublicSite
from directory_site.seed import make_site
from referrals.models import Network, Service
from referrals.tests import factories as f


def made_site(*networks: Network) -> PublicSite:
    """Return the default site, finished; it shows these networks, or all when none is named."""
    make_site(name="Help in Northside")
    site = PublicSite.objects.get(site__is_default_site=True)
    site.shows_all_networks = not networks
    site.save()
    site.networks.set(networks)
    return site


def second_site(hostname: str, *networks: Network) -> PublicSite:
    """Return a further site that shows these networks and no others; its front page and directory are empty."""
    slug = hostname.partition(".")[0]
    home = Page.get_first_root_node().add_child(instance=HomePage(title=f"Help in {slug}", slug=slug))
    home.add_child(instance=DirectoryPage(title="Find help", slug="directory"))
    site = Site.objects.create(hostname=hostname, site_name=f"Help in {slug}", root_page=home)
    public_site = PublicSite.for_site(site)
    public_site.networks.set(networks)
    return public_site


def listed(network: Network, name: str, category: str = "food", **options: object) -> Service:
    """Return a service that the public may see, under a category of the network that is made when it is missing."""
    kind = network.categories.filter(slug=category).first()
    kind = kind or f.CategoryFactory(network=network, slug=category, name=category.capitalize())
    return f.ServiceFactory(
        **{"network": network, "activity__name": name, "is_public": True, "categories": [kind]} | options
    )
