from io import BytesIO

import segno
from django.utils.safestring import SafeString, mark_safe


def qr_code(address: str, *, is_file: bool = False) -> SafeString:
    """Return a QR code of `address` as SVG, for the inside of a page or as a file of its own.

    It is black on white whatever the page's colours, since cameras may not read it otherwise.
    """
    picture = BytesIO()
    code = segno.make(address, error="m", micro=False)
    code.save(
        picture, "svg", border=4, dark="#000", light="#fff", omitsize=True, xmldecl=False, svgns=is_file, nl=False
    )
    return mark_safe(picture.getvalue().decode())  # noqa: S308
