"""Pictures of services. Uploads are stored as upright WebPs in two sizes, without metadata; services without a picture
of their own can use the stock gallery.

An upload is judged by its first bytes, before it is decoded, so that none can take too much memory.
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
QUALITY = 80  # of a WebP: a third smaller than a JPEG of the same quality
STOCK_LARGE, STOCK_SMALL = (
    f"max-{side}x{side}|format-webp|webpquality-{QUALITY}" for side in (LARGEST_SIDE, LARGEST_SMALL_SIDE)
)

_MEGAPIXELS = {"JPEG": 50, "PNG": 25, "WEBP": 25}  # a JPEG can be decoded at a fraction of its size
_MEGAPIXELS_IN_PASSES = 25  # of a progressive JPEG: all passes are held in memory until the last
_CHOOSE_SMALLER = "Choose a smaller size when you take, save or send it, or a screenshot of it."
_DAMAGED = (EOFError, OSError, SyntaxError, ValueError, struct.error)  # what Pillow raises over damaged files

_CHOOSE_ACCEPTED = "Please choose a JPEG, PNG or WebP picture."
_REFUSED_KINDS: tuple[tuple[Callable[[bytes], bool], str], ...] = (
    (lambda start: start[:4] == b"GIF8", f"This is a GIF, which cannot be used. {_CHOOSE_ACCEPTED}"),
    (lambda start: start[:4] == b"PK\3\4", f"This is a zip file or a document, not a picture. {_CHOOSE_ACCEPTED}"),
    (lambda start: start[:4] == b"%PDF", f"This is a PDF, not a picture. {_CHOOSE_ACCEPTED}"),
    (
        lambda start: start[4:8] == b"ftyp" and start[8:12] in (b"heic", b"heix", b"heif", b"mif1", b"msf1"),
        "This is an HEIC photograph, as iPhones take them, which cannot be used. Save or send it as a JPEG "
        '("Most compatible" in the settings of the camera).',
    ),
    (
        lambda start: b"<svg" in start or start.lstrip().startswith(b"<?xml"),
        f"This is a drawing (SVG), which cannot be used. {_CHOOSE_ACCEPTED}",
    ),
)


class UnusablePicture(ValueError):  # noqa: N818 (a refusal for people to read, not a fault)
    """The upload is refused. The text tells the uploader what is wrong and what to do."""


def store_picture(upload: UploadedFile, organisation: Organisation, name: str = "") -> Picture:
    """Store `upload` as a picture of `organisation`, named after the file unless `name` is given.

    Raises UnusablePicture. When the database refuses, no file is left behind.
    """
    image = read_picture(upload)
    picture = Picture(organisation=organisation, name=name or name_of(upload))
    store_image(picture, image)
    return picture


def name_of(upload: UploadedFile) -> str:
    return PurePath(upload.name or "").stem[: Picture._meta.get_field("name").max_length] or "Picture"


def store_image(picture: Picture, image: Image.Image) -> None:
    picture.width, picture.height = image.size
    small = image.copy()
    small.thumbnail((LARGEST_SMALL_SIDE, LARGEST_SMALL_SIDE))
    with files_removed_on_failure() as files, transaction.atomic():
        for field, size in ((picture.file, image), (picture.small, small)):
            field.save("picture.webp", ContentFile(_encode(size, "WEBP")), save=False)
            files.append(field)
        picture.save()


@contextmanager
def files_removed_on_failure() -> Iterator[list[FieldFile]]:
    """Yield a list for files written inside; if the block fails they are deleted, as its rows are rolled back."""
    files: list[FieldFile] = []
    try:
        yield files
    except BaseException:
        for file in files:
            with suppress(OSError):  # report the first error, not this one
                file.storage.delete(file.name)
        raise


def remove_files_after_commit(instance: Picture, **signal: object) -> None:
    # Until the deletion is committed, the files may still be needed.
    for file in (instance.file, instance.small):
        transaction.on_commit(lambda file=file: file.storage.delete(file.name), robust=True)


def watch_deletions() -> None:
    post_delete.connect(remove_files_after_commit, sender=Picture)


def gallery_collection() -> Collection:
    root = Collection.get_first_root_node() or Collection.add_root(name="Root")
    return _gallery() or root.add_child(name=STOCK_GALLERY)


def _gallery() -> Collection | None:
    return Collection.objects.filter(name=STOCK_GALLERY).order_by("path").first()


def stock_gallery() -> QuerySet:
    gallery = _gallery()
    images = with_stock_sizes(get_image_model().objects.order_by("title", "pk"))
    return images.filter(collection__in=gallery.get_descendants(inclusive=True)) if gallery else images.none()


def with_stock_sizes(images: QuerySet) -> QuerySet:
    """Prefetch the two sizes; any that is missing is rendered when shown."""
    return images.prefetch_renditions(STOCK_LARGE, STOCK_SMALL)


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """What a page needs to show a picture. `width` and `height` are those of the larger size, in pixels."""

    address: str
    small_address: str
    small_width: int
    width: int
    height: int
    alt: str


def shown_picture(picture: Picture, alt: str) -> ShownPicture:
    scale = min(1, LARGEST_SMALL_SIDE / max(picture.width, picture.height, 1))
    return ShownPicture(
        address=picture.file.url,
        small_address=picture.small.url,
        small_width=round(picture.width * scale),
        width=picture.width,
        height=picture.height,
        alt=alt,
    )


def shown_stock_picture(image: AbstractImage, alt: str) -> ShownPicture | None:
    """Return None if the image's file is gone."""
    large, small = (bare_rendition(image, spec) for spec in (STOCK_LARGE, STOCK_SMALL))
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


def bare_rendition(image: AbstractImage, spec: str) -> AbstractRendition | None:
    """Like `get_rendition`, but closes its temporary file and drops metadata, which Wagtail copies.

    `spec` names one of JPEG, PNG and WebP. None if the image's file is gone.
    """
    wanted = Filter(spec)
    if found := image.find_existing_renditions(wanted).get(wanted):
        return found
    if not image.file.storage.exists(image.file.name):
        return None
    key = {"filter_spec": wanted.spec, "focal_point_key": wanted.get_cache_key(image)}
    with closing(image.generate_rendition_file(wanted)) as file, Image.open(file) as made:
        bare = ContentFile(_without_metadata(made), name=file.name)
    return image.renditions.get_or_create(**key, defaults={"file": bare})[0]


def _without_metadata(made: Image.Image) -> bytes:
    # Only a PNG stays transparent: it may be a logo.
    profile = made.info.get("icc_profile")
    if made.format == "PNG" and made.has_transparency_data:
        return _encode(made.convert("RGBA"), "PNG")
    return _encode(_convert_to_srgb(_flatten_on_white(made), profile), made.format)


def picture_of(service: Service) -> ShownPicture | None:
    if service.picture:
        return shown_picture(service.picture, service.picture_alt)
    return shown_stock_picture(service.stock_picture, service.picture_alt) if service.stock_picture else None


def read_picture(upload: UploadedFile) -> Image.Image:
    """Return the picture upright, on white, in sRGB, at most `LARGEST_SIDE` pixels each way. Raises UnusablePicture."""
    if upload.size > settings.UPLOADED_PICTURE_BYTES:
        raise UnusablePicture(
            f"This file has {filesizeformat(upload.size)}; at most {filesizeformat(settings.UPLOADED_PICTURE_BYTES)} "
            f"can be used. {_CHOOSE_SMALLER}"
        )
    try:
        with _open_image(upload) as image:
            return _prepare(image)
    except UnusablePicture:
        raise
    except _DAMAGED as error:
        raise UnusablePicture("This picture is damaged or not complete. Please copy or save it once more.") from error


def _open_image(upload: UploadedFile) -> Image.Image:
    upload.seek(0)
    start = upload.read(1024)
    for is_of_kind, refusal in _REFUSED_KINDS:
        if is_of_kind(start):
            raise UnusablePicture(refusal)
    upload.seek(0)
    try:
        image = Image.open(upload, formats=list(_MEGAPIXELS))
    except Image.UnidentifiedImageError as error:
        raise UnusablePicture(f"This file is not a picture that can be used. {_CHOOSE_ACCEPTED}") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnusablePicture(
            f"This picture has far more than 50 megapixels, which cannot be used. {_CHOOSE_SMALLER}"
        ) from error
    _refuse_if_too_large(image)
    if image.format != "MPO" and getattr(image, "is_animated", False):
        raise UnusablePicture(f"This picture is animated, which cannot be used. {_CHOOSE_ACCEPTED}")
    return image


def _refuse_if_too_large(image: Image.Image) -> None:
    limit = _MEGAPIXELS.get(image.format, _MEGAPIXELS["JPEG"])  # an MPO is a JPEG followed by others
    if image.info.get("progressive"):
        limit = min(limit, _MEGAPIXELS_IN_PASSES)
    pixels = image.width * image.height
    if pixels > limit * 1_000_000:
        raise UnusablePicture(
            f"This picture has {pixels / 1e6:.0f} megapixels; at most {limit} can be used. {_CHOOSE_SMALLER}"
        )


def _prepare(image: Image.Image) -> Image.Image:
    scale = min(1, LARGEST_SIDE / max(image.size))
    image.draft("RGB", (max(1, int(image.width * scale)), max(1, int(image.height * scale))))
    image.thumbnail((LARGEST_SIDE, LARGEST_SIDE), reducing_gap=2)
    upright = ImageOps.exif_transpose(image)
    profile = image.info.get("icc_profile")
    return _convert_to_srgb(_flatten_on_white(upright), profile)


def _flatten_on_white(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image
    layer = image.convert("RGBA")
    white = Image.new("RGB", image.size, "white")
    white.paste(layer, mask=layer.getchannel("A"))
    return white


_SRGB = ImageCms.createProfile("sRGB")


def _convert_to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    # A profile that does not fit the picture is ignored.
    if profile:
        with suppress(ImageCms.PyCMSError, *_DAMAGED):
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            return ImageCms.profileToProfile(image, source, _SRGB, outputMode="RGB")
    return image.convert("RGB")


def _encode(image: Image.Image, format_name: str) -> bytes:
    # Pillow writes metadata of the source into the new file unless it is cleared.
    image.info.clear()
    target = BytesIO()
    image.save(target, format_name, quality=QUALITY)
    return target.getvalue()
