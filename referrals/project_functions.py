"""Functions that the project provides, since the domain knows neither the public sites nor the back office.

Settings hold their dotted paths:
DANGER_READER: texts -> whether one of them has one of the editors' words of danger.
WORD_GROUPS_READER: () -> pairs of words as said and what they stand for, as editors keep them for searches.
FORM_BRAND: () -> addresses of the public site's colours ("stylesheet") and of its front page ("home").
EXAMPLE_PAGE: network, keys of options, keys of needs, whether urgent -> where coordinators save these as an example.
SERVICE_PAGES_FINDER: keys of services -> addresses of their public pages by key, for those that have one.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core import checks
from django.utils.module_loading import import_string

_SETTINGS = ("DANGER_READER", "EXAMPLE_PAGE", "FORM_BRAND", "WORD_GROUPS_READER", "SERVICE_PAGES_FINDER")


def project_function(setting: str) -> Callable[..., Any] | None:
    """Return None where the project provides none."""
    path = getattr(settings, setting, "")
    return import_string(path) if path else None


@checks.register()
def check_project_functions(app_configs: object, **kwargs: object) -> list[checks.CheckMessage]:
    found = []
    for setting in _SETTINGS:
        try:
            project_function(setting)
        except ImportError as error:
            found.append(checks.Error(f"{setting} is not a function: {error}", id="referrals.E002"))
    return found
