"""Files that should not be: each is answered in words, within bounds, and nothing of it is kept."""

import io
import json
import time
import zipfile
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook
from PIL import Image

from backoffice.catchments import views
from backoffice.tests.forms import service_data, url
from referrals.enums import TableState
from referrals.import_export import ActivityResource, uploads
from referrals.models import Activity, OpeningHours, Picture, Service, UploadedTable
from referrals.rate_limits import Limit
from referrals.tests.memory import megabytes_at_most

pytestmark = pytest.mark.django_db


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
    """A workbook whose one sheet would unpack to 100 MB."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        with book.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _ in range(100):
                sheet.write(b" " * 1_000_000)
    return file.getvalue()


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
    corners = "[-0.1234567,51.5]," * 1_200_000
    file = SimpleUploadedFile("shape.geojson", f'{{"type":"Polygon","coordinates":[[{corners}[-0.1,51]]]}}'.encode())
    assert file.size > 20_000_000
    client, data, answers = signed_in(ours.insider), service_data(ours, catchment_file=file), []
    # The test client holds its own copies of what it sends.
    assert megabytes_at_most(lambda: answers.append(client.post(url("service", "add"), data))) < 150
    assert "at most 8 MB" in answers[0].context["adminform"].form.errors["catchment"][0]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        (
            "drawing.png",
            lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>',
            "JPEG, PNG or WebP",
        ),
        ("sixty.jpg", lambda: photograph(10_000, 6_000), "60 megapixels"),
        ("half.jpg", lambda: photograph(800, 600)[:-300], "damaged"),
        ("text.jpg", lambda: b"not a picture at all", "JPEG, PNG or WebP"),
    ],
    ids=["SVG named PNG", "60 megapixels", "cut off", "no picture"],
)
@pytest.mark.usefixtures("nothing_kept")
def test_a_picture_that_cannot_be_used_is_refused_in_words(name, content, words, ours, signed_in):
    client, answers = signed_in(ours.insider), []
    data = service_data(ours, picture_choice_upload=SimpleUploadedFile(name, content()), picture_choice_alt="A table")
    assert megabytes_at_most(lambda: answers.append(client.post(url("service", "add"), data))) < 60
    assert words in answers[0].context["adminform"].form.errors["picture_choice"][0]


@pytest.mark.usefixtures("nothing_kept")
def test_a_workbook_that_is_a_bomb_is_refused_in_words(ours, signed_in):
    bomb, client, answers = zip_bomb(), signed_in(ours.insider), []
    assert len(bomb) < 1_000_000
    data = {"file": SimpleUploadedFile("services.xlsx", bomb)}
    assert megabytes_at_most(lambda: answers.append(client.post(url("service", "import"), data))) < 60
    assert "far more than a table of its size" in answers[0].context["form"].errors["file"][0]


# Small files that would take long


def workbook(**parts: str) -> bytes:
    """A workbook with these parts in place of its own: `sheet` and `texts`, the strings that sheets share."""
    made, changed = io.BytesIO(), io.BytesIO()
    Workbook().save(made)
    head = '<?xml version="1.0"?><{0} xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{1}</{0}>'
    names = {
        "xl/worksheets/sheet1.xml": head.format("worksheet", f"<sheetData>{parts.get('sheet', '')}</sheetData>"),
        "xl/sharedStrings.xml": head.format("sst", parts.get("texts", "")),
    }
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in names:
                new.writestr(name, old.read(name))
        for name, text in names.items():
            new.writestr(name, text)
    return changed.getvalue()


def comb(teeth: int) -> str:
    """Nothing of it can be left out, which an ordinary simplification would find out corner by corner."""
    points = [point for n in range(teeth) for x in [-0.2 + 0.1 * n / teeth] for point in ((x, 51.5), (x + 1e-6, 51.58))]
    return polygon(*points, (-0.1, 51.49), (-0.2, 51.49))


def boxes(number: int) -> str:
    """Each overlaps half of the others."""
    corners = [(0, 0), (0.05, 0), (0.05, 0.05), (0, 0.05), (0, 0)]
    starts = [-0.2 + 0.1 * n / number for n in range(number)]
    rings = [[[[start + x, 51.5 + y] for x, y in corners]] for start in starts]
    return json.dumps({"type": "MultiPolygon", "coordinates": rings})


def processor_seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


@pytest.mark.parametrize(
    "content",
    [
        lambda: workbook(sheet=("<row>" + "<c/>" * 2000 + "</row>") * 1200),
        lambda: workbook(texts="<si><t>a</t></si>" * 900_000),
        lambda: workbook(sheet=("<x:row>" + "<x:c />" * 2000 + "</x:row>") * 400),
    ],
    ids=["empty cells", "shared texts", "with a prefix"],
)
@pytest.mark.usefixtures("nothing_kept")
def test_a_workbook_that_would_take_long_is_refused_at_once(content, ours, signed_in):
    client, answers = signed_in(ours.insider), []
    file = SimpleUploadedFile("table.xlsx", content())
    assert processor_seconds(lambda: answers.append(client.post(url("venue", "import"), {"file": file}))) < 6
    assert "more than 300,000 cells" in answers[0].context["form"].errors["file"][0]


@pytest.mark.parametrize(
    "shape", [lambda: comb(2_000), lambda: comb(20_000), lambda: boxes(8_000)], ids=["comb", "large comb", "boxes"]
)
@pytest.mark.usefixtures("nothing_kept")
def test_a_shape_that_would_take_long_is_refused_at_once(shape, ours, signed_in):
    client, answers = signed_in(ours.insider), []
    data = {"network": ours.network.pk, "how": "start", "what": "file"}
    given = SimpleUploadedFile("shape.geojson", shape().encode())
    change = reverse("backoffice:catchment_change")
    assert processor_seconds(lambda: answers.append(client.post(change, data | {"given": given}))) < 8
    assert answers[0].status_code == 422


def test_a_table_of_many_letters_is_a_workers_business(ours, settings):
    settings.UPLOADED_TABLE_LETTERS_AT_ONCE = 20
    content = b"ID,Organisation,Name\n,Ours pantry,Hall with a long name\n"
    table = uploads.receive_table(ActivityResource(ours.insider), content, name="t.csv", session="s")
    assert table.state == TableState.WAITING


def test_one_user_can_send_only_so_many_tables_and_shapes_at_a_time(ours, signed_in, monkeypatch):
    client = signed_in(ours.insider)
    monkeypatch.setattr(uploads, "TABLES_BY_ONE_USER", Limit("tables-by-user", 1, timedelta(hours=1)))
    monkeypatch.setattr(views, "SHAPES_BY_ONE_USER", Limit("shapes-by-user", 1, timedelta(hours=1)))
    sent = [
        client.post(url("activity", "import"), {"file": SimpleUploadedFile("t.csv", b"ID,Organisation,Name\n")})
        for _ in range(2)
    ]
    assert sent[0].status_code == 302
    assert "very often" in sent[1].context["form"].errors["file"][0]
    data = {"network": ours.network.pk, "how": "start", "what": "area"}
    changes = [client.post(reverse("backoffice:catchment_change"), data).status_code for _ in range(2)]
    assert changes == [200, 429]
