"""The neighbourhood of an account: itself in the middle, the nearer the stronger the tie.

Neighbours of one community stand side by side, so communities become sectors; ties among
neighbours are curves through the middle's side. The same neighbourhood is drawn the same way.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from guanxi.api.charts.bubbles import colour_class
from guanxi.api.charts.svg import coordinate, drawing, shortened, tag, text_width

WIDTH, HEIGHT = 900.0, 600.0
_MIDDLE = (WIDTH / 2, HEIGHT / 2)
_INNER, _OUTER = 78.0, 268.0
#: Names need room at the sides: the picture is wider than high.
_STRETCH = 1.45
_LABELS = 40


@dataclass(frozen=True)
class Neighbour:
    """One account around the middle. `weight`: its standing (0 to 1), which makes it larger.

    `ties`: "out" where the middle influences it, "in" where it influences the middle, "both".
    """

    id: str
    name: str
    href: str
    community: int | None
    strength: float
    weight: float
    ties: str
    says: str


@dataclass(frozen=True)
class Centre:
    """The account in the middle."""

    name: str
    community: int | None


@dataclass
class _Placed:
    who: Neighbour
    x: float
    y: float
    r: float
    angle: float


def neighbourhood_picture(
    centre: Centre,
    neighbours: Sequence[Neighbour],
    among: Sequence[tuple[int, int]],
    *,
    label: str,
) -> Markup:
    """The picture. `among`: pairs of places in `neighbours` with a tie between them."""
    placed = _place(neighbours)
    chords = [_chord(placed[a], placed[b]) for a, b in among]
    spokes = [
        tag("line", x1=_MIDDLE[0], y1=_MIDDLE[1], x2=p.x, y2=p.y, class_=f"spoke {p.who.ties}")
        for p in placed
    ]
    texts = _labels(placed)
    named = [_node(placed[i], text) for i, text in texts.items()]
    others = [_node(p, None) for i, p in enumerate(placed) if i not in texts]
    parts = [
        tag("g", *chords, *spokes, aria_hidden="true", class_="many" if len(placed) > 80 else None),
        *others,
        *named,
        _centre(centre),
    ]
    return drawing(WIDTH, HEIGHT, *parts, label=label, class_="chart network")


def _labels(placed: Sequence[_Placed]) -> dict[int, tuple[str, float, str]]:
    """The names that have room, of the accounts with the highest standing: place → text."""
    taken = [(_MIDDLE[0] - 60, _MIDDLE[1] - 30, _MIDDLE[0] + 60, _MIDDLE[1] + 46)]
    order = sorted(range(len(placed)), key=lambda i: (-placed[i].who.weight, i))
    # Those that stand highest are not covered by the names of others.
    taken += [(p.x - p.r, p.y - p.r, p.x + p.r, p.y + p.r) for p in (placed[i] for i in order[:60])]
    texts: dict[int, tuple[str, float, str]] = {}
    for i in order:
        if len(texts) < _LABELS:
            found = _label(placed[i], taken)
            if found is not None:
                texts[i] = found
    return texts


def _place(neighbours: Sequence[Neighbour]) -> list[_Placed]:
    """Angles by community, radii by the rank of the strength; evenly spread over the disc."""
    n = len(neighbours)
    groups: dict[int, list[int]] = {}
    for i, neighbour in enumerate(neighbours):
        groups.setdefault(neighbour.community or 0, []).append(i)
    sectors = sorted(groups.values(), key=lambda members: (-len(members), members[0]))
    rank = {
        i: place
        for place, i in enumerate(
            sorted(range(n), key=lambda i: (-neighbours[i].strength, neighbours[i].id))
        )
    }
    gap = 0.10 if 1 < len(sectors) <= 12 else 0.02
    free = 2 * math.pi - gap * len(sectors)
    placed: dict[int, _Placed] = {}
    start = -math.pi / 2
    for members in sectors:
        width = free * len(members) / n
        for step, i in enumerate(_interleaved(sorted(members, key=lambda i: rank[i]))):
            angle = start + width * (step + 0.5) / len(members)
            # Areas of rings grow with the radius: the square root spreads accounts evenly.
            share = math.sqrt((rank[i] + 0.5) / n) if n > 24 else 0.35 + 0.6 * rank[i] / n
            radius = _INNER + (_OUTER - _INNER) * share
            x = _MIDDLE[0] + radius * math.cos(angle) * _STRETCH
            y = _MIDDLE[1] + radius * math.sin(angle)
            size = 3.2 + (9.5 if n <= 120 else 7.0) * math.sqrt(neighbours[i].weight)
            placed[i] = _Placed(neighbours[i], x, y, size, angle)
        start += width + gap
    return [placed[i] for i in range(n)]


def _interleaved(members: list[int]) -> list[int]:
    """Strong and weak by turns, so that accounts near the middle do not crowd one side."""
    step = max(int(len(members) * 0.382), 1)
    while math.gcd(step, len(members)) > 1:
        step += 1
    return [members[place * step % len(members)] for place in range(len(members))]


def _chord(a: _Placed, b: _Placed) -> Markup:
    x = (a.x + b.x) / 2 * 0.7 + _MIDDLE[0] * 0.3
    y = (a.y + b.y) / 2 * 0.7 + _MIDDLE[1] * 0.3
    ends = [coordinate(value) for value in (a.x, a.y, x, y, b.x, b.y)]
    kind = colour_class(a.who.community) if a.who.community == b.who.community else "across"
    return tag("path", d="M{} {}Q{} {} {} {}".format(*ends), class_=f"chord {kind}")


def _label(
    p: _Placed, taken: list[tuple[float, float, float, float]]
) -> tuple[str, float, str] | None:
    """Text, x and class of a name beside its account, where no other name stands; or None."""
    text = shortened(p.who.name, 18)
    width = text_width(text, 11.5) + 4
    right = p.x >= _MIDDLE[0]
    for to_right in (right, not right):
        x0 = p.x + p.r + 3 if to_right else p.x - p.r - 3 - width
        box = (x0, p.y - 8, x0 + width, p.y + 8)
        inside = box[0] > 2 and box[2] < WIDTH - 2
        if inside and not any(_touch(box, other) for other in taken):
            taken.append(box)
            x = p.x + p.r + 4 if to_right else p.x - p.r - 4
            return text, x, "" if to_right else " end"
    return None


def _touch(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _node(p: _Placed, text: tuple[str, float, str] | None) -> Markup:
    parts = [
        tag("title", p.who.says),
        tag("circle", cx=p.x, cy=p.y, r=p.r, class_=colour_class(p.who.community)),
    ]
    if text is not None:
        parts.append(tag("text", text[0], x=text[1], y=p.y + 4, class_=f"who{text[2]}"))
    return tag("a", *parts, href=p.who.href, aria_label=p.who.says)


def _centre(centre: Centre) -> Markup:
    x, y = _MIDDLE
    return tag(
        "g",
        tag("circle", cx=x, cy=y, r=17, class_=f"centre {colour_class(centre.community)}"),
        tag("text", shortened(centre.name, 24), x=x, y=y + 34, class_="self middle"),
    )
