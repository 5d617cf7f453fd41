import re

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from referrals.urgent_numbers import UrgentNumber, translated_urgent_numbers
from referrals.user_input.phones import dial_link

register = template.Library()
_IN_A_SENTENCE = re.compile(r"\b(999|112|111|101|116 ?\d{3}|0[\d ]{8,}\d)\b")


@register.filter
def phone_link(phone: str) -> str | SafeString:
    """Return the number as a link that dials it, or unchanged if it cannot be dialled."""
    link = dial_link(phone)
    return format_html('<a href="{}">{}</a>', link, phone) if link else phone


@register.filter
def link_phones(text: str) -> SafeString:
    """Return the text with a link for each number that can be dialled; of short numbers, only emergency ones."""
    parts = _IN_A_SENTENCE.split(str(text))  # every second one is a number
    return format_html_join("", "{}", ((phone_link(part) if at % 2 else part,) for at, part in enumerate(parts)))


@register.simple_tag
def urgent_numbers() -> tuple[UrgentNumber, ...]:
    return translated_urgent_numbers()
