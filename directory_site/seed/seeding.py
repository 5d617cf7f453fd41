"""Makes what is missing, each thing once: what editors have changed, renamed or thrown away stays as they left it."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from django.apps import apps
from django.db import models, transaction
from wagtail.fields import StreamField
from wagtail.models import Page, Site

from directory_site.models.pages import SitePage
from directory_site.models.sites import PublicSite
from directory_site.models.synonyms import SynonymGroup
from directory_site.search import categories
from directory_site.seed.content import HOME, PAGES, page_written, settings_written, synonyms_written, with_links
from directory_site.seed.wagtail_defaults import name_site, site_to_make

NOT_A_FIELD = {"kind", "under"}


def make_site(site: Site | None = None, *, name: str = "") -> list[str]:
    """Make what the site lacks of pages, menus and search words, and return in words what that was.

    `site`: the default one when None. `name`: for a site that still has none of its own.
    """
    with transaction.atomic():
        if site is None:
            site = site_to_make()
            name_site(site, name)
        PublicSite.for_site(site)
        public_site = PublicSite.objects.select_for_update(of=("self",)).get(site=site)
        made = [*_make_pages(public_site), *_make_settings(public_site), *_make_synonyms(public_site)]
        public_site.save()
    return made


def _make_pages(public_site: PublicSite) -> Iterator[str]:
    """All pages before what is in them: they lead to each other."""
    home = public_site.site.root_page.specific
    new: dict[str, SitePage] = {}
    for name in PAGES:
        key = f"page:{name}"
        if key in public_site.made:
            continue
        page = _changed_by_nobody(home) if name == HOME else _new_page(name, home)
        if page is not None:
            new[name] = page
        public_site.made.append(key)
    key_of = _keys(home, new)
    for name, page in new.items():
        _fill(page, page_written(name), key_of)
        yield f"page “{page.title}”"


def _changed_by_nobody(home: SitePage) -> SitePage | None:
    return home if home.latest_revision_id is None else None


def _new_page(name: str, home: SitePage) -> SitePage | None:
    """Return a new page without its body; None when there is one in its place already, or no place for it."""
    written = page_written(name)
    parent = home.get_children().filter(slug=written["under"]).first() if "under" in written else home
    if parent is None or parent.get_children().filter(slug=written["slug"]).exists():
        return None
    model = apps.get_model("directory_site", written["kind"])
    if not model.can_create_at(parent.specific):
        return None
    words = {name: value for name, value in written.items() if isinstance(value, str) and name not in NOT_A_FIELD}
    return parent.add_child(instance=model(**words))


def _keys(home: SitePage, new: dict[str, SitePage]) -> Callable[[str], int | None]:
    """Return what finds a page by the name of its file: one of the new ones, else the site's page of that slug."""
    slugs = {name: page_written(name)["slug"] for name in PAGES}
    there = dict(Page.objects.descendant_of(home).filter(slug__in=slugs.values()).values_list("slug", "pk"))
    found = {name: there.get(slug) for name, slug in slugs.items()} | {name: page.pk for name, page in new.items()}
    return found.get


def _fill(page: SitePage, written: dict[str, Any], key_of: Callable[[str], int | None]) -> None:
    page.refresh_from_db()  # how many are below it has changed since
    fields = {name: value for name, value in written.items() if name not in NOT_A_FIELD}
    _set(page, fields, key_of, keep=("slug",))
    page.save_revision().publish()


def _set(row: models.Model, fields: dict[str, Any], key_of: Callable[[str], int | None], keep: tuple = ()) -> None:
    known = {slug for slug, _ in categories.choices()}
    for name, value in fields.items():
        if name in keep:
            continue
        linked = with_links(value, key_of)
        if isinstance(row._meta.get_field(name), StreamField):
            linked = json.dumps([block for block in linked if _category(block) in known | {None}])
        setattr(row, name, linked)


def _category(block: dict[str, Any]) -> str | None:
    """Return the category that a block is about: not every network has it."""
    return block["value"].get("category") if isinstance(block["value"], dict) else None


def _make_settings(public_site: PublicSite) -> Iterator[str]:
    """Set what is empty."""
    if "settings" in public_site.made:
        return
    lists = {"urgent_help": "line", "header_menu": "link", "footer_menu": "link"}
    fields = {
        name: [{"type": lists[name], "value": item} for item in value] if name in lists else value
        for name, value in settings_written().items()
        if not getattr(public_site, name)
    }
    _set(public_site, fields, _keys(public_site.site.root_page.specific, {}))
    public_site.made.append("settings")
    yield "menus and urgent help"


def _make_synonyms(public_site: PublicSite) -> Iterator[str]:
    """They serve all sites, so that a second site finds them there already."""
    there = {term for group in SynonymGroup.objects.all() for term in group.terms}
    for words in synonyms_written():
        group = SynonymGroup(words=words)
        key = f"words:{group.terms[0]}"
        if key in public_site.made:
            continue
        public_site.made.append(key)
        if not there & set(group.terms):
            group.clean()
            group.save()
            yield f"search words “{group}”"
