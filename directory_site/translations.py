"""Pages that editors have translated in Wagtail: the language of a page, and which page is a translation of which."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.conf import settings
from django.db.models import Model
from django.db.models.signals import m2m_changed, post_save
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import translation
from wagtail.models import Page, PageQuerySet, PageViewRestriction
from wagtail.signals import copy_for_translation_done

from directory_site.caching import version_cache
from directory_site.languages import in_language, stay_in_language

Family = Mapping[str, Page]  # the published pages that are translations of each other, by the code of their language


def is_for_everybody(page: Page, request: HttpRequest | None) -> bool:
    """Return whether neither the page nor an ancestor is restricted. One query, shared by all links of a page."""
    paths = version_cache.get_or_set(request, "restricted pages", _restricted) if request else _restricted()
    return not page.path.startswith(paths)


def _restricted() -> tuple[str, ...]:
    return tuple(PageViewRestriction.objects.values_list("page__path", flat=True))


def language_of(page: Page, request: HttpRequest | None) -> str:
    family = _families(request).get(page.translation_key, {})
    found = next((code for code, one in family.items() if one.pk == page.pk), None)
    if found is None and page.locale_id is not None and translation.get_language() != settings.LANGUAGE_CODE:
        return page.locale.language_code  # such as a draft
    return found or settings.LANGUAGE_CODE


def in_active_language(page: Page, request: HttpRequest | None) -> Page:
    """Return the page's published translation, else the page itself."""
    found = _families(request).get(page.translation_key, {}).get(translation.get_language(), page)
    return found if found.pk != page.pk and is_for_everybody(found, request) else page


def in_own_language(page: Page, request: HttpRequest | None) -> Page:
    """Return the published page in the site's own language that `page` translates, else the page itself."""
    return _families(request).get(page.translation_key, {}).get(settings.LANGUAGE_CODE, page)


def in_active_languages(pages: Iterable[Page]) -> dict[int, Page]:
    """Do as `in_active_language` for several pages, by key. One query, and none in the site's own language."""
    pages, language = list(pages), translation.get_language()
    translated: dict[UUID, Page] = {}
    if pages and language != settings.LANGUAGE_CODE:
        keys = [page.translation_key for page in pages]
        found = Page.objects.live().public().filter(locale__language_code=language, translation_key__in=keys)
        translated = {page.translation_key: page for page in found}
    return {page.pk: translated.get(page.translation_key, page) for page in pages}


def address_of(page: Page, request: HttpRequest | None) -> str:
    address = page.get_url(request)
    return stay_in_language(address) if address else ""


def addresses_by_language(page: Page, request: HttpRequest | None) -> dict[str, str]:
    """Return the paths of the page and of its translations, by language, in the order of the languages."""
    family = dict(_families(request).get(page.translation_key, {}))
    family = {code: one for code, one in family.items() if is_for_everybody(one, request)}
    family[language_of(page, request)] = page
    paths = {code: one.get_url(request) for code, one in family.items()}
    return {code: in_language(paths[code], code) for code, _ in settings.LANGUAGES if paths.get(code)}


def _families(request: HttpRequest | None) -> dict[UUID, Family]:
    """Return the families with a page in a language other than the site's own. One query."""
    return version_cache.get_or_set(request, "translated pages", _read_families) if request else _read_families()


def _read_families() -> dict[UUID, Family]:
    translated = Page.objects.exclude(locale__language_code=settings.LANGUAGE_CODE).values("translation_key")
    families: dict[UUID, dict[str, Page]] = {}
    for page in Page.objects.live().filter(translation_key__in=translated).select_related("locale"):
        families.setdefault(page.translation_key, {})[page.locale.language_code] = page
    return families


@receiver(copy_for_translation_done)
def restrict_translation(source_obj: object, target_obj: object, **signal: object) -> None:
    """Restrict a new translation as its original is, so that nobody reads it who may not read that."""
    if isinstance(source_obj, Page):
        for rule in source_obj.get_view_restrictions():
            _restrict_as(rule, target_obj)


@receiver(post_save, sender=PageViewRestriction)
def restrict_translations(instance: PageViewRestriction, created: bool, **signal: object) -> None:
    """The same for a page of the site's own language that is restricted once it has translations.

    Restrictions are lifted page by page.
    """
    if created:
        for page in _translations_of_original(instance.page):
            _restrict_as(instance, page)


@receiver(m2m_changed, sender=PageViewRestriction.groups.through)
def admit_groups_to_translations(instance: Model, action: str, pk_set: set[int] | None, **signal: object) -> None:
    """The CMS names the groups only after it has saved the restriction."""
    if action == "post_add" and pk_set and isinstance(instance, PageViewRestriction):
        rules = PageViewRestriction.objects.filter(page__in=_translations_of_original(instance.page), groups=None)
        for rule in rules.filter(restriction_type=PageViewRestriction.GROUPS):
            rule.groups.set(instance.groups.all())


def _translations_of_original(page: Page) -> PageQuerySet:
    is_original = page.locale.language_code == settings.LANGUAGE_CODE
    return page.get_translations() if is_original else Page.objects.none()


def _restrict_as(rule: PageViewRestriction, page: Page) -> None:
    if not page.get_view_restrictions().exists():
        copy = PageViewRestriction.objects.create(
            page_id=page.pk, restriction_type=rule.restriction_type, password=rule.password
        )
        copy.groups.set(rule.groups.all())
