"""Sites for tests: the one that `make_site` makes, and others beside it."""

from django.db import connection, transaction
from wagtail.models import Page, Site

from directory_site.models import DangerWords, DirectoryPage, HomePage, PhraseMeaning, PublicSite, SynonymGroup
from directory_site.seed import make_site, translate_site
from referrals.models import Category, Network, Service
from referrals.tests import factories as f

# By what shapes a site, and by table: what COPY reads after it was made for the first time.
_made_rows: dict[tuple, dict[str, bytes]] = {}


def made_site(*networks: Network, translated: bool = False) -> PublicSite:
    """Return the default site, finished; it shows these networks, or all when none is named."""
    make_or_copy_site(translated=translated)
    site = PublicSite.objects.get(site__is_default_site=True)
    site.shows_all_networks = not networks
    site.save()
    site.networks.set(networks)
    return site


def make_or_copy_site(*, translated: bool = False) -> None:
    """Do what `make_site` does. It takes over a second, so where nothing was there, the rows are kept for next time."""
    is_untouched = _is_untouched()
    key = (translated, *Category.objects.order_by("slug").values_list("slug", flat=True))  # pages name them
    if is_untouched and key in _made_rows:
        _copy_rows(_made_rows[key])
        return
    make_site(name="Help in Northside")
    if translated:
        translate_site()
    if is_untouched:
        _made_rows[key] = _read_rows()


def _is_untouched() -> bool:
    """Whether pages and search words are as the migrations left them."""
    is_as_migrated = Page.objects.count() == 2 and list(PublicSite.objects.values_list("made", "networks")) == [
        ([], None)
    ]
    return is_as_migrated and not any(model.objects.exists() for model in (SynonymGroup, DangerWords, PhraseMeaning))


def _read_rows() -> dict[str, bytes]:
    rows = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith(("wagtail", "directory_site_")):
                with cursor.copy(f'COPY "{table}" TO STDOUT') as copy:
                    rows[table] = b"".join(copy)
    return rows


def _copy_rows(kept: dict[str, bytes]) -> None:
    """Foreign keys are looked at when all is done, so that no order is needed."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table, rows in kept.items():
            cursor.execute(f'DELETE FROM "{table}"')
            if rows:
                with cursor.copy(f'COPY "{table}" FROM STDIN') as copy:
                    copy.write(rows)
    Site.clear_site_root_paths_cache()


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
