"""Files that should not be: each is answered in words, within bounds, and nothing of it is kept."""

import io
import json
import resource
import zipfile

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from backoffice.tests.test_admin_forms import service_data, url
from referrals.models import Activity, OpeningHours, Picture, Service, UploadedTable

pytestmark = pytest.mark.django_db

MEGABYTE = 1024  # in the units of ru_maxrss


def polygon(*corners: tuple[float, float]) -> str:
    ring = [list(corner) for corner in (*corners, corners[0])]
    return json.dumps({"type": "Polygon", "coordinates": [ring]})


SQUARE = ((-0.2, 51.5), (-0.1, 51.5), (-0.1, 51.6), (-0.2, 51.6))
BOW_TIE = polygon((-0.2, 51.5), (-0.1, 51.6), (-0.1, 51.5), (-0.2, 51.6))
SWAPPED = polygon(*((latitude, longitude) for longitude, latitude in SQUARE))
IN_THE_SEA = polygon((-4.0, 50.0), (-3.9, 50.0), (-3.9, 49.9))
NATIONAL_GRID = polygon((525000, 180000), (530000, 180000), (530000, 185000))
FLAT = polygon((-0.2, 51.5), (-0.1, 51.5), (-0.2, 51.5))


def photograph(width: int, height: int, kind: str = "JPEG") -> bytes:
    file = io.BytesIO()
    Image.new("L", (width, height), 128).save(file, kind)
    return file.getvalue()


def zip_bomb() -> bytes:
    """A workbook whose one sheet would unpack to 200 MB."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        with book.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _ in range(200):
                sheet.write(b" " * 1_000_000)
    return file.getvalue()


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


@pytest.fixture
def nothing_kept(ours):
    """Whatever is sent, no row and no file is there afterwards that was not there before."""

    def state() -> list:
        tables = (Service, Activity, OpeningHours, Picture, UploadedTable)
        files = default_storage.listdir("pictures")[1] if default_storage.exists("pictures") else []
        return [*(table.objects.count() for table in tables), sorted(files)]

    before = state()
    yield
    assert state() == before


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        (IN_THE_SEA, "lies outside Ours area, about"),
        (NATIONAL_GRID, "metres of the British National Grid"),
        (FLAT, "encloses nothing"),
        ("[" * 100_000, "nested too deeply"),
    ],
    ids=["in the sea", "national grid", "flat", "too deep"],
)
@pytest.mark.usefixtures("nothing_kept")
def test_a_shape_that_cannot_be_used_is_refused_in_words(shape, words, ours, signed_in):
    file = SimpleUploadedFile("shape.geojson", shape.encode())
    response = signed_in(ours.insider).post(url("service", "add"), service_data(ours, catchment_file=file))
    assert words in response.context["adminform"].form.errors["catchment"][0]


@pytest.mark.parametrize(
    ("shape", "words"), [(BOW_TIE, "crossed itself"), (SWAPPED, "they were swapped")], ids=["bow tie", "axes swapped"]
)
def test_a_shape_that_can_be_mended_is_and_says_so(shape, words, ours, signed_in):
    file = SimpleUploadedFile("shape.geojson", shape.encode())
    data = service_data(ours, catchment_file=file)
    response = signed_in(ours.insider).post(url("service", "add"), data, follow=True)
    assert words in response.text
    catchment = Service.objects.latest("pk").catchment
    assert catchment.valid
    assert catchment.within(ours.network.area.boundary.buffer(0.1))


@pytest.mark.usefixtures("nothing_kept")
def test_a_shape_of_twenty_megabytes_is_refused_unread(ours, signed_in):
    corners = ",".join(f"[-0.{n % 90 + 10:02}{n:07},51.5]" for n in range(1_100_000))
    file = SimpleUploadedFile("shape.geojson", f'{{"type":"Polygon","coordinates":[[{corners}]]}}'.encode())
    assert file.size > 20_000_000
    client, data, before = signed_in(ours.insider), service_data(ours, catchment_file=file), peak()
    response = client.post(url("service", "add"), data)
    assert "at most 8 MB" in response.context["adminform"].form.errors["catchment"][0]
    assert peak() - before < 150 * MEGABYTE  # the test client holds its own copies of what it sends


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("drawing.png", b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>', "JPEG, PNG or WebP"),
        ("sixty.jpg", photograph(10_000, 6_000), "60 megapixels"),
        ("half.jpg", photograph(800, 600)[:-300], "damaged"),
        ("text.jpg", b"not a picture at all", "JPEG, PNG or WebP"),
    ],
    ids=["SVG named PNG", "60 megapixels", "cut off", "no picture"],
)
@pytest.mark.usefixtures("nothing_kept")
def test_a_picture_that_cannot_be_used_is_refused_in_words(name, content, words, ours, signed_in):
    client, before = signed_in(ours.insider), peak()
    data = service_data(ours, picture_choice_upload=SimpleUploadedFile(name, content), picture_choice_alt="A table")
    response = client.post(url("service", "add"), data)
    assert words in response.context["adminform"].form.errors["picture_choice"][0]
    assert peak() - before < 60 * MEGABYTE


@pytest.mark.usefixtures("nothing_kept")
def test_a_workbook_that_is_a_bomb_is_refused_in_words(ours, signed_in):
    bomb, client, before = zip_bomb(), signed_in(ours.insider), peak()
    assert len(bomb) < 1_000_000
    response = client.post(url("service", "import"), {"file": SimpleUploadedFile("services.xlsx", bomb)})
    assert "far more than a table of its size" in response.context["form"].errors["file"][0]
    assert peak() - before < 60 * MEGABYTE
