"""Pictures: right places, nothing inline, hostile texts, the same picture for the same data."""

from __future__ import annotations

import math
import re
from itertools import combinations, pairwise
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.api.charts.bars import share_bar
from guanxi.api.charts.bubbles import Bubble, colour_class, communities_picture
from guanxi.api.charts.curve import Point, Rival, reach_curve, ticks
from guanxi.api.charts.network import Centre, Neighbour, neighbourhood_picture
from guanxi.api.charts.packing import pack_circles
from guanxi.api.charts.svg import tag, text_width

HOSTILE = '"><script>alert(1)</script>\x00\x0b&amp;<!--'


def parsed(picture: str) -> ElementTree.Element:
    """The picture as a browser's parser for SVG would take it; refuses what is not well-formed."""
    assert "style=" not in picture
    assert not re.search(r"\bon[a-z]+=", re.sub(r'"[^"]*"', '""', picture))
    return ElementTree.fromstring(picture)


def curve(points: list[Point], rivals: list[Rival] | None = None) -> ElementTree.Element:
    picture = reach_curve(
        points, rivals or [], label="l", x_label="accounts", y_label="reached", own="own"
    )
    return parsed(picture)


def test_tags_escape_what_they_are_given() -> None:
    element = ElementTree.fromstring(tag("text", HOSTILE, x=1.25, aria_label=HOSTILE))
    assert element.text == HOSTILE.replace("\x00", "�").replace("\x0b", "�")
    assert element.get("aria-label") == element.text
    assert element.get("x") == "1.2"


@given(st.floats(1e-6, 1e12))
def test_ticks_are_round_and_reach_the_highest(highest: float) -> None:
    found = ticks(highest)
    assert found[0] == 0
    assert found[-1] >= highest * (1 - 1e-9)
    assert found[-2] < highest
    assert 4 <= len(found) <= 8
    assert np.allclose(np.diff(found), found[1])


def test_the_curve_stands_where_its_numbers_are() -> None:
    points = [Point(1, 50, 40, 60, "a"), Point(2, 100, 90, 110, "b")]
    root = curve(points)
    dots = root.findall("circle")
    (x1, y1), (x2, y2) = ((float(d.get("cx", 0)), float(d.get("cy", 0))) for d in dots)
    up = {t.text: t for t in root.iter("text") if t.get("class") == "tick end"}
    zero = float(up["0"].get("y", 0)) - 4
    assert x1 < x2
    assert (zero - y1) / (zero - y2) == pytest.approx(0.5, abs=0.01)
    assert dots[0].find("title").text == "a: 50 (40–60)"  # type: ignore[union-attr]
    assert root.get("aria-label") == "l"


def test_one_point_has_neither_line_nor_band() -> None:
    classes = {element.get("class") for element in curve([Point(1, 5, 4, 6)]).iter("path")}
    assert not {"band", "line"} & classes


def test_rivals_do_not_stand_on_one_another() -> None:
    rivals = [Rival(HOSTILE, 99), Rival("as good", 99.5), Rival("none", 0)]
    root = curve([Point(1, 100, 99, 101)], rivals)
    names = [t for t in root.iter("text") if (t.get("class") or "").startswith("name")]
    heights = sorted(float(t.get("y", 0)) for t in names)
    assert len(heights) == 4
    assert all(b - a >= 29 for a, b in pairwise(heights))


def test_rivals_stand_at_what_they_cost_themselves() -> None:
    root = curve([Point(100, 50, 49, 51)], [Rival("dear", 50, 400), Rival("as dear", 40)])
    own = float(root.findall("circle")[0].get("cx", 0))
    marks = [path for path in root.iter("path") if path.get("class") == "rival-mark"]
    found = [float(mark.get("d", "").removeprefix("M").split()[0]) for mark in marks]
    assert found == [pytest.approx(570), pytest.approx(own)]
    assert own == pytest.approx(58 + (570 - 58) / 4)


def test_names_stay_inside_the_picture() -> None:
    rivals = [Rival(f"r{n}", 1.0) for n in range(7)]
    root = curve([Point(1, 100, 99, 100)], rivals)
    heights = [
        float(t.get("y", 0)) for t in root.iter("text") if (t.get("class") or "").startswith("name")
    ]
    assert min(heights) >= 12
    assert max(heights) <= 340
    assert all(b - a >= 29 for a, b in pairwise(sorted(heights)))


@given(st.lists(st.floats(1, 60), min_size=1, max_size=12), st.integers(0, 2**32))
def test_circles_do_not_touch(radii: list[float], seed: int) -> None:
    sizes = np.asarray(sorted(radii, reverse=True))
    ties = np.random.default_rng(seed).random((len(sizes), len(sizes)))
    centres = pack_circles(sizes, ties + ties.T)
    for a, b in combinations(range(len(sizes)), 2):
        assert math.dist(centres[a], centres[b]) >= sizes[a] + sizes[b]
    assert np.array_equal(centres, pack_circles(sizes, ties + ties.T))


def test_who_belongs_together_lies_together() -> None:
    radii = np.ones(7) * 10
    ties = np.zeros((7, 7))
    ties[1, 6] = ties[6, 1] = 1.0
    near = np.linalg.norm(np.diff(pack_circles(radii, ties)[[1, 6]], axis=0))
    ties[1, 6] = ties[6, 1] = 0.0
    ties[2, 6] = ties[6, 2] = 1.0
    far = np.linalg.norm(np.diff(pack_circles(radii, ties)[[1, 6]], axis=0))
    assert near < far


def test_communities_are_links_that_say_what_they_are() -> None:
    bubbles = [
        Bubble(n, 1 + 1000 // n**2, HOSTILE, f"/communities/{n}", f"c {n}") for n in range(1, 41)
    ]
    strength = np.ones((40, 40)) - np.eye(40)
    root = parsed(communities_picture(bubbles, strength, label="all"))
    links = root.findall("a")
    assert [link.get("href") for link in links] == [f"/communities/{n}" for n in range(1, 41)]
    assert [link.get("aria-label") for link in links] == [f"c {n}" for n in range(1, 41)]
    areas = [float(link.find("circle").get("r", 0)) for link in links]  # type: ignore[union-attr]
    assert areas == sorted(areas, reverse=True)
    width, height = map(float, (root.get("viewBox") or "").split()[2:])
    for link in links:
        circle = link.find("circle")
        assert circle is not None
        x, y, r = (float(circle.get(name, 0)) for name in ("cx", "cy", "r"))
        assert r <= x <= width - r
        assert r <= y <= height - r


def neighbours(n: int) -> list[Neighbour]:
    return [
        Neighbour(
            id=f"a{i}",
            name=f"{HOSTILE}{i}",
            href=f"/account?id=a{i}",
            community=i % 5 or None,
            strength=1 / (i + 1),
            weight=1 / (i + 1),
            ties="in",
            says="s",
        )
        for i in range(n)
    ]


def box(text: ElementTree.Element) -> tuple[float, float, float]:
    """Left, right and height of a name."""
    x, y, width = float(text.get("x", 0)), float(text.get("y", 0)), text_width(text.text or "", 11)
    return (x - width, x, y) if "end" in (text.get("class") or "") else (x, x + width, y)


@pytest.mark.parametrize("n", [1, 2, 24, 25, 300])
def test_a_neighbourhood_keeps_everybody_apart(n: int) -> None:
    picture = neighbourhood_picture(Centre(HOSTILE, 1), neighbours(n), [(0, n - 1)], label="l")
    root = parsed(picture)
    circles = [link.find("circle") for link in root.findall("a")]
    places = {(c.get("cx"), c.get("cy")) for c in circles if c is not None}
    assert len(circles) == len(places) == n
    texts = [t for t in root.iter("text") if (t.get("class") or "").startswith("who")]
    assert 0 < len(texts) <= 40
    for one, other in combinations([box(text) for text in texts], 2):
        apart = one[1] <= other[0] or other[1] <= one[0] or abs(one[2] - other[2]) >= 12
        assert apart, (one, other)
    again = neighbourhood_picture(Centre(HOSTILE, 1), neighbours(n), [(0, n - 1)], label="l")
    assert picture == again


def test_the_strongest_tie_stands_nearest() -> None:
    root = parsed(neighbourhood_picture(Centre("x", None), neighbours(60), [], label="l"))
    centre = next(c for c in root.iter("circle") if "centre" in (c.get("class") or ""))
    x, y = float(centre.get("cx", 0)), float(centre.get("cy", 0))
    away = {}
    for link in root.findall("a"):
        circle = link.find("circle")
        assert circle is not None
        dx, dy = float(circle.get("cx", 0)) - x, float(circle.get("cy", 0)) - y
        away[link.get("href")] = math.hypot(dx / 1.45, dy)
    assert away["/account?id=a0"] == min(away.values())
    assert away["/account?id=a59"] == max(away.values())


def test_a_bar_is_as_long_as_its_share() -> None:
    widths = [r.get("width") for r in parsed(share_bar(0.25)).findall("rect")]
    assert widths == ["100", "25"]
    assert parsed(share_bar(7.0)).findall("rect")[1].get("width") == "100"
    assert parsed(share_bar(None)).findall("rect")[1].get("width") == "0"


def test_colours_repeat() -> None:
    assert colour_class(1) == colour_class(9) != colour_class(2)


def test_a_name_that_does_not_fit_says_that_it_goes_on() -> None:
    for name in ("孙勇洋的日常｜广州探店分享与好物推荐合集", "a" * 40):
        names = [name, *["朱红伟"] * 11]
        bubbles = [Bubble(n, 9, each, "/", "says") for n, each in enumerate(names, 1)]
        root = parsed(communities_picture(bubbles, np.ones((12, 12)), label="all"))
        shown = [text.text or "" for text in root.iter("text") if "who" in text.get("class", "")]
        assert shown[0].endswith("…")
        assert name.startswith(shown[0][:-1])
        assert shown[1] == "朱红伟"
