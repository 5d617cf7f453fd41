from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.filter
def breakable(contact: str) -> SafeString:
    """Let a long e-mail or web address break after "@" and "/"."""
    words = conditional_escape(contact)
    return mark_safe(words.replace("@", "@<wbr>").replace("/", "/<wbr>"))  # noqa: S308 - escaped just now
