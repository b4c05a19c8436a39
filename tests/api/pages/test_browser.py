"""A real Chromium walks each screen as its user would."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from tests.api.pages.conftest import DESK, PHONE, Visit, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
SCREENS = {
    "overview": "/",
    "influencers": "/influencers?q=a&from.price=100",
    "nothing-found": "/influencers?q=nobody-is-called-so",
    "communities": "/communities",
    "community": "/communities/2",
    "account": "/account?id=weibo:35244",
    "chains": "/chains?from=weibo:35244&to=xiaohongshu:9b9d",
    "planner": "/planner",
    "check": "/check",
    "data": "/data",
}
LOOKS = [("en", "light", DESK), ("zh", "dark", DESK), ("zh", "light", PHONE), ("en", "dark", PHONE)]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[str]:
    """A server over the demo network, loaded and analysed by the page itself with one click."""
    with serving(tmp_path_factory.mktemp("demo") / "net.duckdb") as address:
        page = browser.new_page()
        page.goto(address)
        page.get_by_role("button", name="Load the demo network").click()
        page.wait_for_url("**/jobs/*?then=analyze")
        page.wait_for_url(re.compile(r"/jobs/\w+$"), timeout=60_000)
        page.get_by_role("link", name="Look at it").click(timeout=120_000)
        assert page.get_by_role("heading", name="Your network").is_visible()
        page.close()
        yield address


def accessible(page: Page) -> None:
    """What axe finds wrong on a page is nothing."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()


def fits(page: Page) -> None:
    """No page is wider than its window: only tables and drawings scroll, in their place."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


def keep(page: Page, pictures: Path, name: str, look: tuple[str, str, Any]) -> None:
    size = "phone" if look[2] is PHONE else "desk"
    page.screenshot(path=pictures / f"{name}-{look[0]}-{look[1]}-{size}.png", full_page=True)


@pytest.mark.parametrize("look", LOOKS, ids=["-".join(map(str, look[:2])) for look in LOOKS])
def test_each_screen_in_each_look(
    demo: str, visit: Visit, pictures: Path, look: tuple[str, str, Any]
) -> None:
    visitor = visit(demo, *look)
    judged = look[0] == "en"  # both themes and both sizes; the other language has the same elements
    for name, path in SCREENS.items():
        page = visitor.open(path)
        assert page.locator("h1").count() == 1
        assert page.locator("html").get_attribute("lang") == {"en": "en", "zh": "zh-CN"}[look[0]]
        keep(page, pictures, name, look)
        fits(page)
        if judged:
            accessible(page)


def test_language_and_colours_are_chosen_and_stay(demo: str, visit: Visit) -> None:
    page = visit(demo).open("/influencers?by=in_degree")
    page.get_by_role("link", name="中文").click()
    assert page.get_by_role("heading", name="影响者").is_visible()
    assert "by=in_degree" in page.url
    page.get_by_role("link", name="深色").click()
    background = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(background) == "rgb(17, 22, 27)"
    page.get_by_role("link", name="社群", exact=True).click()
    assert page.evaluate(background) == "rgb(17, 22, 27)"


def test_a_list_is_planned_by_keyboard_alone(
    demo: str, visit: Visit, pictures: Path, tmp_path: Path
) -> None:
    page = visit(demo).open("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    until(page, lambda: focused(page) == "Planner")
    page.keyboard.press("Enter")
    page.wait_for_url("**/planner")
    until(page, lambda: focused(page) == "k")
    page.keyboard.type("8")
    until(page, lambda: focused(page) == "quota")
    page.keyboard.type("city = 'Shanghai': >=2")
    until(page, lambda: focused(page) == "Choose the accounts")
    page.keyboard.press("Enter")
    page.wait_for_url("**/jobs/*")
    page.wait_for_selector("#list", timeout=120_000)
    address = page.url
    for look in LOOKS:
        other = visit(demo, *look)
        other.open(address.removeprefix(demo))
        keep(other.page, pictures, "plan", look)
        fits(other.page)
    accessible(page)
    assert page.locator("table").first.locator("tbody tr").count() >= 4
    with page.expect_download() as download:
        page.get_by_role("link", name="Excel workbook").click()
    path = tmp_path / "seeds.xlsx"
    download.value.save_as(path)
    assert openpyxl.load_workbook(path, read_only=True).worksheets[0].max_row == 9
    page.goto(demo + "/planner")
    page.get_by_role("link", name="Seed list").first.click()
    assert page.url == address


def focused(page: Page) -> str:
    """Id of the control that has the focus, or else its text."""
    return str(page.evaluate("document.activeElement.id || document.activeElement.innerText"))


def until(page: Page, reached: Any) -> None:
    for _ in range(60):
        if reached():
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the focus never came there; it is on {focused(page)!r}")


def test_a_selection_goes_into_the_planner(demo: str, visit: Visit) -> None:
    page = visit(demo).open("/influencers")
    page.get_by_label("Search for a name or id").fill("weibo:3")
    page.get_by_role("button", name="Show").click()
    found = page.get_by_role("checkbox", name=re.compile("^Select (?!all)"))
    page.get_by_label("Select all on this page").check()
    assert page.locator("#selected").inner_text() == f"{found.count()} selected:"
    found.first.uncheck()
    assert page.locator("#selected").inner_text() == f"{found.count() - 1} selected:"
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV for Excel").click()
    assert download.value.path().read_bytes().startswith(b"\xef\xbb\xbf")
    number = found.count() - 1
    page.get_by_role("button", name="Plan without them").click()
    assert len(page.get_by_label("Not to be chosen").input_value().splitlines()) == number


def test_an_agencys_file_is_checked(
    demo: str, visit: Visit, pictures: Path, tmp_path: Path
) -> None:
    page = visit(demo).open("/check")
    (tmp_path / "agency.csv").write_text("id\nbilibili:17725\nweibo:35244\nnobody\n", "utf-8")
    page.get_by_label("Paste a list").fill("weibo:35244\nweibo:71831\n")
    page.get_by_label("or files, one for each list").set_input_files(tmp_path / "agency.csv")
    page.get_by_role("button", name="Check", exact=True).click()
    page.wait_for_selector("#overlap", timeout=120_000)
    assert page.get_by_text("agency.csv").first.is_visible()
    keep(page, pictures, "checked", LOOKS[0])
    accessible(page)


def test_files_are_loaded_and_bad_rows_come_back(
    demo: str, visit: Visit, pictures: Path, tmp_path: Path
) -> None:
    page = visit(demo).open("/data")
    (tmp_path / "bad.csv").write_text("id,name\nnew:1,One\n,Nobody\n", "utf-8")
    page.locator("#accounts-file").set_input_files(tmp_path / "bad.csv")
    page.get_by_label("Only check the files").check()
    page.get_by_role("button", name="Load", exact=True).click()
    page.wait_for_url("**/jobs/*")
    page.wait_for_selector("#files", timeout=120_000)
    with page.expect_download() as download:
        page.locator("#files ~ ul a").first.click()
    assert "empty id" in download.value.path().read_text("utf-8-sig")
    keep(page, pictures, "loaded", LOOKS[0])


def test_a_job_is_cancelled(demo: str, visit: Visit, pictures: Path) -> None:
    visitor = visit(demo)
    asked = visitor.context.request.post(
        f"{demo}/v1/seeds", data={"k": 500, "samples": 60_000_000, "memory": "6GB"}
    )
    page = visitor.open(f"/jobs/{asked.json()['id']}")
    keep(page, pictures, "running", LOOKS[0])
    accessible(page)
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("The work was cancelled").wait_for(timeout=30_000)
    keep(page, pictures, "cancelled", LOOKS[0])


def test_progress_comes_without_events_too(demo: str, visit: Visit) -> None:
    visitor = visit(demo)
    asked = visitor.context.request.post(f"{demo}/v1/seeds", data={"k": 3, "samples": 20_000})
    # No stream where a proxy swallows it: an answer of another kind ends it.
    visitor.context.route("**/events", lambda route: route.fulfill(status=204))
    page = visitor.open(f"/jobs/{asked.json()['id']}")
    page.wait_for_selector("#list", timeout=60_000)


def test_what_goes_wrong_is_said_and_nothing_is_lost(
    demo: str, visit: Visit, pictures: Path
) -> None:
    visitor = visit(demo)
    page = visitor.open("/planner")
    page.get_by_label("Number of accounts").fill("5")
    page.get_by_label("Quotas").fill("nonsense")
    visitor.context.set_offline(True)
    page.get_by_role("button", name="Choose the accounts").click()
    alert = page.get_by_role("alert")
    alert.get_by_text("The server does not answer").wait_for()
    assert focused(page) == "alert"
    visitor.wrong.clear()  # the browser's own words on the lost connection
    visitor.context.set_offline(False)
    page.get_by_role("button", name="Choose the accounts").click()
    page.get_by_text("The quota 'nonsense' needs").first.wait_for(timeout=60_000)
    keep(page, pictures, "failed", LOOKS[0])
    accessible(page)


def test_the_drawing_is_walked_with_arrows(demo: str, visit: Visit) -> None:
    page = visit(demo).open("/account?id=weibo:35244")
    page.locator("svg.network a").first.focus()
    page.keyboard.press("ArrowRight")
    label = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert "strength" in label
    href = page.evaluate("document.activeElement.getAttribute('href')")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{href}")


def test_one_logs_in_with_a_key(
    visit: Visit, made_store: Path, tmp_path: Path, pictures: Path
) -> None:
    import shutil

    from guanxi.api.config import ServeConfig
    from guanxi.api.database import Database
    from guanxi.api.keys import new_key
    from guanxi.settings import Settings

    shutil.copytree(made_store, tmp_path / "data")
    store = tmp_path / "data" / "net.duckdb"
    database = Database(ServeConfig(Settings(store=str(store))).folder)
    _, key = new_key(database, "plan")
    database.close()
    with serving(store) as address:
        for look in LOOKS:
            visitor = visit(address, *look)
            page = visitor.open("/account?id=tea:head")
            keep(page, pictures, "login", look)
        accessible(page)
        visitor = visit(address)
        page = visitor.open("/account?id=tea:head")
        page.get_by_label("Key").fill("gx_wrong")
        page.keyboard.press("Enter")
        page.get_by_role("alert").get_by_text("not known").wait_for()
        visitor.wrong.clear()  # the browser's own word on the 401
        page.get_by_label("Key").fill(key)
        page.keyboard.press("Enter")
        page.wait_for_url("**/account?id=tea%3Ahead")
        (cookie,) = [c for c in visitor.context.cookies() if c["name"] == "guanxi_session"]
        assert cookie["httpOnly"]
        assert cookie["sameSite"] == "Strict"
        page.get_by_role("link", name="Planner").click()
        page.get_by_label("Number of accounts").fill("2")
        page.get_by_role("button", name="Choose the accounts").click()
        page.wait_for_selector("#list", timeout=60_000)
        page.get_by_role("button", name="Log out").click()
        page.wait_for_url("**/login*")
        visitor.open("/data")
        assert "/login" in page.url
