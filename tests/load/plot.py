"""Lines over steps as SVG, in panels side by side; readable on white and on black."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from xml.sax.saxutils import escape

WIDTH, HEIGHT, MARGIN = 420, 300, 44
COLOURS = ("#3b82f6", "#f97316", "#22a06b", "#a855f7", "#ef4444", "#94a3b8")
_TEXT = "#808890"


@dataclass(frozen=True)
class Line:
    """One line: its name, and a value for each step."""

    name: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class Panel:
    """Lines over the same steps."""

    title: str
    steps: tuple[str, ...]
    lines: tuple[Line, ...]


def svg(panels: Sequence[Panel]) -> str:
    """Return a picture of the panels with one legend; each panel has a scale of its own, from 0."""
    names = [line.name for line in panels[0].lines]
    width, height = WIDTH * len(panels), HEIGHT + 30
    font = f'font-family="sans-serif" font-size="11" fill="{_TEXT}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" {font} role="img">',
        *(part for number, panel in enumerate(panels) for part in _panel(panel, number * WIDTH)),
        *(part for number, name in enumerate(names) for part in _entry(name, number, width / len(names))),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _panel(panel: Panel, left: float) -> Iterator[str]:
    top = _top(max(value for line in panel.lines for value in line.values))
    right, bottom = left + WIDTH - 12, HEIGHT - MARGIN

    def across(step: int) -> float:
        return left + MARGIN + step * (right - left - MARGIN) / max(1, len(panel.steps) - 1)

    def up(value: float) -> float:
        return bottom - value * (bottom - 34) / top

    yield f'<text x="{(left + MARGIN + right) / 2:.0f}" y="18" text-anchor="middle">{escape(panel.title)}</text>'
    for part in range(5):
        value = top * part / 4
        yield f'<path d="M{left + MARGIN} {up(value):.1f}H{right}" stroke="{_TEXT}" stroke-opacity=".25"/>'
        yield f'<text x="{left + MARGIN - 6}" y="{up(value) + 4:.1f}" text-anchor="end">{value:g}</text>'
    for step, label in enumerate(panel.steps):
        yield f'<text x="{across(step):.1f}" y="{bottom + 16}" text-anchor="middle">{escape(label)}</text>'
    for colour, line in zip(COLOURS, panel.lines, strict=False):
        points = " ".join(f"{across(step):.1f},{up(value):.1f}" for step, value in enumerate(line.values))
        yield f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'


def _entry(name: str, number: int, room: float) -> Iterator[str]:
    left = number * room + 16
    yield f'<path d="M{left:.1f} {HEIGHT}h18" stroke="{COLOURS[number]}" stroke-width="3"/>'
    yield f'<text x="{left + 24:.1f}" y="{HEIGHT + 4}">{escape(name)}</text>'


def _top(value: float) -> float:
    """Return the end of a scale with four even steps.

    >>> _top(24.3), _top(0)
    (28, 4)
    """
    return max(4, 4 * ceil(value / 4))
