"""Images of the stock gallery."""

from django.core.files.images import ImageFile
from wagtail.images import get_image_model
from wagtail.models import Collection

from referrals.pictures import STOCK_GALLERY
from referrals.tests.pictures import drawn, encoded, upload


def stock_image(title: str = "A table", *, description: str = "People at a table", collection: str = STOCK_GALLERY):
    """Store an image of the CMS in a collection, which is made when it is missing."""
    kept_in = Collection.objects.filter(name=collection).first()
    if kept_in is None:
        kept_in = Collection.get_first_root_node().add_child(name=collection)
    return get_image_model().objects.create(
        title=title,
        description=description,
        collection=kept_in,
        file=ImageFile(upload(encoded(drawn(1200, 800))), name="stock.jpg"),
    )
