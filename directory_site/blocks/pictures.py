from typing import Any

from django.db.models import Prefetch, prefetch_related_objects
from django.utils.translation import gettext_lazy as _
from wagtail.blocks import CharBlock, StructBlock
from wagtail.images.blocks import ImageBlock


class SizedImageBlock(ImageBlock):
    """Wagtail's ImageBlock, but the renditions of all pictures of a text are fetched at once."""

    def bulk_to_python(self, values: Any) -> list[Any]:
        images = super().bulk_to_python(values)
        sizes = Prefetch("renditions", to_attr="prefetched_renditions")
        prefetch_related_objects([image for image in images if image], sizes)
        return images


class PictureBlock(StructBlock):
    image = SizedImageBlock(label=_("Picture"))
    caption = CharBlock(required=False, max_length=200)

    class Meta:
        icon = "image"
        label = _("Picture")
        template = "directory_site/blocks/picture.html"
