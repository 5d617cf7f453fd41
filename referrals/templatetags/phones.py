from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from referrals.typed.phones import dial_link

register = template.Library()


@register.filter
def phone_link(phone: str) -> str | SafeString:
    """Return the number as a link that dials it; as it is, where it cannot be dialled."""
    link = dial_link(phone)
    return format_html('<a href="{}">{}</a>', link, phone) if link else phone
