"""A site's own colour: checked for contrast, mixed for light and dark, written as CSS.

Contrast is that of WCAG 2.2: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

TEXT_CONTRAST = 4.5  # for text of any size, level AA
FOR_ANY_PAGE = "site"  # in the place of the digest of the colours, where a page does not read the site
STRONG_CONTRAST = 7.0  # for headings and links under the pointer

Colour = tuple[float, float, float]  # red, green, blue, 0 to 1


@dataclass(frozen=True, slots=True)
class Scheme:
    """Light or dark: the surfaces of tokens.css that a brand colour is used on, and the black or white that it is mixed
    with for more contrast."""

    paper: Colour
    mist: Colour
    mixed_with: Colour
    max_tint: float  # the share of the colour in a tinted surface


def parse_colour(text: str) -> Colour:
    """Read "#0b5d57". Raises ValueError."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        raise ValueError(text)
    red, green, blue = (int(text[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return red, green, blue


LIGHT = Scheme(paper=parse_colour("#ffffff"), mist=parse_colour("#f3f6f5"), mixed_with=(0, 0, 0), max_tint=0.13)
DARK = Scheme(paper=parse_colour("#10191d"), mist=parse_colour("#18242a"), mixed_with=(1, 1, 1), max_tint=0.24)
WHITE: Colour = (1, 1, 1)


def contrast(one: Colour, other: Colour) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def lowest_contrast(colour: Colour) -> float:
    """Return the lowest contrast of a brand colour in the light scheme: on paper, on mist, or under white text."""
    return min(contrast(colour, surface) for surface in (LIGHT.paper, LIGHT.mist, WHITE))


def check_brand_colour(text: str) -> None:
    """Refuse what is not a colour, and a colour too pale to read as a link or behind white text."""
    try:
        colour = parse_colour(text)
    except ValueError as error:
        raise ValidationError(_("Write the colour as # and six digits or letters a to f: #0b5d57.")) from error
    measured = lowest_contrast(colour)
    if measured < TEXT_CONTRAST:
        raise ValidationError(
            _(
                "This colour is too pale: its contrast with the page and with white words is %(measured)s to 1, and "
                "4.5 to 1 is needed to read it. The nearest darker shade that will do is %(nearest)s."
            ),
            params={"measured": f"{int(measured * 10) / 10:.1f}", "nearest": to_hex(_readable(colour, LIGHT))},
        )


def brand_css(text: str) -> str:
    light, dark = (_properties(parse_colour(text), scheme) for scheme in (LIGHT, DARK))
    return f":root {{ {light} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"


def css_digest(text: str) -> str:
    return hashlib.sha256(brand_css(text).encode()).hexdigest()[:12]


def to_hex(colour: Colour) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in colour)


def _properties(colour: Colour, scheme: Scheme) -> str:
    brand = _readable(colour, scheme)
    soft = _tint(brand, scheme)
    strong = next(shade for shade in _shades(brand, scheme) if contrast(shade, soft) >= STRONG_CONTRAST)
    on_brand = WHITE if scheme is LIGHT else _mix(brand, (0, 0, 0), 0.85)
    values = {"brand": brand, "brand-strong": strong, "brand-soft": soft, "on-brand": on_brand}
    return " ".join(f"--{name}: {to_hex(value)};" for name, value in values.items())


def _readable(colour: Colour, scheme: Scheme) -> Colour:
    """Return the colour, or the nearest shade of it that can be read on both surfaces of the scheme."""
    surfaces = (scheme.paper, scheme.mist)
    return next(
        shade
        for shade in _shades(colour, scheme)
        if min(contrast(shade, surface) for surface in surfaces) >= TEXT_CONTRAST
    )


def _tint(brand: Colour, scheme: Scheme) -> Colour:
    """Return paper tinted with the colour, as strongly as leaves links in that colour readable on it."""
    steps = (scheme.max_tint * (20 - step) / 20 for step in range(21))
    tints = (_round(_mix(scheme.paper, brand, step)) for step in steps)
    return next(tint for tint in tints if contrast(brand, tint) >= TEXT_CONTRAST)


def _shades(colour: Colour, scheme: Scheme) -> Iterator[Colour]:
    for step in range(101):
        yield _round(_mix(colour, scheme.mixed_with, step / 100))


def _mix(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (first + (second - first) * share for first, second in zip(one, other, strict=True))
    return red, green, blue


def _round(colour: Colour) -> Colour:
    """Round the colour as its hexadecimal form does, so that the contrast measured is the contrast shown."""
    return parse_colour(to_hex(colour))


def _luminance(colour: Colour) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
