"""Pictures of the CMS as pages show them: in the sizes that screens ask for, in WebP, and as JPEG for what is old."""

from dataclasses import dataclass

from wagtail.images.models import AbstractImage, AbstractRendition

from referrals.pictures import in_size

WIDTHS = (480, 960, 1440)
MODERN = tuple(f"width-{width}|format-webp" for width in WIDTHS)
PLAIN = "width-960|format-jpeg"
LOGO = "max-640x132|format-png"  # three times the height that it is shown at


@dataclass(frozen=True, slots=True)
class SizedPicture:
    """`modern` is what a `srcset` takes; the size is that of the picture at `address`."""

    address: str
    modern: str
    width: int
    height: int


def sized(image: AbstractImage) -> SizedPicture | None:
    """Return None when somebody has thrown the image's file away. Sizes never shown before are made now."""
    plain = in_size(image, PLAIN)
    found = {size.width: size for spec in MODERN if (size := in_size(image, spec))}
    if plain is None:
        return None
    return SizedPicture(plain.url, ", ".join(map(_in_srcset, found.values())), plain.width, plain.height)


def _in_srcset(size: AbstractRendition) -> str:
    return f"{size.url} {size.width}w"
