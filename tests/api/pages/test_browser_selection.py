"""A long ranking in Chromium: what is done with a selection stays in sight, with scripts or not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

import guanxi
from tests.api.pages.conftest import DESK, Visit, serving
from tests.api.pages.looks import accessible

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def ranking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server over sixty accounts."""
    folder = tmp_path_factory.mktemp("ranking")
    follows = "".join(f"u{n},u{n // 2}\n" for n in range(1, 60))
    (folder / "follows.csv").write_text("actor,target\n" + follows)
    network = guanxi.open(folder / "net.duckdb", threads=1)
    network.load(follows=[folder / "follows.csv"])
    network.analyze()
    network.forget_snapshot()
    with serving(folder / "net.duckdb") as address:
        yield address


def test_the_buttons_of_a_selection_follow_it(ranking: str, visit: Visit) -> None:
    page = visit(ranking).open("/influencers")
    plan = page.get_by_role("button", name="Plan with them")
    top = page.evaluate("scrollY")
    place = plan.bounding_box()
    assert place is not None
    assert place["y"] > DESK["height"]
    page.get_by_label("Select u0").check()
    assert page.evaluate("scrollY") == top
    place = plan.bounding_box()
    assert place is not None
    assert place["y"] + place["height"] <= DESK["height"]
    accessible(page)


def test_without_scripts_who_selected_nobody_is_told_so(ranking: str, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-US")
    page = context.new_page()
    page.goto(f"{ranking}/influencers?q=u1")
    page.get_by_role("button", name="Excel workbook").click()
    assert page.get_by_role("alert").inner_text().startswith("No account is selected")
    assert page.get_by_label("Search for a name or id").input_value() == "u1"
    context.close()
