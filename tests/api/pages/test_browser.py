"""A real Chromium walks each screen as its user would."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from tests.api.pages.conftest import Visit, serving
from tests.api.pages.looks import LOOKS, LOOKS_ALONE, RULES, accessible, fits, keep, seen

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SCREENS = {
    "overview": "/",
    "influencers": "/influencers?q=a&from.price=100",
    "nothing-found": "/influencers?q=nobody-is-called-so",
    "communities": "/communities",
    "community": "/communities/2",
    "account": "/account?id=weibo:35244",
    "chains": "/chains?from=weibo:35244&to=xiaohongshu:9b9d",
    "introduce": "/introduce",
    "bridges": "/bridges",
    "degrees": "/degrees",
    "planner": "/planner",
    "check": "/check",
    "data": "/data",
    "keys": "/keys",
}
#: Bytes that the first page may transfer, and its requests.
FIRST_PAGE = 60 * 1024


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[str]:
    """A server over the demo network, loaded and analysed by the page itself with one click."""
    with serving(tmp_path_factory.mktemp("demo") / "net.duckdb") as address:
        page = browser.new_page()
        page.goto(address)
        page.get_by_role("button", name="Load the demo network").click()
        page.wait_for_url("**/jobs/*")
        page.get_by_role("link", name="Look at it").click(timeout=120_000)
        assert page.get_by_role("heading", name="Your network").is_visible()
        page.close()
        yield address


@pytest.mark.parametrize("look", LOOKS, ids=["-".join(map(str, look[:2])) for look in LOOKS])
def test_each_screen_in_each_look(
    demo: str, visit: Visit, pictures: Path, look: tuple[str, str, Any]
) -> None:
    visitor = visit(demo, *look)
    # English in both themes and both sizes; the other language has the same elements.
    judged = {0: RULES, 3: LOOKS_ALONE}.get(LOOKS.index(look))
    for name, path in SCREENS.items():
        page = visitor.open(path)
        assert page.locator("h1").count() == 1
        assert page.locator("html").get_attribute("lang") == {"en": "en", "zh": "zh-CN"}[look[0]]
        keep(page, pictures, name, look)
        fits(page)
        if judged:
            accessible(page, judged)


def test_the_first_page_is_light(demo: str, browser: Browser) -> None:
    from benchmarks.api_page import visit as measured

    found = measured(browser, demo)
    assert 10_000 < found.transferred <= FIRST_PAGE
    assert found.requests <= 6


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
    page.keyboard.type("4; 8")
    until(page, lambda: focused(page) == "quota")
    page.keyboard.type("city = 'Shanghai': >=2")
    until(page, lambda: focused(page) == "Choose the accounts")
    page.keyboard.press("Enter")
    page.wait_for_url("**/jobs/*")
    page.wait_for_selector("#list", timeout=120_000)
    address = page.url
    seen(demo, visit, pictures, page, "plan")
    assert page.locator("#lists ~ .scroll tbody tr").count() == 2
    with page.expect_download() as download:
        page.get_by_role("link", name="Excel workbook").click()
    path = tmp_path / "seeds.xlsx"
    download.value.save_as(path)
    assert openpyxl.load_workbook(path, read_only=True).worksheets[0].max_row == 13
    page.get_by_role("link", name="list 1").click()
    page.get_by_text("These 4 accounts are expected").first.wait_for()
    page.get_by_role("link", name="Change it and ask again").click()
    assert page.get_by_label("Number of accounts").input_value() == "4; 8"
    assert page.get_by_label("Quotas").input_value() == "city = 'Shanghai': >=2"
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


def test_a_selection_goes_into_the_planner(demo: str, visit: Visit, tmp_path: Path) -> None:
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
    with page.expect_download() as download:
        page.get_by_role("button", name="Excel workbook").click()
    download.value.save_as(tmp_path / "some.xlsx")
    taken = openpyxl.load_workbook(tmp_path / "some.xlsx")
    assert taken.worksheets[0].max_row == number + 1
    page.get_by_role("button", name="Plan without them").click()
    excluded = page.get_by_role("textbox", name="Not to be chosen").input_value()
    assert len(excluded.splitlines()) == number


def test_an_agencys_file_is_checked(
    demo: str, visit: Visit, pictures: Path, tmp_path: Path
) -> None:
    page = visit(demo).open("/check")
    (tmp_path / "agency.csv").write_text("id\nbilibili:17725\nweibo:35244\nnobody\n", "utf-8")
    page.get_by_label("Paste a list").fill("weibo:35244\nweibo:71831\n")
    (tmp_path / "worth.csv").write_text("id,weight\nweibo:35244,2\nweibo:71831,5\n", "utf-8")
    page.get_by_label("or a file", exact=True).set_input_files(tmp_path / "worth.csv")
    page.get_by_label("or files, one for each list").set_input_files(tmp_path / "agency.csv")
    page.get_by_role("button", name="Check", exact=True).click()
    page.wait_for_selector("#overlap", timeout=120_000)
    assert page.get_by_text("agency.csv").first.is_visible()
    seen(demo, visit, pictures, page, "checked")
    page.get_by_role("link", name="Change it and ask again").click()
    assert page.get_by_label("Paste a list").input_value() == "weibo:35244\nweibo:71831"
    assert page.get_by_label("the file agency.csv, sent before").is_checked()
    page.get_by_label("Count only reached accounts with").fill("city = 'Shanghai'")
    page.get_by_role("button", name="Check", exact=True).click()
    page.locator("#audience-problem").get_by_text("Give one of the two").wait_for()
    assert focused(page) == "audience"


def test_accounts_between_communities_are_found(demo: str, visit: Visit, pictures: Path) -> None:
    page = visit(demo).open("/bridges")
    page.get_by_label("Number of accounts").fill("5")
    page.get_by_role("button", name="Find bridges").click()
    page.wait_for_selector("#list", timeout=120_000)
    assert page.locator("tbody tr").count() == 5
    seen(demo, visit, pictures, page, "bridges-found")


def test_steps_are_counted(demo: str, visit: Visit, pictures: Path) -> None:
    page = visit(demo).open("/degrees?account=weibo:35244")
    page.get_by_label("By community").check()
    page.get_by_role("button", name="Count", exact=True).click()
    page.wait_for_selector("#set-1", timeout=120_000)
    seen(demo, visit, pictures, page, "degrees-counted")
    page.goto(demo + "/degrees")
    page.get_by_role("button", name="Measure").click()
    page.get_by_text("steps apart on average").wait_for(timeout=120_000)
    keep(page, pictures, "separation", LOOKS[0])


def test_introductions_are_planned(demo: str, visit: Visit, pictures: Path) -> None:
    page = visit(demo).open("/chains")
    page.get_by_role("link", name="Introductions").click()
    page.get_by_label("Your team").fill("weibo:35244\nweibo:71831")
    page.get_by_label("Prospects").fill("bilibili:17725\nxiaohongshu:9b9d\nnobody")
    page.get_by_label("Ask nobody more often than").fill("1")
    page.get_by_role("button", name="Plan introductions").click()
    page.wait_for_selector("#list", timeout=120_000)
    seen(demo, visit, pictures, page, "introductions")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV for Excel").click()
    assert download.value.path().read_bytes().startswith(b"\xef\xbb\xbfto,")


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
    visitor = visit(demo, *LOOKS[1])
    asked = visitor.context.request.post(
        f"{demo}/v1/seeds", data={"k": 500, "samples": 60_000_000, "memory": "6GB"}
    )
    page = visitor.open(f"/jobs/{asked.json()['id']}")
    page.locator("#stage").get_by_text("选择账号").wait_for(timeout=60_000)
    page.locator("#log").get_by_text("选择账号 …").wait_for()
    keep(page, pictures, "running", LOOKS[1])
    accessible(page)
    page.get_by_role("button", name="取消").click()
    page.get_by_text("工作已取消").wait_for(timeout=30_000)
    keep(page, pictures, "cancelled", LOOKS[1])


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
    page.get_by_label("Number of accounts").fill("0")
    page.get_by_label("Quotas").fill("nonsense")
    visitor.context.set_offline(True)
    page.get_by_role("button", name="Choose the accounts").click()
    alert = page.get_by_role("alert")
    alert.get_by_text("The server does not answer").wait_for()
    assert focused(page) == "alert"
    visitor.wrong.clear()  # the browser's own words on the lost connection
    visitor.context.set_offline(False)
    page.get_by_role("button", name="Choose the accounts").click()
    page.locator("#k-problem").get_by_text("greater than or equal to 1").wait_for()
    assert focused(page) == "k"
    page.get_by_label("Number of accounts").fill("5")
    page.get_by_role("button", name="Choose the accounts").click()
    page.locator("#quota-problem").get_by_text("The quota 'nonsense' needs").wait_for()
    assert focused(page) == "quota"
    assert page.locator("#k-problem").count() == 0
    assert page.get_by_label("Quotas").get_attribute("aria-describedby") == (
        "quota-help quota-problem"
    )
    keep(page, pictures, "wrong", LOOKS[0])
    accessible(page)
    chinese = visit(demo, *LOOKS[1])
    page = chinese.open("/planner")
    page.get_by_label("配额").fill("nonsense")
    page.get_by_role("button", name="选出账号").click()
    page.locator("#quota-problem").get_by_text("须由条件、冒号和界限组成").wait_for()
    keep(page, pictures, "wrong", LOOKS[1])
    for each in (visitor, chinese):
        each.wrong.clear()  # the browser's own words on the answers 422


def test_one_tries_again_with_the_problem_beside_its_field(
    demo: str, visit: Visit, pictures: Path
) -> None:
    visitor = visit(demo)
    asked = visitor.context.request.post(
        f"{demo}/v1/seeds", data={"target": 1e6, "samples": 2048, "where": "price < 500"}
    )
    page = visitor.open(f"/jobs/{asked.json()['id']}")
    page.get_by_role("link", name="Try again").click(timeout=120_000)
    page.locator("#target-problem").get_by_text("No list surely reaches the target").wait_for()
    assert focused(page) == "target"
    assert page.get_by_label("Reach wanted").input_value() == "1000000"
    assert page.get_by_label("Choose only accounts with").input_value() == "price < 500"
    seen(demo, visit, pictures, page, "again")


def test_the_drawing_is_walked_with_arrows(demo: str, visit: Visit) -> None:
    page = visit(demo).open("/account?id=weibo:35244")
    page.locator("svg.network a").first.focus()
    page.keyboard.press("ArrowRight")
    label = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert "strength" in label
    href = page.evaluate("document.activeElement.getAttribute('href')")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{href}")
