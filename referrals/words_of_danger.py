"""Whether somebody writes of danger.

The words belong to the public sites, which the domain does not know, so the project provides the check:
settings.DANGER_READER is the dotted path of a function from text to bool. Without the setting, nothing is danger.
"""

from collections.abc import Callable

from django.conf import settings
from django.core import checks
from django.utils.module_loading import import_string


def tells_of_danger(text: str) -> bool:
    """Whether the text has one of the words of danger. It is neither stored nor logged."""
    return bool(text.strip()) and _reader()(text)


def _reader() -> Callable[[str], bool]:
    path = getattr(settings, "DANGER_READER", "")
    return import_string(path) if path else lambda text: False


@checks.register()
def check_danger_reader(app_configs: object, **kwargs: object) -> list[checks.CheckMessage]:
    try:
        _reader()
    except ImportError as error:
        return [checks.Error(f"DANGER_READER is not a function: {error}", id="referrals.E002")]
    return []
