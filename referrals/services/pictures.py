"""Pictures of services. What is uploaded becomes two WebPs, upright, of a screen's size and of a card's, with nothing
but the picture in them; the stock gallery is for those who have none of their own.

How much memory an upload may take is decided by what its first bytes say of it, before any of it is decoded.
"""

import struct
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePath

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.fields.files import FieldFile
from django.db.models.signals import post_delete
from django.template.defaultfilters import filesizeformat
from PIL import Image, ImageCms, ImageOps
from wagtail.images import get_image_model
from wagtail.images.models import AbstractImage, AbstractRendition, Filter
from wagtail.models import Collection

from referrals.models import Organisation, Picture, Service

STOCK_GALLERY = "Stock gallery"  # a collection of the CMS, which content editors fill

LARGEST_SIDE, LARGEST_SMALL_SIDE = 1600, 480  # pixels
QUALITY = 80  # of a WebP: a third smaller than a JPEG that looks the same
STOCK_LARGE, STOCK_SMALL = (
    f"max-{side}x{side}|format-webp|webpquality-{QUALITY}" for side in (LARGEST_SIDE, LARGEST_SMALL_SIDE)
)

_MEGAPIXELS = {"JPEG": 50, "PNG": 25, "WEBP": 25}  # a JPEG is decoded at a fraction of its size
_MEGAPIXELS_IN_PASSES = 25  # of a progressive JPEG, whose passes are all held until the last has come
_MUCH = "Choose a smaller size when you take, save or send it, or a screenshot of it."
_BROKEN = (EOFError, OSError, SyntaxError, ValueError, struct.error)  # what Pillow raises over damaged files

_TAKEN = "Please choose a JPEG, PNG or WebP picture."
_NOT_TAKEN: tuple[tuple[Callable[[bytes], bool], str], ...] = (
    (lambda start: start[:4] == b"GIF8", f"This is a GIF, which cannot be used. {_TAKEN}"),
    (lambda start: start[:4] == b"PK\3\4", f"This is a zip file or a document, not a picture. {_TAKEN}"),
    (lambda start: start[:4] == b"%PDF", f"This is a PDF, not a picture. {_TAKEN}"),
    (
        lambda start: start[4:8] == b"ftyp" and start[8:12] in (b"heic", b"heix", b"heif", b"mif1", b"msf1"),
        "This is an HEIC photograph, as iPhones take them, which cannot be used. Save or send it as a JPEG "
        '("Most compatible" in the settings of the camera).',
    ),
    (
        lambda start: b"<svg" in start or start.lstrip().startswith(b"<?xml"),
        f"This is a drawing (SVG), which cannot be used. {_TAKEN}",
    ),
)


class UnusablePicture(ValueError):  # noqa: N818 (a refusal for people to read, not a fault)
    """An upload that cannot be used. Its text is for the person who chose it: what is wrong, and what to do."""


def store_picture(upload: UploadedFile, organisation: Organisation, name: str = "") -> Picture:
    """Store what `upload` shows as a picture of `organisation`; `name` is the file's own when empty.

    Raises UnusablePicture. When the database refuses, no file stays behind.
    """
    image = read_picture(upload)
    picture = Picture(organisation=organisation, name=name or name_of(upload))
    store_image(picture, image)
    return picture


def name_of(upload: UploadedFile) -> str:
    return PurePath(upload.name or "").stem[: Picture._meta.get_field("name").max_length] or "Picture"


def store_image(picture: Picture, image: Image.Image) -> None:
    """Save a new `picture` with `image`, as `read_picture` returned it, in both sizes."""
    picture.width, picture.height = image.size
    small = image.copy()
    small.thumbnail((LARGEST_SMALL_SIDE, LARGEST_SMALL_SIDE))
    with files_removed_on_failure() as files, transaction.atomic():
        for field, size in ((picture.file, image), (picture.small, small)):
            field.save("picture.webp", ContentFile(_as_webp(size)), save=False)
            files.append(field)
        picture.save()


@contextmanager
def files_removed_on_failure() -> Iterator[list[FieldFile]]:
    """Yield a list for the files that are written inside: when the block fails they are removed, as its rows are."""
    files: list[FieldFile] = []
    try:
        yield files
    except BaseException:
        for file in files:
            with suppress(OSError):  # what went wrong first is what has to be told
                file.storage.delete(file.name)
        raise


def remove_files_after_commit(instance: Picture, **signal: object) -> None:
    """Without its row a picture is nobody's; until the deletion is certain, it is still needed."""
    for file in (instance.file, instance.small):
        transaction.on_commit(lambda file=file: file.storage.delete(file.name), robust=True)


def watch_deletions() -> None:
    post_delete.connect(remove_files_after_commit, sender=Picture)


def gallery_collection() -> Collection:
    """Return the gallery, made again when somebody has thrown it away in the CMS."""
    root = Collection.get_first_root_node() or Collection.add_root(name="Root")
    return _gallery() or root.add_child(name=STOCK_GALLERY)


def _gallery() -> Collection | None:
    return Collection.objects.filter(name=STOCK_GALLERY).order_by("path").first()


def stock_gallery() -> QuerySet:
    """Return the images of the stock gallery and the collections below it."""
    gallery = _gallery()
    images = with_stock_sizes(get_image_model().objects.order_by("title", "pk"))
    return images.filter(collection__in=gallery.get_descendants(inclusive=True)) if gallery else images.none()


def with_stock_sizes(images: QuerySet) -> QuerySet:
    """Fetch along the sizes in which images are shown; those never shown before are made when they are."""
    return images.prefetch_renditions(STOCK_LARGE, STOCK_SMALL)


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """What a page needs to show a picture: addresses, the larger one's size in pixels, and what there is to see."""

    address: str
    small_address: str
    small_width: int
    width: int
    height: int
    alt: str


def shown(picture: Picture, alt: str) -> ShownPicture:
    scale = min(1, LARGEST_SMALL_SIDE / max(picture.width, picture.height, 1))
    return ShownPicture(
        address=picture.file.url,
        small_address=picture.small.url,
        small_width=round(picture.width * scale),
        width=picture.width,
        height=picture.height,
        alt=alt,
    )


def shown_from_stock(image: AbstractImage, alt: str) -> ShownPicture | None:
    """Return None when somebody has thrown the image's file away."""
    large, small = (in_size(image, spec) for spec in (STOCK_LARGE, STOCK_SMALL))
    if not large or not small:
        return None
    return ShownPicture(
        address=large.url,
        small_address=small.url,
        small_width=small.width,
        width=large.width,
        height=large.height,
        alt=alt,
    )


def in_size(image: AbstractImage, spec: str) -> AbstractRendition | None:
    """Do what `get_rendition` does, but for the temporary file that it leaves open, and for what a camera wrote into
    the file, which Wagtail copies. `spec` names one of JPEG, PNG and WebP. None when the image's file is gone."""
    wanted = Filter(spec)
    if found := image.find_existing_renditions(wanted).get(wanted):
        return found
    if not image.file.storage.exists(image.file.name):
        return None
    key = {"filter_spec": wanted.spec, "focal_point_key": wanted.get_cache_key(image)}
    with closing(image.generate_rendition_file(wanted)) as file, Image.open(file) as made:
        bare = ContentFile(_bare(made), name=file.name)
    return image.renditions.get_or_create(**key, defaults={"file": bare})[0]


def _bare(made: Image.Image) -> bytes:
    """Return the picture alone, in the format that was made. Only a PNG, which a logo is, stays transparent."""
    profile = made.info.get("icc_profile")
    if made.format == "PNG" and made.has_transparency_data:
        return _encoded(made.convert("RGBA"), "PNG")
    return _encoded(_in_srgb(_on_white(made), profile), made.format)


def picture_of(service: Service) -> ShownPicture | None:
    if service.picture:
        return shown(service.picture, service.picture_alt)
    return shown_from_stock(service.stock_picture, service.picture_alt) if service.stock_picture else None


def read_picture(upload: UploadedFile) -> Image.Image:
    """Return the picture in an upload: upright, on white, in sRGB, at most `LARGEST_SIDE` pixels each way."""
    if upload.size > settings.UPLOADED_PICTURE_BYTES:
        raise UnusablePicture(
            f"This file has {filesizeformat(upload.size)}; at most {filesizeformat(settings.UPLOADED_PICTURE_BYTES)} "
            f"can be used. {_MUCH}"
        )
    try:
        with _opened(upload) as image:
            return _prepared(image)
    except UnusablePicture:
        raise
    except _BROKEN as error:
        raise UnusablePicture("This picture is damaged or not complete. Please copy or save it once more.") from error


def _opened(upload: UploadedFile) -> Image.Image:
    """Read no more than the head of the file, and refuse what is of another kind or too large."""
    upload.seek(0)
    start = upload.read(1024)
    for is_so, refusal in _NOT_TAKEN:
        if is_so(start):
            raise UnusablePicture(refusal)
    upload.seek(0)
    try:
        image = Image.open(upload, formats=list(_MEGAPIXELS))
    except Image.UnidentifiedImageError as error:
        raise UnusablePicture(f"This file is not a picture that can be used. {_TAKEN}") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnusablePicture(f"This picture has far more than 50 megapixels, which cannot be used. {_MUCH}") from error
    _refuse_if_too_large(image)
    if image.format != "MPO" and getattr(image, "is_animated", False):
        raise UnusablePicture(f"This picture moves, which cannot be used. {_TAKEN}")
    return image


def _refuse_if_too_large(image: Image.Image) -> None:
    limit = _MEGAPIXELS.get(image.format, _MEGAPIXELS["JPEG"])  # an MPO is a JPEG with further ones behind it
    if image.info.get("progressive"):
        limit = min(limit, _MEGAPIXELS_IN_PASSES)
    pixels = image.width * image.height
    if pixels > limit * 1_000_000:
        raise UnusablePicture(f"This picture has {pixels / 1e6:.0f} megapixels; at most {limit} can be used. {_MUCH}")


def _prepared(image: Image.Image) -> Image.Image:
    scale = min(1, LARGEST_SIDE / max(image.size))
    image.draft("RGB", (max(1, int(image.width * scale)), max(1, int(image.height * scale))))
    image.thumbnail((LARGEST_SIDE, LARGEST_SIDE), reducing_gap=2)
    upright = ImageOps.exif_transpose(image)
    profile = image.info.get("icc_profile")
    return _in_srgb(_on_white(upright), profile)


def _on_white(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image
    layer = image.convert("RGBA")
    white = Image.new("RGB", image.size, "white")
    white.paste(layer, mask=layer.getchannel("A"))
    return white


_SRGB = ImageCms.createProfile("sRGB")


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return the picture as every screen shows it; a profile that does not fit the picture is left out."""
    if profile:
        with suppress(ImageCms.PyCMSError, *_BROKEN):
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            return ImageCms.profileToProfile(image, source, _SRGB, outputMode="RGB")
    return image.convert("RGB")


def _as_webp(image: Image.Image) -> bytes:
    return _encoded(image, "WEBP")


def _encoded(image: Image.Image, format_name: str) -> bytes:
    """Pillow writes along some of what it found in the file, so all of that is forgotten first."""
    image.info.clear()
    target = BytesIO()
    image.save(target, format_name, quality=QUALITY)
    return target.getvalue()
