"""The first content of a site, which belongs to its editors from then on."""

from directory_site.seed.seeding import make_site, translate_site

__all__ = ["make_site", "translate_site"]
