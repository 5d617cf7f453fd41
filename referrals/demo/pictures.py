from django.core.files.images import ImageFile
from django.db.models.fields.files import FieldFile
from wagtail.images import get_image_model
from wagtail.images.models import AbstractImage

from referrals.demo.files import Fixtures
from referrals.services.pictures import gallery_collection


def store_stock_pictures(fixtures: Fixtures, files: list[FieldFile]) -> dict[str, AbstractImage]:
    gallery = gallery_collection()
    stored = {}
    for row in fixtures.pictures:
        image = get_image_model()(title=row["title"], description=row["description"], collection=gallery)
        with row["path"].open("rb") as opened:
            image.file = ImageFile(opened, name=row["path"].name)
            image.save()
        files.append(image.file)
        stored[row["slug"]] = image
    return stored
