"""Which files of the storage are served, and how."""

from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from PIL import Image

from referrals.services.pictures import shown_stock_picture, store_picture
from referrals.tests.factories import OrganisationFactory, UserFactory
from referrals.tests.pictures import SVG, photograph, upload
from referrals.tests.stock import stock_image

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def disk(tmp_path, settings):
    """A folder with the storage in it, and a secret beside that."""
    on_disk = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "media"}}
    settings.STORAGES = {**settings.STORAGES, "default": on_disk}
    (tmp_path / "secret.jpg").write_bytes(b"SECRET")


def store(name: str, content: bytes = b"SECRET") -> str:
    return f"/media/{default_storage.save(name, ContentFile(content))}"


@pytest.fixture
def picture():
    return store_picture(upload(photograph()), OrganisationFactory())


@pytest.mark.parametrize("who", ["signed out", "signed in"])
def test_everybody_may_see_and_keep_a_picture(who, picture, client, signed_in):
    client = client if who == "signed out" else signed_in(UserFactory())
    response = client.get(picture.file.url)
    assert response.status_code == 200
    assert response["Content-Type"] == "image/webp"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "Content-Disposition" not in response or response["Content-Disposition"].startswith("inline")
    assert not response.has_header("Vary")
    assert not response.cookies
    with picture.file.open() as file:
        assert response.getvalue() == file.read()


def test_a_picture_from_before_is_served_as_the_jpeg_it_is(client):
    response = client.get(store("pictures/from-before.jpg", photograph()))
    assert (response.status_code, response["Content-Type"]) == (200, "image/jpeg")
    assert response.getvalue() == photograph()


def test_looking_at_a_picture_is_no_sign_of_anybody_being_there(picture, signed_in):
    client = signed_in(UserFactory())
    client.get("/backoffice/")
    before = dict(client.session.items())
    client.get(picture.small.url).getvalue()
    assert dict(client.session.items()) == before


def test_the_sizes_of_an_image_of_the_cms_are_served(client):
    image = stock_image()
    shown = shown_stock_picture(image, "")
    for address in (shown.address, shown.small_address):
        response = client.get(address)
        assert response.status_code == 200
        assert Image.open(BytesIO(response.getvalue())).format == "WEBP"
    assert client.get(image.file.url).status_code == 404  # as it was uploaded, with whatever a camera wrote into it


@pytest.mark.parametrize(
    "name",
    [
        "documents/minutes.pdf",
        "documents/minutes.jpg",
        "secret.jpg",
        "pictures.jpg",
        "pictures/drawing.svg",
        "pictures/page.html",
        "pictures/nothing",
        "images/drawing.svg",
    ],
)
def test_nothing_else_is_served(name, client):
    assert client.get(store(name, SVG)).status_code == 404


@pytest.mark.parametrize(
    "name",
    [
        "pictures/../documents/minutes.jpg",
        "pictures/%2e%2e/documents/minutes.jpg",
        "pictures/./../documents/minutes.jpg",
        "pictures//minutes.jpg",
        "pictures/..%5cdocuments%5cminutes.jpg",
        "/pictures/minutes.jpg",
        "pictures/minutes.jpg%00.jpg",
        "pictures/../../secret.jpg",
        "pictures/%2e%2e/%2e%2e/secret.jpg",
        "pictures",
        "pictures/",
        "pictures/no-such-picture.jpg",
        "pictures/" + "x" * 5000 + ".jpg",
    ],
)
def test_no_name_leads_anywhere_else(name, client):
    store("documents/minutes.jpg")
    response = client.get(f"/media/{name}")
    assert response.status_code == 404
    assert "SECRET" not in response.text


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_pictures_are_only_looked_at(method, picture):
    assert getattr(Client(), method)(picture.file.url).status_code == 405
    assert default_storage.exists(picture.file.name)
