"""The curve of reach against number or cost, with its band, and what it is compared with."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from guanxi.api.charts.svg import coordinate, drawing, tag, text_width
from guanxi.api.i18n.numbers import number, short_number

WIDTH, HEIGHT = 720.0, 340.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 58.0, 150.0, 16.0, 46.0
#: Height of a name with its value.
_NAME = 30.0


@dataclass(frozen=True)
class Point:
    """One step of the curve: what was spent, what is reached, and between which bounds."""

    x: float
    reach: float
    low: float
    high: float
    label: str = ""


@dataclass(frozen=True)
class Rival:
    """A list that the curve is compared with: what it reaches, and what it costs (or its size).

    `x`: None where it is as long or as dear as the curve.
    """

    name: str
    reach: float
    x: float | None = None


def ticks(highest: float, count: int = 5) -> list[float]:
    """About `count` round numbers from 0 to at least `highest`.

    >>> ticks(87)
    [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]
    """
    if highest <= 0 or not math.isfinite(highest):
        return [0.0, 1.0]
    raw = highest / count
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(size * factor for factor in (1, 2, 2.5, 5, 10) if size * factor >= raw * 0.999)
    last = math.ceil(highest / step - 1e-9)
    return [step * place if step < 1 else round(step * place, 6) for place in range(last + 1)]


def reach_curve(
    points: Sequence[Point],
    rivals: Sequence[Rival],
    *,
    label: str,
    x_label: str,
    y_label: str,
    own: str,
) -> Markup:
    """The picture. `own` names the list itself; points stand in the order of their x."""
    reached = max([point.high for point in points] + [rival.reach for rival in rivals])
    furthest = max([points[-1].x] + [rival.x for rival in rivals if rival.x is not None])
    across, up = [v for v in ticks(furthest) if v <= furthest], ticks(reached)
    right, bottom = WIDTH - _RIGHT, HEIGHT - _BOTTOM

    def x(value: float) -> float:
        return _LEFT + (right - _LEFT) * value / furthest

    def y(value: float) -> float:
        return bottom - (bottom - _TOP) * value / up[-1]

    parts = [_grid(across, up, x_at=[x(v) for v in across], y_at=[y(v) for v in up])]
    parts.append(tag("text", x_label, x=(_LEFT + right) / 2, y=HEIGHT - 8, class_="axis middle"))
    parts.append(
        tag(
            "text",
            y_label,
            x=0,
            y=0,
            class_="axis middle",
            transform=f"translate(14 {coordinate((_TOP + bottom) / 2)}) rotate(-90)",
        )
    )
    line = [(x(point.x), y(point.reach)) for point in points]
    above = [(x(point.x), y(point.high)) for point in points]
    below = [(x(point.x), y(point.low)) for point in reversed(points)]
    if len(points) > 1:
        parts.append(tag("path", d=_path([*above, *below]) + "Z", class_="band"))
        parts.append(tag("path", d=_path(line), class_="line"))
    for point, (cx, cy) in zip(points, line, strict=True):
        said = f"{point.label}: {number(point.reach)} ({number(point.low)}–{number(point.high)})"
        parts.append(tag("circle", tag("title", said), cx=cx, cy=cy, r=3.2, class_="dot"))
    own_end = points[-1]
    ends = [Rival(own, own_end.reach, own_end.x)]
    ends += [
        Rival(each.name, each.reach, own_end.x if each.x is None else each.x) for each in rivals
    ]
    parts.append(_names(ends, x_of=x, y_of=y))
    return drawing(WIDTH, HEIGHT, *parts, label=label, class_="chart curve")


def _names(
    ends: Sequence[Rival], *, x_of: Callable[[float], float], y_of: Callable[[float], float]
) -> Markup:
    """The list (the first of `ends`) and its rivals, each where it stands, and by name at the
    right, moved apart where the names would touch.
    """
    order = sorted(range(len(ends)), key=lambda place: -ends[place].reach)
    places = _apart([y_of(ends[place].reach) for place in order])
    right = WIDTH - _RIGHT
    parts: list[str] = []
    for which, text in zip(order, places, strict=True):
        one, kind = ends[which], "rival" if which else "own"
        at_x, at = x_of(one.x or 0.0), y_of(one.reach)
        shown = one.name if text_width(one.name, 12) < _RIGHT - 26 else one.name[:16] + "…"
        parts.append(tag("path", d=_path([(at_x, at), (right + 14, text)]), class_=f"lead {kind}"))
        if which:
            diamond = [(at_x, at - 4.5), (at_x + 4.5, at), (at_x, at + 4.5), (at_x - 4.5, at)]
            parts.append(tag("path", d=_path(diamond) + "Z", class_="rival-mark"))
        parts.append(tag("text", shown, x=right + 18, y=text - 1, class_=f"name {kind}"))
        value = number(one.reach)
        parts.append(tag("text", value, x=right + 18, y=text + 13, class_=f"value {kind}"))
    return tag("g", *parts)


def _apart(wanted: Sequence[float]) -> list[float]:
    """Heights of names, near those wanted (from above), a name apart, and inside the picture."""
    places: list[float] = []
    for height in wanted:
        places.append(max(height, places[-1] + _NAME) if places else height)
    lowest = HEIGHT - _BOTTOM - 16
    for place in range(len(places) - 1, -1, -1):
        places[place] = min(places[place], lowest)
        lowest = places[place] - _NAME
    return places


def _grid(
    across: Sequence[float], up: Sequence[float], *, x_at: Sequence[float], y_at: Sequence[float]
) -> Markup:
    right, bottom = WIDTH - _RIGHT, HEIGHT - _BOTTOM
    parts: list[str] = []
    for value, at in zip(up, y_at, strict=True):
        parts.append(tag("line", x1=_LEFT, x2=right, y1=at, y2=at, class_="grid"))
        parts.append(tag("text", short_number(value), x=_LEFT - 8, y=at + 4, class_="tick end"))
    for value, at in zip(across, x_at, strict=True):
        parts.append(tag("text", short_number(value), x=at, y=bottom + 18, class_="tick middle"))
    return tag("g", *parts, aria_hidden="true")


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{coordinate(a)} {coordinate(b)}" for a, b in points)
