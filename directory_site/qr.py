import segno
from django.utils.safestring import SafeString, mark_safe


def qr_code(address: str) -> SafeString:
    """Return a picture of `address` as SVG, black on white whatever the page's colours: cameras take no other."""
    code = segno.make(address, error="m", micro=False)
    return mark_safe(code.svg_inline(border=2, dark="#000", light="#fff", omitsize=True))  # noqa: S308
