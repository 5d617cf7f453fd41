from typing import Any

from wagtail.fields import StreamField


class BlocksField(StreamField):
    """A StreamField whose blocks stay out of migrations: a new or changed block then makes none.

    In a migration the field knows no blocks: data migrations change its raw JSON (`wagtail.blocks.migrations`).
    """

    def __init__(self, block_types: Any = (), **options: Any) -> None:
        super().__init__(block_types or [], **options)

    def deconstruct(self) -> tuple[str, str, list, dict[str, Any]]:
        name, path, _, options = super().deconstruct()
        options.pop("block_lookup", None)
        return name, path, [], options
