from typing import Any

from wagtail.fields import StreamField


class BlocksField(StreamField):
    """A StreamField that keeps its blocks out of migrations, so that a new or changed block needs none.

    In a migration the field has no blocks: data migrations change its raw JSON (`wagtail.blocks.migrations`).
    """

    def __init__(self, block_types: Any = (), **options: Any) -> None:
        super().__init__(block_types or [], **options)

    def deconstruct(self) -> tuple[str, str, list, dict[str, Any]]:
        name, path, _, options = super().deconstruct()
        options.pop("block_lookup", None)
        return name, path, [], options
