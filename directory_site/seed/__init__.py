"""A site to begin with: finished, and from then on its editors' own."""

from directory_site.seed.seeding import make_site

__all__ = ["make_site"]
