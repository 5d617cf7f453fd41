"""A network's own texts in the other languages of its form, beside the English ones: {"pl": {"name": "Żywność"}}."""

from collections.abc import Collection, Mapping
from typing import Any, Protocol

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, get_language_info

Translations = Mapping[str, Mapping[str, str]]


class Translated(Protocol):
    translations: Translations


class EnglishText(str):
    """A text that nobody has translated, on a page in another language. In HTML it says in which language it is."""

    __slots__ = ()

    def __html__(self) -> SafeString:
        return format_html('<span lang="{}">{}</span>', settings.LANGUAGE_CODE, str(self))


def is_in_english() -> bool:
    return get_language() in (settings.LANGUAGE_CODE, None)


def other_languages() -> list[tuple[str, str]]:
    """Return code and native name of each language besides English that there is a catalogue for."""
    return [(code, name) for code, name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def languages_in_english() -> list[tuple[str, str]]:
    """Return code and English name, English first."""
    return [(code, language_in_english(code)) for code, _ in [(settings.LANGUAGE_CODE, ""), *other_languages()]]


def language_in_english(code: str) -> str:
    """Return "Polish" for "pl", the code of a language that Django does not know, "" for none."""
    if code == settings.LANGUAGE_CODE:
        return "English"
    try:
        return get_language_info(code)["name"] if code else ""
    except KeyError:
        return code


def translate_field(row: Translated, *names: str) -> str:
    """Return the first of these fields that is filled in in the language of the page, else the first in English."""
    if is_in_english():
        return _first_filled(names, {name: getattr(row, name) for name in names})
    own = row.translations.get(get_language(), {})
    english = EnglishText(_first_filled(names, {name: getattr(row, name) for name in names}))
    return _first_filled(names, own) or english


def _first_filled(names: Collection[str], texts: Mapping[str, str]) -> str:
    return next(filter(None, (texts.get(name) for name in names)), "")


def languages_among(codes: Collection[str]) -> list[tuple[str, str]]:
    """Return code and English name of those other languages that are among `codes`."""
    return [(code, language_in_english(code)) for code, _ in other_languages() if code in codes]


def merge_translations(old: Translations, given: Translations) -> dict[str, dict[str, str]]:
    """Return `old` with the texts that are given in their places; an empty one is taken out."""
    merged = {code: {**old.get(code, {}), **given.get(code, {})} for code in {**old, **given}}
    filled = {code: {name: text for name, text in texts.items() if text} for code, texts in merged.items()}
    return {code: texts for code, texts in filled.items() if texts}


def check_translations(translations: Any, lengths: Mapping[str, int | None]) -> None:
    """Refuse what is not texts of these fields by language. `lengths` has how long each may be, by the field's name."""
    if not isinstance(translations, dict) or not all(isinstance(texts, dict) for texts in translations.values()):
        raise ValidationError("Translations are texts by field, by language.")
    for code, texts in translations.items():
        if code not in dict(other_languages()):
            raise ValidationError(f"“{code}” is not one of the other languages.")
        for name, text in texts.items():
            if name not in lengths or not isinstance(text, str):
                raise ValidationError(f"“{name}” has no translation.")
            ProhibitNullCharactersValidator()(text)  # PostgreSQL keeps none in JSON
            if lengths[name] is not None and len(text) > lengths[name]:
                raise ValidationError(f"{language_in_english(code)}: write at most {lengths[name]} characters.")
