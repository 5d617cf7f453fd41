"""Makes what a site lacks, each thing only once: what editors change or delete afterwards stays that way."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from django.apps import apps
from django.db import models, transaction
from wagtail.fields import StreamField
from wagtail.models import Locale, Page, Site

from directory_site.models.pages import SitePage
from directory_site.models.search_words import DangerWords, PhraseMeaning
from directory_site.models.sites import PublicSite, SiteWords
from directory_site.models.synonyms import SynonymGroup
from directory_site.search import categories
from directory_site.seed.content import (
    HOME,
    PAGES,
    languages_with_texts,
    read_danger,
    read_page,
    read_phrases,
    read_settings,
    read_synonyms,
    read_translated_page,
    read_translated_settings,
    resolve_links,
)
from directory_site.seed.wagtail_defaults import get_or_make_default_site, name_site
from directory_site.spelling import key_of
from referrals.urgent_numbers import URGENT_NUMBERS

NOT_A_FIELD = {"kind", "under"}  # of the files: the page model, and the slug of the parent


def make_site(site: Site | None = None, *, name: str = "") -> list[str]:
    """Make the pages, menus and search words that the site lacks, and return their names for the operator.

    `site`: the default one when None. `name`: given to the site if it has none of its own yet.
    """
    with transaction.atomic():
        if site is None:
            site = get_or_make_default_site()
            name_site(site, name)
        PublicSite.for_site(site)
        public_site = PublicSite.objects.select_for_update(of=("self",)).get(site=site)
        public_site.made += _words_made_for_others(public_site)
        made = [
            *_make_pages(public_site),
            *_make_settings(public_site),
            *_make_synonyms(public_site),
            *_make_danger_words(public_site),
            *_make_phrases(public_site),
        ]
        public_site.save()
    return made


def translate_site(site: Site | None = None) -> list[str]:
    """Make the pages, menus and urgent numbers in each language whose texts are here, below a front page of their own,
    and return their names. What editors have rewritten or translated is left to them."""
    with transaction.atomic():
        site = site or get_or_make_default_site()
        public_site = PublicSite.objects.select_for_update(of=("self",)).get(site=site)
        made = [
            name
            for language in languages_with_texts()
            for name in (*_translate_pages(public_site, language), *_translate_settings(public_site, language))
        ]
        public_site.save()
    return made


def _translate_pages(public_site: PublicSite, language: str) -> Iterator[str]:
    """Copy all pages before filling any, since they link to each other."""
    home, locale = public_site.site.root_page.specific, Locale.objects.get_or_create(language_code=language)[0]
    new: dict[str, SitePage] = {}
    find_key = _key_finder(home, {HOME: home})
    for name in PAGES:
        key = f"page:{name}:{language}"
        if key not in public_site.made:
            public_site.made.append(key)
            page = Page.objects.filter(pk=find_key(name)).first()
            if page and _may_be_translated(page.specific, locale, home):
                new[name] = page.specific.copy_for_translation(locale)
    translated = home.get_translation_or_none(locale)
    if translated is not None:
        find_own_key = _key_finder(translated, new | {HOME: translated})
        for name, page in new.items():
            _fill(page, read_translated_page(name, language), lambda name: find_own_key(name) or find_key(name))
            yield f"page “{page.title}”"


def _may_be_translated(page: SitePage, locale: Locale, home: SitePage) -> bool:
    """Whether it is published as we made it, or is the front page, without which no other can be translated."""
    if not page.live or page.has_translation(locale):
        return False
    return page.pk == home.pk or (page.revisions.count() <= 1 and page.get_parent().has_translation(locale))


def _translate_settings(public_site: PublicSite, language: str) -> Iterator[str]:
    key = f"settings:{language}"
    home, locale = public_site.site.root_page.specific, Locale.objects.get(language_code=language)
    translated = home.get_translation_or_none(locale)
    if key in public_site.made or translated is None:
        return
    public_site.made.append(key)
    words, is_new = SiteWords.objects.get_or_create(public_site=public_site, locale=locale)
    if is_new:
        find_key = _key_finder(translated, {HOME: translated})
        _set_fields(words, _in_blocks(read_translated_settings(language)), find_key)
        words.save()
        yield f"menus and urgent help in {locale}"


def _words_made_for_others(public_site: PublicSite) -> list[str]:
    """Return the keys of words made for another site: sites share them, and what editors deleted must stay deleted."""
    others = PublicSite.objects.exclude(pk=public_site.pk).values_list("made", flat=True)
    words = {key for made in others for key in made if key.startswith(("words:", "danger:", "phrase:"))}
    return sorted(words.difference(public_site.made))


def _make_pages(public_site: PublicSite) -> Iterator[str]:
    """Make all pages before filling any, since they link to each other."""
    home = public_site.site.root_page.specific
    new: dict[str, SitePage] = {}
    for name in PAGES:
        key = f"page:{name}"
        if key in public_site.made:
            continue
        page = None
        if name != HOME:
            page = _add_page(name, home)
        elif home.latest_revision_id is None:  # no editor has changed it
            page = home
        if page is not None:
            new[name] = page
        public_site.made.append(key)
    find_key = _key_finder(home, new)
    for name, page in new.items():
        _fill(page, read_page(name), find_key)
        yield f"page “{page.title}”"


def _add_page(name: str, home: SitePage) -> SitePage | None:
    """Add a page without its body. Return None if its slug is taken or it cannot be added under its parent."""
    content = read_page(name)
    parent = home.get_children().filter(slug=content["under"]).first() if "under" in content else home
    if parent is None or parent.get_children().filter(slug=content["slug"]).exists():
        return None
    model = apps.get_model("directory_site", content["kind"])
    if not model.can_create_at(parent.specific):
        return None
    words = {name: value for name, value in content.items() if isinstance(value, str) and name not in NOT_A_FIELD}
    return parent.add_child(instance=model(**words))


def _key_finder(home: SitePage, new: dict[str, SitePage]) -> Callable[[str], int | None]:
    """Return a function that finds a page's key by the name of its file: a new page, else the page of that slug."""
    slugs = {name: read_page(name)["slug"] for name in PAGES}
    existing = dict(Page.objects.descendant_of(home).filter(slug__in=slugs.values()).values_list("slug", "pk"))
    found = {name: existing.get(slug) for name, slug in slugs.items()} | {name: page.pk for name, page in new.items()}
    return found.get


def _fill(page: SitePage, content: dict[str, Any], find_key: Callable[[str], int | None]) -> None:
    page.refresh_from_db()  # pages were added below it
    fields = {name: value for name, value in content.items() if name not in NOT_A_FIELD}
    _set_fields(page, fields, find_key, keep=("slug",))
    page.save_revision().publish()


def _set_fields(
    row: models.Model, fields: dict[str, Any], find_key: Callable[[str], int | None], keep: tuple = ()
) -> None:
    known = {slug for slug, _ in categories.choices()}
    for name, value in fields.items():
        if name in keep:
            continue
        linked = resolve_links(value, find_key)
        if isinstance(row._meta.get_field(name), StreamField):
            # A block about a category that no network has is left out.
            linked = json.dumps([block for block in linked if _category(block) in known | {None}])
        setattr(row, name, linked)


def _category(block: dict[str, Any]) -> str | None:
    return block["value"].get("category") if isinstance(block["value"], dict) else None


def _make_settings(public_site: PublicSite) -> Iterator[str]:
    if "settings" in public_site.made:
        return
    urgent_help = [
        {"when": number.when, "name": number.name, "phone": number.phone, "note": number.note}
        for number in URGENT_NUMBERS
    ]
    wanted = _in_blocks({**read_settings(), "urgent_help": urgent_help})
    fields = {name: value for name, value in wanted.items() if not getattr(public_site, name)}
    _set_fields(public_site, fields, _key_finder(public_site.site.root_page.specific, {}))
    public_site.made.append("settings")
    yield "menus and urgent help"


def _in_blocks(fields: dict[str, Any]) -> dict[str, Any]:
    kinds = {"urgent_help": "line", "header_menu": "link", "footer_menu": "link"}
    return {
        name: [{"type": kinds[name], "value": item} for item in value] if name in kinds else value
        for name, value in fields.items()
    }


def _make_synonyms(public_site: PublicSite) -> Iterator[str]:
    """All sites share the search words, so a second site may lack none."""
    existing = {key_of(term) for group in SynonymGroup.objects.all() for term in group.terms}
    for words in read_synonyms():
        group = SynonymGroup(words=words)
        key = f"words:{group.terms[0]}"
        if key in public_site.made:
            continue
        public_site.made.append(key)
        if existing.isdisjoint(map(key_of, group.terms)):
            group.clean()
            group.save()
            yield f"search words “{group}”"


def _make_danger_words(public_site: PublicSite) -> Iterator[str]:
    for danger, words in read_danger().items():
        key = f"danger:{danger}"
        if key not in public_site.made:
            public_site.made.append(key)
            _, is_new = DangerWords.objects.get_or_create(danger=danger, defaults={"words": words.replace(", ", "\n")})
            if is_new:
                yield f"words of danger “{danger}”"


def _make_phrases(public_site: PublicSite) -> Iterator[str]:
    existing = {key_of(term) for row in PhraseMeaning.objects.all() for term in row.terms}
    for phrases, meaning in read_phrases().items():
        row = PhraseMeaning(phrases=phrases.replace(", ", "\n"), meaning=meaning.replace(", ", "\n"))
        key = f"phrase:{row.terms[0]}"
        if key not in public_site.made:
            public_site.made.append(key)
            if existing.isdisjoint(map(key_of, row.terms)):
                row.save()
                yield f"phrases “{row}”"
