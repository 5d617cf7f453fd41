from directory_site.models.pages import (
    ContactPage,
    DirectoryPage,
    GuidanceIndexPage,
    GuidancePage,
    HomePage,
    PlainPage,
    SitePage,
)
from directory_site.models.search_words import DangerWords, PhraseMeaning
from directory_site.models.sites import PublicSite, SiteWords
from directory_site.models.synonyms import SynonymGroup
from directory_site.models.unfound_words import UnfoundWord

__all__ = [
    "ContactPage",
    "DangerWords",
    "DirectoryPage",
    "GuidanceIndexPage",
    "GuidancePage",
    "HomePage",
    "PhraseMeaning",
    "PlainPage",
    "PublicSite",
    "SitePage",
    "SiteWords",
    "SynonymGroup",
    "UnfoundWord",
]
