"""Starts Wagtail's widgets without inline scripts.

Wagtail 7.4 ends some widgets and panels with an inline script that calls one function, and the content security policy
lets no such script run. Here, and in `templates/wagtailadmin/`, the call becomes data, and `cms.js` makes it.
"""

import re
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail.admin.widgets import BaseChooser

_CALL = re.compile(r"(?:new )?(?P<name>\w+)\((?P<id>\"[^\"]*\")(?:, (?P<options>.*))?\);", re.DOTALL)


def render_chooser(
    chooser: BaseChooser, name: str, value: Any, attrs: dict[str, Any], renderer: object = None
) -> SafeString:
    """Render as `BaseChooser.render` does, but without its script."""
    value_data = chooser.get_value_data(value)
    script = chooser.render_js_init(attrs["id"], name, value_data)
    call = _CALL.fullmatch(script)
    if call is None:
        raise ValueError(f"Wagtail starts this widget in a way that cms.js does not know: {script}")
    return format_html(
        '{}<span hidden data-widget-init="{}" data-id="{}" data-options="{}"></span>',
        SafeString(chooser.render_html(name, value_data, attrs)),
        call["name"],
        attrs["id"],
        call["options"] or "",
    )


def move_chooser_scripts_into_data() -> None:
    """Replace the method for all choosers: Wagtail has no setting for it."""
    BaseChooser.render = render_chooser
