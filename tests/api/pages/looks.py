"""In which looks each screen is seen, and what is asked of it in all of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.api.pages.conftest import DESK, PHONE, Visit

if TYPE_CHECKING:
    from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: What another theme and another size change.
LOOKS_ALONE = ["color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable"]
LOOKS = [("en", "light", DESK), ("zh", "dark", DESK), ("zh", "light", PHONE), ("en", "dark", PHONE)]


def accessible(page: Page, rules: list[str] = RULES) -> None:
    """What axe finds wrong on a page is nothing."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"runOnly": rules})
    assert found.violations_count == 0, found.generate_report()


def fits(page: Page) -> None:
    """No page is wider than its window: only tables and drawings scroll, in their place."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


def seen(demo: str, visit: Visit, pictures: Path, page: Page, name: str) -> None:
    """The page that somebody came to, in every look; judged by axe in the first."""
    accessible(page)
    for look in LOOKS:
        other = visit(demo, *look).open(page.url.removeprefix(demo))
        keep(other, pictures, name, look)
        fits(other)


def keep(page: Page, pictures: Path, name: str, look: tuple[str, str, Any]) -> None:
    size = "phone" if look[2] is PHONE else "desk"
    page.screenshot(path=pictures / f"{name}-{look[0]}-{look[1]}-{size}.png", full_page=True)
