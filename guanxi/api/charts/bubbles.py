"""Communities as circles: the area is the size, lines show strength between them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from guanxi.api.charts.packing import pack_circles
from guanxi.api.charts.svg import drawing, shortened, tag, text_width
from guanxi.graph.arrays import Float64

#: Colours that the style sheet has for communities; the next ones begin again.
COLOURS = 8
_LINES = 60
_WIDTH = 760.0


@dataclass(frozen=True)
class Bubble:
    """One community: its number, size, what stands inside, where it leads and what it says."""

    number: int
    size: int
    name: str
    href: str
    says: str


def colour_class(community: int | None) -> str:
    """The class of a community's colour.

    >>> colour_class(1), colour_class(9), colour_class(None)
    ('c1', 'c1', 'c0')
    """
    return "c0" if not community else f"c{(community - 1) % COLOURS + 1}"


def communities_picture(bubbles: Sequence[Bubble], strength: Float64, *, label: str) -> Markup:
    """The picture. `strength`: float64[n, n], tie strength between communities, symmetric."""
    sizes = np.asarray([bubble.size for bubble in bubbles], dtype=np.float64)
    radii = 8.0 + 84.0 * np.sqrt(sizes / sizes.max())
    expected = np.sqrt(np.outer(sizes, sizes))
    centres = pack_circles(radii, np.asarray(strength) / expected)
    low = (centres - radii[:, None]).min(axis=0) - 6
    high = (centres + radii[:, None]).max(axis=0) + 6
    centres = centres - low
    width, height = (high - low).tolist()
    scale = min(_WIDTH / width, 1.6)
    centres, radii = centres * scale, radii * scale
    parts = [
        tag("g", *_lines(centres, strength), aria_hidden="true"),
        *(_circle(b, c, r) for b, c, r in zip(bubbles, centres, radii, strict=True)),
    ]
    return drawing(width * scale, height * scale, *parts, label=label, class_="chart bubbles")


def _lines(centres: Float64, strength: Float64) -> list[Markup]:
    above = np.triu(np.asarray(strength), 1)
    order = np.argsort(-above, axis=None, kind="stable")[:_LINES]
    strongest = max(float(above.max(initial=0.0)), 1e-12)
    lines = []
    for a, b in zip(*np.unravel_index(order, above.shape), strict=True):
        share = float(above[a, b]) / strongest
        if share < 0.01:
            break
        lines.append(
            tag(
                "line",
                x1=centres[a, 0],
                y1=centres[a, 1],
                x2=centres[b, 0],
                y2=centres[b, 1],
                stroke_width=1 + 9 * math.sqrt(share),
                class_="between",
            )
        )
    return lines


def _circle(bubble: Bubble, centre: Float64, radius: float) -> Markup:
    x, y = centre.tolist()
    parts = [
        tag("title", bubble.says),
        tag("circle", cx=x, cy=y, r=radius, class_=colour_class(bubble.number)),
    ]
    if radius > 13:
        named = radius > 40
        size = min(max(radius * 0.42, 12), 26)
        parts.append(
            tag(
                "text",
                str(bubble.number),
                x=x,
                y=y + (-2 if named else size * 0.36),
                font_size=size,
                class_="number middle",
            )
        )
        if named:
            length = len(bubble.name)
            while text_width(shortened(bubble.name, length), 12) > radius * 1.65 and length > 3:
                length -= 1
            text = shortened(bubble.name, length)
            parts.append(tag("text", text, x=x, y=y + 16, class_="who middle"))
    return tag("a", *parts, href=bubble.href, aria_label=bubble.says)
