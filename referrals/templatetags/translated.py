"""Texts that the network itself has written, in the language of the page."""

from dataclasses import dataclass

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString

from referrals.translations import EnglishText, Translated, translate_field

register = template.Library()


@dataclass(frozen=True, slots=True)
class Line:
    """`lang` is an attribute, where the line is in another language than the page."""

    text: str
    lang: SafeString


def lang_attribute(text: str) -> SafeString:
    return format_html(' lang="{}"', settings.LANGUAGE_CODE) if isinstance(text, EnglishText) else SafeString()


@register.filter
def translated(row: Translated, name: str) -> str:
    return translate_field(row, name)


@register.filter
def is_untranslated(row: Translated, name: str) -> bool:
    return isinstance(translate_field(row, name), EnglishText)


@register.simple_tag
def translated_lines(row: Translated, name: str) -> list[Line]:
    """Return the lines that have something in them."""
    text = translate_field(row, name)
    return [Line(line, lang_attribute(text)) for line in text.splitlines() if line.strip()]
