"""A real Chromium at the forms that take more than a few words: loads, conditions, and a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.api.pages.conftest import PHONE, Visit, serving
from tests.api.pages.looks import LOOKS, accessible, fits, keep

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture
def small(store: Path, browser: Browser) -> Iterator[str]:
    """A server over the small network."""
    with serving(store) as address:
        yield address


def test_on_a_phone_the_parts_are_one_tap_away(
    small: str, visit: Visit, pictures: Path, browser: Browser
) -> None:
    for look in LOOKS[2:]:
        page = visit(small, *look).open("/planner")
        parts = page.get_by_role("navigation").first
        assert parts.is_hidden()
        header = page.locator("header").bounding_box()
        assert header is not None
        assert header["height"] < 70
        page.locator("button.menu").click()
        assert parts.get_by_role("link").count() == 9
        assert all(link.is_visible() for link in parts.get_by_role("link").all())
        assert parts.locator("[aria-current]").count() == 1
        accessible(page)
        fits(page)
        keep(page, pictures, "menu", look)
        page.keyboard.press("Escape")
        assert parts.is_hidden()
    # Neither a script nor a wide window is needed to get elsewhere.
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    page.goto(small)
    page.locator("button.menu").click()
    page.get_by_role("link", name="Influencers", exact=True).click()
    page.wait_for_url("**/influencers")
    context.close()


def test_a_file_is_read_as_somebody_says(
    small: str, visit: Visit, pictures: Path, tmp_path: Path
) -> None:
    visitor = visit(small)
    page = visitor.open("/data")
    path = tmp_path / "acts.csv"
    path.write_bytes("出自某表\n甲;tea:head\n乙;tea:head\n".encode("gb18030"))
    page.locator("#interactions-file").set_input_files(path)
    page.get_by_label("Columns, where they have other names").nth(2).fill("actor,fan")
    page.get_by_label("Kind, where the file names none").fill("gift")
    page.get_by_text("How to read the files").click()
    page.get_by_label("Encoding").fill("gb18030")
    page.get_by_label("Separator of columns").fill(";")
    page.get_by_label("First row").select_option("is data already")
    page.get_by_label("Lines to leave out at the top").fill("1")
    accessible(page)
    keep(page, pictures, "load-options", LOOKS[0])
    page.get_by_role("button", name="Load", exact=True).click()
    # One of the columns has a wrong name: the file stays, and is read by the right ones.
    page.get_by_role("link", name="Try again").click(timeout=60_000)
    assert page.get_by_label("the file acts.csv, sent before").is_checked()
    assert page.get_by_label("Lines to leave out at the top").input_value() == "1"
    page.get_by_label("Columns, where they have other names").nth(2).fill("actor,target")
    page.get_by_role("button", name="Load", exact=True).click()
    # The analysis follows by itself, and the page goes on with it.
    page.get_by_role("link", name="Look at it").click(timeout=120_000)
    found = visitor.context.request.get(f"{small}/v1/account?id=甲").json()
    assert [row["id"] for row in found["rows"]] == ["tea:head"]
    kinds = visitor.context.request.get(f"{small}/v1/status").json()["rows"][0]["kinds"]
    assert "gift" in kinds
    keep(page, pictures, "loaded-and-analysed", LOOKS[0])


def test_a_file_that_cannot_be_sent_is_named_below_its_field(
    small: str, visit: Visit, tmp_path: Path
) -> None:
    path = tmp_path / "nothing.csv"
    path.touch()
    page = visit(small).open("/data")
    page.locator("#follows-file").set_input_files(path)
    page.get_by_role("button", name="Load", exact=True).click()
    below = page.locator("#follows-file-problem")
    below.wait_for()
    assert below.inner_text() == "The file nothing.csv is empty."
    assert page.evaluate("document.activeElement.id") == "follows-file"
    accessible(page)


def test_a_load_with_bad_rows_says_when_its_analysis_has_ended(
    small: str, visit: Visit, tmp_path: Path
) -> None:
    path = tmp_path / "more.csv"
    path.write_text("actor,target\ntea:001,art:head\ntea:001,\n")
    page = visit(small).open("/data")
    page.locator("#follows-file").set_input_files(path)
    page.get_by_role("button", name="Load", exact=True).click()
    # The bad row keeps the reader here; the page goes on by itself to what he may look at.
    page.get_by_role("link", name="Look at it").wait_for(timeout=120_000)
    assert page.url.endswith("?on=1")
    assert page.get_by_text("Bad rows").first.is_visible()


def test_accounts_are_left_out_by_a_condition(small: str, visit: Visit, pictures: Path) -> None:
    visitor = visit(small)
    page = visitor.open("/planner")
    page.get_by_label("Number of accounts").fill("3")
    conditions = page.get_by_label("or all accounts with").nth(1)
    conditions.fill("id like 'tea:%'\nnothing = 3")
    page.get_by_role("button", name="Choose the accounts").click()
    page.locator("#exclude-where-problem").wait_for()
    assert page.evaluate("document.activeElement.id") == "exclude-where"
    keep(page, pictures, "condition-wrong", LOOKS[0])
    accessible(page)
    visitor.wrong.clear()  # the browser's own word on the 422
    conditions.fill("id like 'tea:%'\nid = 'art:head'")
    page.get_by_role("button", name="Choose the accounts").click()
    page.wait_for_selector("#list", timeout=120_000)
    chosen = page.locator("#list ~ .scroll tbody th a").evaluate_all("all => all.map(a => a.href)")
    assert len(chosen) == 3
    assert not [href for href in chosen if re.search(r"tea%3A|art%3Ahead", href)]
    page.get_by_role("link", name="Change it and ask again").click()
    conditions = page.get_by_label("or all accounts with").nth(1)
    assert conditions.input_value() == "id like 'tea:%'\nid = 'art:head'"
