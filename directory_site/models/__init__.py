from directory_site.models.pages import HomePage
from directory_site.models.sites import PublicSite

__all__ = ["HomePage", "PublicSite"]
