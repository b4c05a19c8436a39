"""Chains in Chromium: whoever is in them stands apart from what ties him to the next."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import pytest

import guanxi
from tests.api.pages.conftest import PHONE, Visit, serving
from tests.api.pages.looks import fits

NAME = "罗英芳的日常｜西安探店分享与好物推荐合集"


@pytest.fixture(scope="module")
def chains(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server over six accounts in a row, some with long names."""
    folder = tmp_path_factory.mktemp("chains")
    people = "".join(f"u{n},{NAME if n % 2 == 0 else '朱洋'}\n" for n in range(6))
    (folder / "accounts.csv").write_text("id,name\n" + people, "utf-8")
    # Influence runs against the follow: u0 is followed by u1, and so on.
    follows = "".join(f"u{n + 1},u{n}\n" for n in range(5))
    (folder / "follows.csv").write_text("actor,target\n" + follows)
    deeds = "".join(f"u{n + 1},u{n},like,2026-03-0{n + 1},3\n" for n in range(5))
    (folder / "deeds.csv").write_text("actor,target,kind,time,count\n" + deeds)
    store = folder / "net.duckdb"
    network = guanxi.open(store, threads=1)
    network.load(
        accounts=[folder / "accounts.csv"],
        follows=[folder / "follows.csv"],
        interactions=[folder / "deeds.csv"],
    )
    network.forget_snapshot()
    with serving(store) as address:
        yield address


@pytest.mark.parametrize("width", [PHONE["width"], 1000, 1200, 1440])
@pytest.mark.parametrize("end", ["u3", "u5"])
def test_long_names_leave_room_for_each_other(
    chains: str, visit: Visit, width: int, end: str
) -> None:
    page = visit(chains, "zh", "light", {"width": width, "height": 900}).open(
        f"/chains?from=u0&to={end}"
    )
    fits(page)
    boxes = [box.bounding_box() for box in page.locator(".stop, .why > span").all()]
    assert len(boxes) == 1 + 3 * int(end[1])
    for one, other in combinations(filter(None, boxes), 2):
        right = one["x"] + one["width"] <= other["x"] + 1
        below = one["y"] + one["height"] <= other["y"] + 1
        above = other["y"] + other["height"] <= one["y"] + 1
        assert right or below or above, (one, other)
