"""A site's own colour, in all the places where the look has one: checked, mixed for both schemes, written as CSS.

Contrast is that of WCAG 2.2: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

ENOUGH = 4.5  # for text of any size, level AA
STRONG = 7.0  # for headings and what a pointer rests on

Colour = tuple[float, float, float]  # red, green, blue, 0 to 1


@dataclass(frozen=True, slots=True)
class Scheme:
    """The surfaces of tokens.css that a brand colour lies on, and what it is mixed with to stand out more."""

    paper: Colour
    mist: Colour
    away: Colour
    soft: float  # how much of the colour is in a tinted surface, at most


def colour_of(words: str) -> Colour:
    """Return the colour that "#0b5d57" says. Raises ValueError."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", words):
        raise ValueError(words)
    red, green, blue = (int(words[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return red, green, blue


LIGHT = Scheme(paper=colour_of("#ffffff"), mist=colour_of("#f3f6f5"), away=(0, 0, 0), soft=0.13)
DARK = Scheme(paper=colour_of("#10191d"), mist=colour_of("#18242a"), away=(1, 1, 1), soft=0.24)
WHITE: Colour = (1, 1, 1)


def contrast(one: Colour, other: Colour) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def lowest_contrast(colour: Colour) -> float:
    """Return the contrast of a brand colour where it is lowest in the light: on paper, on mist, or under white."""
    return min(contrast(colour, surface) for surface in (LIGHT.paper, LIGHT.mist, WHITE))


def check_brand_colour(words: str) -> None:
    """Refuse what is no colour, and what cannot be read as a link or behind white words; say how far it is off."""
    try:
        colour = colour_of(words)
    except ValueError as error:
        raise ValidationError(_("Write the colour as # and six digits or letters a to f: #0b5d57.")) from error
    measured = lowest_contrast(colour)
    if measured < ENOUGH:
        raise ValidationError(
            _(
                "This colour is too pale: its contrast with the page and with white words is %(measured)s to 1, and "
                "4.5 to 1 is needed to read it. The nearest darker shade that will do is %(nearest)s."
            ),
            params={"measured": f"{int(measured * 10) / 10:.1f}", "nearest": in_hex(_readable(colour, LIGHT))},
        )


def brand_css(words: str) -> str:
    """Return the custom properties of `tokens.css` that a brand colour replaces, for light and for dark."""
    light, dark = (_properties(colour_of(words), scheme) for scheme in (LIGHT, DARK))
    return f":root {{ {light} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"


def digest_of(words: str) -> str:
    """Return what changes when the CSS of a colour does, for its address."""
    return hashlib.sha256(brand_css(words).encode()).hexdigest()[:12]


def in_hex(colour: Colour) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in colour)


def _properties(colour: Colour, scheme: Scheme) -> str:
    brand = _readable(colour, scheme)
    soft = _tint(brand, scheme)
    strong = next(shade for shade in _shades(brand, scheme) if contrast(shade, soft) >= STRONG)
    on_brand = WHITE if scheme is LIGHT else _mixed(brand, (0, 0, 0), 0.85)
    values = {"brand": brand, "brand-strong": strong, "brand-soft": soft, "on-brand": on_brand}
    return " ".join(f"--{name}: {in_hex(value)};" for name, value in values.items())


def _readable(colour: Colour, scheme: Scheme) -> Colour:
    """Return the colour, or the nearest shade of it that can be read on both surfaces of the scheme."""
    surfaces = (scheme.paper, scheme.mist)
    return next(
        shade for shade in _shades(colour, scheme) if min(contrast(shade, surface) for surface in surfaces) >= ENOUGH
    )


def _tint(brand: Colour, scheme: Scheme) -> Colour:
    """Return as much of the colour on paper as links on it can stand."""
    steps = (scheme.soft * (20 - step) / 20 for step in range(21))
    tints = (_rounded(_mixed(scheme.paper, brand, step)) for step in steps)
    return next(tint for tint in tints if contrast(brand, tint) >= ENOUGH)


def _shades(colour: Colour, scheme: Scheme) -> Iterator[Colour]:
    for step in range(101):
        yield _rounded(_mixed(colour, scheme.away, step / 100))


def _mixed(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (first + (second - first) * share for first, second in zip(one, other, strict=True))
    return red, green, blue


def _rounded(colour: Colour) -> Colour:
    """Return the colour as the browser will read it, so that what is measured is what is shown."""
    return colour_of(in_hex(colour))


def _luminance(colour: Colour) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
