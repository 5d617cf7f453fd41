"""Plots as SVG files: no scripts, and colours for a light and for a dark page."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import isfinite

_STYLE = """<style>
text { font: 13px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600; font-size: 15px }
.small { font-size: 12px; fill: #57606a }
.grid { stroke: #d0d7de; stroke-width: 1 }
.zero { stroke: #57606a; stroke-width: 1.5 }
.mark { fill: #57606a; stroke: #57606a }
.ours { fill: #0969da; stroke: #0969da }
.limit { fill: none; stroke: #9a3412; stroke-width: 2 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .small { fill: #9da7b3 } .grid { stroke: #30363d } .zero { stroke: #9da7b3 }
.mark { fill: #9da7b3; stroke: #9da7b3 } .ours { fill: #58a6ff; stroke: #58a6ff } .limit { stroke: #f0a060 }
}
</style>"""
_ROW, _LEFT, _WIDTH, _GAP = 22, 190, 760, 28


@dataclass(frozen=True, slots=True)
class Mark:
    """A value with its error to both sides. `kind`: mark, ours or limit."""

    label: str
    value: float
    error: float = 0.0
    kind: str = "mark"


@dataclass(frozen=True, slots=True)
class Panel:
    title: str
    marks: Sequence[Mark]


def draw_panels(title: str, panels: Sequence[Panel], *, has_zero: bool = False, digits: int = 2) -> str:
    """Return panels side by side over the same rows, each with an axis of its own."""
    labels = list(dict.fromkeys(mark.label for panel in panels for mark in panel.marks))
    height = 66 + _ROW * len(labels) + 24
    width = (_WIDTH - _LEFT - _GAP * len(panels)) / len(panels)
    parts = [f'<text class="title" x="8" y="22">{escape(title)}</text>']
    for number, label in enumerate(labels):
        parts.append(f'<text x="{_LEFT - 12}" y="{70 + _ROW * number + 4}" text-anchor="end">{escape(label)}</text>')
    for number, panel in enumerate(panels):
        left = _LEFT + number * (width + _GAP)
        parts += _draw_panel(panel, left, width, height, labels, has_zero=has_zero, digits=digits)
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}"'
        f' role="img" aria-label="{escape(title)}">\n{_STYLE}\n{body}\n</svg>\n'
    )


def _draw_panel(
    panel: Panel, left: float, width: float, height: int, labels: Sequence[str], *, has_zero: bool, digits: int
) -> list[str]:
    ends = [mark.value + side * _error(mark) for mark in panel.marks for side in (-1, 1)]
    low, high = min(ends), max(ends)
    if has_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    pad = (high - low or 1.0) * 0.08
    low, high = low - pad, high + pad

    def across(value: float) -> float:
        return round(left + (value - low) / (high - low) * width, 1)

    bottom = height - 30
    parts = [f'<text x="{left}" y="46">{escape(panel.title)}</text>']
    for value in _ticks(low, high):
        name = "zero" if has_zero and abs(value) < 1e-9 else "grid"
        parts.append(f'<line class="{name}" x1="{across(value)}" x2="{across(value)}" y1="56" y2="{bottom}"/>')
        text = f"{value:+.{digits}f}" if has_zero and value else f"{value:.{digits}f}"
        parts.append(f'<text class="small" x="{across(value)}" y="{bottom + 16}" text-anchor="middle">{text}</text>')
    for mark in panel.marks:
        y = 70 + _ROW * labels.index(mark.label)
        x, error = across(mark.value), _error(mark)
        if mark.kind == "limit":
            parts.append(f'<path class="limit" d="M{x} {y - 6}l6 6l-6 6l-6 -6z"/>')
            continue
        if error:
            parts.append(
                f'<line class="{mark.kind}" stroke-width="2" x1="{across(mark.value - error)}"'
                f' x2="{across(mark.value + error)}" y1="{y}" y2="{y}"/>'
            )
        parts.append(f'<circle class="{mark.kind}" cx="{x}" cy="{y}" r="4"/>')
    return parts


def _error(mark: Mark) -> float:
    return mark.error if isfinite(mark.error) else 0.0


def _ticks(low: float, high: float) -> list[float]:
    """Return three to six round values between."""
    step = 10.0**-4
    while (high - low) / step > 5:
        step *= 2.5 if f"{step:e}".startswith("2") else 2
    first = int(low / step) - 1
    return [round(step * number, 6) for number in range(first, first + 12) if low <= step * number <= high]
