"""Images of the stock gallery."""

from django.core.files.images import ImageFile
from wagtail.images import get_image_model

from referrals.services.pictures import STOCK_GALLERY, gallery_collection
from referrals.tests.pictures import drawn, encoded, upload


def stock_image(
    title: str = "A table", *, description: str = "People at a table", collection: str = STOCK_GALLERY, file=None
):
    """Store an image of the CMS in a collection, which is made when it is missing."""
    gallery = gallery_collection()
    kept_in = gallery if collection == STOCK_GALLERY else gallery.get_parent().add_child(name=collection)
    return get_image_model().objects.create(
        title=title,
        description=description,
        collection=kept_in,
        file=ImageFile(file or upload(encoded(drawn(1200, 800))), name="stock.jpg"),
    )
