"""robots.txt and the sitemap."""

from collections.abc import Iterator

from django.conf import settings
from django.contrib.sitemaps.views import SitemapIndexItem
from django.contrib.sitemaps.views import sitemap as sitemap_file
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from directory_site.caching.page_cache import cacheable
from directory_site.languages import home_path
from directory_site.seo.meta import absolute
from directory_site.seo.sitemaps import SECTIONS
from referrals.view_access import public_site

# Forms, and pages for people who have been given the link.
DISALLOWED = ("/refer/", "/r/", "/join/")
DISALLOWED_IN_EVERY_LANGUAGE = ("services/*/send/", "services/*/correction/")


@public_site
@cacheable
@require_safe
def robots_txt(request: HttpRequest) -> HttpResponse:
    disallowed = [reverse("admin:index"), reverse("wagtailadmin_home"), *DISALLOWED]
    disallowed += [home_path(code) + path for code, _ in settings.LANGUAGES for path in DISALLOWED_IN_EVERY_LANGUAGE]
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in disallowed), ""]
    lines += [f"Sitemap: {absolute(request, reverse('sitemap'))}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@public_site
@cacheable
@require_safe
def sitemap_index(request: HttpRequest) -> HttpResponse:
    # Under the canonical host, whichever host this request came to.
    context = {"sitemaps": [file for name in SECTIONS for file in _section_files(request, name)]}
    response = TemplateResponse(request, "sitemap_index.xml", context, content_type="application/xml")
    response["X-Robots-Tag"] = "noindex"
    return response


def _section_files(request: HttpRequest, name: str) -> Iterator[SitemapIndexItem]:
    section = SECTIONS[name](request)
    address, latest = absolute(request, reverse("sitemap_section", args=[name])), section.get_latest_lastmod()
    for number in section.paginator.page_range:
        yield SitemapIndexItem(address if number == 1 else f"{address}?p={number}", latest)


@public_site
@cacheable(reads_query=True)
@require_safe
def sitemap_section(request: HttpRequest, section: str) -> HttpResponse:
    sections = {section: SECTIONS[section](request)} if section in SECTIONS else {}
    return sitemap_file(request, sections, section=section)
