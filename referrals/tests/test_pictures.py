"""What becomes of an uploaded picture, and which files are refused in which words."""

import re
import subprocess
import sys
from io import BytesIO
from random import Random
from zipfile import ZipFile

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction
from PIL import Image, ImageCms

from referrals.models import Organisation, Picture
from referrals.services.pictures import (
    UnusablePicture,
    files_removed_on_failure,
    read_picture,
    shown_stock_picture,
    store_picture,
)
from referrals.tests.depth import draw_cases
from referrals.tests.factories import OrganisationFactory
from referrals.tests.pictures import SVG, drawn, encoded, photograph, png_that_claims, upload
from referrals.tests.stock import stock_image

TEAL, ORANGE, WHITE = (0, 128, 128), (255, 165, 0), (255, 255, 255)


@pytest.fixture
def organisation(db):
    return OrganisationFactory()


@pytest.fixture(autouse=True)
def empty_storage():
    """Other tests of the same process leave files as well."""
    for name in stored_files():
        default_storage.delete(name)


def stored_files() -> set[str]:
    if not default_storage.exists("pictures"):
        return set()
    return {f"pictures/{name}" for name in default_storage.listdir("pictures")[1]}


def reopened(file) -> Image.Image:
    with file.open("rb") as content:
        return Image.open(BytesIO(content.read()))


def is_about(pixel: tuple, colour: tuple) -> bool:
    return all(abs(one - other) < 12 for one, other in zip(pixel, colour, strict=True))


def corner(image: Image.Image) -> str:
    """Say where the orange quarter is."""
    edges = {"upper left": (5, 5), "upper right": (-6, 5), "lower left": (5, -6), "lower right": (-6, -6)}
    found = [
        name for name, (x, y) in edges.items() if is_about(image.getpixel((x % image.width, y % image.height)), ORANGE)
    ]
    assert len(found) == 1
    return found[0]


class TestWhatBecomesOfIt:
    def test_a_picture_is_stored_in_two_sizes_under_unguessable_names(self, organisation):
        picture = store_picture(upload(encoded(drawn(4000, 3000)), "Our hall.jpg"), organisation)
        large, small = reopened(picture.file), reopened(picture.small)
        assert (large.format, large.mode, large.size) == ("WEBP", "RGB", (1600, 1200))
        assert (small.format, small.mode, small.size) == ("WEBP", "RGB", (480, 360))
        picture.refresh_from_db()
        assert (picture.name, picture.organisation, picture.width, picture.height) == (
            "Our hall",
            organisation,
            1600,
            1200,
        )
        assert stored_files() == {picture.file.name, picture.small.name}
        assert re.fullmatch(r"pictures/[\w-]{22}\.webp", picture.file.name)

    def test_a_small_picture_is_not_blown_up(self, organisation):
        picture = store_picture(upload(encoded(drawn(300, 200))), organisation, "Hall")
        assert (picture.name, picture.width, picture.height) == ("Hall", 300, 200)

    @pytest.mark.parametrize(
        ("orientation", "place", "size"),
        [
            (1, "upper left", (640, 480)),
            (3, "lower right", (640, 480)),
            (6, "upper right", (480, 640)),
            (8, "lower left", (480, 640)),
        ],
    )
    def test_a_photograph_is_turned_upright(self, orientation, place, size):
        image = read_picture(upload(photograph(orientation=orientation)))
        assert (corner(image), image.size) == (place, size)

    def test_metadata_is_removed(self, organisation):
        content = photograph(
            orientation=6, icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
        )
        assert b"Secret Camera" in content
        assert b"Secret comment" in content
        assert Image.open(BytesIO(content)).getexif().get_ifd(0x8825)[2] == (51.0, 32.0, 24.0)
        picture = store_picture(upload(content), organisation)
        for file in (picture.file, picture.small):
            kept = reopened(file)
            assert dict(kept.getexif()) == {}
            assert not {"exif", "icc_profile", "comment", "xmp", "photoshop"} & set(kept.info)
            with file.open("rb") as opened:
                assert b"Secret" not in opened.read()

    @pytest.mark.parametrize("kind", ["PNG", "WEBP"])
    def test_transparency_becomes_white(self, kind):
        image = drawn(mode="RGBA", colour=(0, 0, 0, 0))
        shown = read_picture(upload(encoded(image, kind, lossless=True), f"logo.{kind.lower()}"))
        assert shown.mode == "RGB"
        assert shown.getpixel((5, 5)) == ORANGE
        assert shown.getpixel((600, 400)) == WHITE

    @pytest.mark.parametrize("mode", ["L", "CMYK", "1", "P", "LA", "I;16"])
    def test_every_pixel_mode_becomes_rgb(self, mode):
        image = (
            Image.new("RGB", (64, 64), "white").convert(mode) if mode != "I;16" else Image.new(mode, (64, 64), 65535)
        )
        shown = read_picture(upload(encoded(image, "JPEG" if mode == "CMYK" else "PNG")))
        assert (shown.mode, shown.getpixel((9, 9))) == ("RGB", WHITE)

    def test_other_colour_spaces_are_converted_and_damaged_profiles_left_out(self):
        lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
        for profile in (lab, b"no profile at all"):
            assert read_picture(upload(encoded(drawn(), icc_profile=profile))).mode == "RGB"

    def test_a_photograph_of_fifty_megapixels_is_taken(self):
        assert read_picture(upload(encoded(Image.new("L", (8600, 5800))))).size == (1600, 1079)

    def test_a_photograph_with_others_behind_it_in_the_file_is_taken(self):
        first, second = drawn(), drawn(colour="red")
        image = read_picture(upload(encoded(first, "MPO", save_all=True, append_images=[second])))
        assert is_about(image.getpixel((600, 400)), TEAL)


def zipped() -> bytes:
    target = BytesIO()
    with ZipFile(target, "w") as archive:
        archive.writestr("picture.jpg", photograph())
    return target.getvalue()


def moving(kind: str) -> bytes:
    return encoded(drawn(), kind, save_all=True, append_images=[drawn(colour="red")], duration=100)


REFUSED = {
    "a drawing named as a picture": (lambda: SVG, "This is a drawing (SVG), which cannot be used."),
    "a drawing with a heading": (lambda: b'<?xml version="1.0"?>' + SVG, "This is a drawing (SVG)"),
    "text": (lambda: b"Dear all, here is our picture", "This file is not a picture that can be used."),
    "nothing": (lambda: b"", "This file is not a picture that can be used."),
    "a zip file": (zipped, "This is a zip file or a document, not a picture."),
    "a PDF": (lambda: b"%PDF-1.7", "This is a PDF, not a picture."),
    "a moving GIF": (lambda: moving("GIF"), "This is a GIF, which cannot be used."),
    "a moving WebP": (lambda: moving("WEBP"), "This picture is animated, which cannot be used."),
    "a moving PNG": (lambda: moving("PNG"), "This picture is animated, which cannot be used."),
    "a TIFF": (lambda: encoded(drawn(), "TIFF"), "This file is not a picture that can be used."),
    "an HEIC": (lambda: b"\0\0\0\x18ftypheic" + bytes(90), "This is an HEIC photograph"),
    "half a photograph": (lambda: photograph()[:3000], "This picture is damaged or not complete."),
    "half a PNG": (lambda: encoded(drawn(), "PNG")[:-60], "This picture is damaged or not complete."),
    "sixty megapixels": (
        lambda: encoded(Image.new("L", (10_000, 6_000))),
        "This picture has 60 megapixels; at most 50 can be used. Choose a smaller size",
    ),
    "thirty megapixels in passes": (
        lambda: encoded(Image.new("L", (6_000, 5_000)), progressive=True),
        "This picture has 30 megapixels; at most 25 can be used.",
    ),
    "a PNG of thirty megapixels": (
        lambda: encoded(Image.new("1", (6_000, 5_000)), "PNG"),
        "This picture has 30 megapixels; at most 25 can be used.",
    ),
    "a bomb": (lambda: png_that_claims(30_000, 30_000), "This picture has far more than 50 megapixels"),
    "too large a file": (
        lambda: photograph() + bytes(settings.UPLOADED_PICTURE_BYTES),
        "This file has 15.0\xa0MB; at most 15.0\xa0MB can be used.",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_an_unusable_upload_is_refused_with_the_reason_and_nothing_is_stored(what, organisation):
    make, words = REFUSED[what]
    with pytest.raises(UnusablePicture) as refusal:
        store_picture(upload(make(), "photo.png"), organisation)
    assert str(refusal.value).startswith(words)
    assert not Picture.objects.exists()
    assert stored_files() == set()


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_a_damaged_file_is_either_read_or_refused():
    random = Random(4)
    outcomes = set()
    for content in [photograph(), encoded(drawn(mode="RGBA"), "PNG"), encoded(drawn(), "WEBP")] * 60:
        damaged = bytearray(content)
        for _ in range(random.choice([1, 4, 30])):
            damaged[random.randrange(len(damaged))] = random.randrange(256)
        try:
            outcomes.add(read_picture(upload(bytes(damaged))).mode)
        except UnusablePicture:
            outcomes.add("refused")
    assert outcomes == {"RGB", "refused"}


MEASURE = """
import resource, sys, django
django.setup()
from django.core.files.uploadedfile import SimpleUploadedFile
from referrals.services.pictures import UnusablePicture, read_picture
content = open(sys.argv[1], "rb").read()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    read_picture(SimpleUploadedFile("x.jpg", content))
except UnusablePicture:
    pass
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


MEMORY = [
    pytest.param(lambda: encoded(Image.new("RGB", (8600, 5800), "teal")), 80, id="50 megapixels"),
    pytest.param(lambda: encoded(Image.new("RGB", (50_000, 990), "teal")), 80, id="a strip of 50 megapixels"),
    pytest.param(lambda: encoded(Image.new("RGB", (5_000, 4_990)), progressive=True), 120, id="25 in passes"),
    pytest.param(lambda: encoded(Image.new("RGBA", (5_000, 4_990)), "PNG"), 260, id="25 as PNG"),
    pytest.param(lambda: encoded(Image.new("L", (10_000, 6_000))), 10, id="60 megapixels, refused"),
    pytest.param(lambda: png_that_claims(30_000, 30_000), 10, id="a bomb, refused"),
]


@pytest.mark.sampled
@pytest.mark.parametrize(("content", "megabytes"), draw_cases("memory of pictures", MEMORY, share=1 / 2))
def test_memory_is_bounded(content, megabytes, tmp_path):
    """Measured in a process of its own: what Pillow takes is seen by the operating system only."""
    file = tmp_path / "picture"
    file.write_bytes(content())
    run = subprocess.run(
        [sys.executable, "-c", MEASURE, file], capture_output=True, text=True, check=True, cwd=settings.BASE_DIR
    )
    assert int(run.stdout) < megabytes


class TestFilesFollowRows:
    def test_nothing_is_stored_when_the_database_refuses(self, organisation):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(IntegrityError):
            store_picture(upload(photograph()), Organisation(pk=0))
        assert not Picture.objects.exists()
        assert stored_files() == set()

    def test_nothing_is_stored_when_the_surrounding_work_fails(self, organisation):
        def store_and_fail():
            with files_removed_on_failure() as files, transaction.atomic():
                picture = store_picture(upload(photograph()), organisation)
                files += [picture.file, picture.small]
                raise InterruptedError

        with pytest.raises(InterruptedError):
            store_and_fail()
        assert not Picture.objects.exists()
        assert stored_files() == set()

    def test_nothing_is_stored_when_the_storage_fails_half_way(self, organisation, monkeypatch):
        save = default_storage.save
        monkeypatch.setattr(
            default_storage,
            "save",
            lambda name, *args, **kwargs: save(name, *args, **kwargs) if not stored_files() else 1 / 0,
        )
        with pytest.raises(ZeroDivisionError):
            store_picture(upload(photograph()), organisation)
        assert not Picture.objects.exists()
        assert stored_files() == set()

    def test_deleting_a_picture_deletes_its_files_after_the_commit(
        self, organisation, django_capture_on_commit_callbacks
    ):
        kept = store_picture(upload(photograph()), organisation)
        gone = store_picture(upload(photograph()), organisation)
        with django_capture_on_commit_callbacks(execute=True):
            gone.delete()
            assert stored_files() == {file.name for one in (kept, gone) for file in (one.file, one.small)}
        assert stored_files() == {kept.file.name, kept.small.name}

    def test_deleting_an_organisation_deletes_its_pictures(self, organisation, django_capture_on_commit_callbacks):
        store_picture(upload(photograph()), organisation)
        with django_capture_on_commit_callbacks(execute=True):
            organisation.delete()
        assert stored_files() == set()


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_stock_picture_is_shown_upright_and_in_a_modern_format(db, orientation):
    shown = shown_stock_picture(stock_image(file=upload(photograph(orientation=orientation))), "A hall")
    with Image.open(default_storage.open(shown.address.removeprefix("/media/"))) as large:
        assert (large.format, large.mode, large.size) == ("WEBP", "RGB", (shown.width, shown.height))
        assert corner(large) == ("upper left" if orientation == 1 else "upper right")


def test_a_transparent_stock_picture_gets_a_white_background(db):
    logo = encoded(drawn(mode="RGBA", colour=(0, 0, 0, 0)), "PNG")
    shown = shown_stock_picture(stock_image(file=upload(logo, "logo.png")), "A logo")
    with Image.open(default_storage.open(shown.address.removeprefix("/media/"))) as large:
        assert large.mode == "RGB"
        assert is_about(large.getpixel((600, 400)), WHITE)


def test_renditions_of_a_stock_picture_have_no_metadata(db):
    image = stock_image(file=upload(photograph(), "hall.jpg"))
    with Image.open(image.file) as original:
        assert original.getexif()
    shown = shown_stock_picture(image, "A hall")
    for address in (shown.address, shown.small_address):
        with Image.open(default_storage.open(address.removeprefix("/media/"))) as size:
            assert not size.getexif()
            assert "exif" not in size.info
