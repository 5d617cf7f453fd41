"""Pictures of the CMS as pages show them: in the sizes that screens ask for."""

from dataclasses import dataclass

from wagtail.images.models import AbstractImage

from referrals.services.pictures import bare_rendition

WIDTHS = (480, 960, 1440)
DEFAULT_WIDTH = 960  # for browsers that do not read `srcset`
LOGO = "max-640x132|format-png"  # three times the height that it is shown at
SHARED = "fill-1200x630|format-jpeg"  # for previews of links: not every service that shows them reads WebP


@dataclass(frozen=True, slots=True)
class SizedPicture:
    """`sizes` is what a `srcset` takes; width and height are those of the picture at `address`."""

    address: str
    sizes: str
    width: int
    height: int


def sized(image: AbstractImage) -> SizedPicture | None:
    """Return None when the image's file has been deleted. Sizes that were never shown before are made now."""
    found = {width: size for width in WIDTHS if (size := bare_rendition(image, f"width-{width}|format-webp"))}
    if not found:
        return None
    usual = found[DEFAULT_WIDTH]
    each_once = {size.width: size for size in found.values()}  # a small picture is not enlarged
    srcset = ", ".join(f"{size.url} {size.width}w" for size in each_once.values())
    return SizedPicture(usual.url, srcset, usual.width, usual.height)


def shared_address(image: AbstractImage | None) -> str:
    """Return the address of the picture for links; empty when there is none."""
    size = bare_rendition(image, SHARED) if image else None
    return size.url if size else ""
