from io import BytesIO

import segno
from django.utils.safestring import SafeString, mark_safe


def qr_code(address: str, *, is_file: bool = False) -> SafeString:
    """Return `address` as SVG, to put into a page or, with `is_file`, as a file of its own.

    Black on white whatever the page's colours: many cameras read nothing else.
    """
    picture = BytesIO()
    code = segno.make(address, error="m", micro=False, mask=0)  # any can be read; trying all takes a third of the page
    code.save(
        picture, "svg", border=4, dark="#000", light="#fff", omitsize=True, xmldecl=False, svgns=is_file, nl=False
    )
    return mark_safe(picture.getvalue().decode())  # noqa: S308
