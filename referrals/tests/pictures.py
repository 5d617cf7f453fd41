"""Files as people upload them, made by Pillow."""

import struct
import zlib
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

ORIENTATION, GPS, CAMERA = 0x0112, 0x8825, 0x0110
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def drawn(width: int = 640, height: int = 480, mode: str = "RGB", colour: object = "teal") -> Image.Image:
    """Return a picture whose upper left quarter is of another colour, so that it can be told which way is up."""
    image = Image.new(mode, (width, height), colour)
    image.paste("orange" if mode in ("RGB", "RGBA") else 40, (0, 0, width // 2, height // 2))
    return image


def encoded(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    target = BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def upload(content: bytes, name: str = "picture.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def photograph(*, orientation: int = 1, **options: object) -> bytes:
    """Return a JPEG as a telephone writes it: lying on its side, with where and with what it was taken."""
    image = drawn()
    exif = image.getexif()
    exif[ORIENTATION] = orientation
    exif[CAMERA] = "Secret Camera"
    exif.get_ifd(GPS).update({1: "N", 2: (51.0, 32.0, 24.0), 3: "W", 4: (0.0, 9.0, 0.0)})
    return encoded(image, exif=exif, comment=b"Secret comment", **options)


def png_that_claims(width: int, height: int) -> bytes:
    """Return a PNG of some hundred bytes whose head speaks of many pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(10_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
