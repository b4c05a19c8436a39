"""The first page in Chromium with an empty cache: when it is complete, and what it transferred."""

from __future__ import annotations

import shutil
import statistics
import sys
from dataclasses import dataclass
from typing import Any

from benchmarks.harness import Row

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_KILOBYTE = 1024


@dataclass(frozen=True)
class Visit:
    """One visit with an empty cache: seconds from the first request until the page is complete,
    bytes that came over the network (heads and bodies as they were sent), and requests.
    """

    seconds: float
    transferred: int
    requests: int


def first_page(address: str, key: str, rounds: int) -> list[Row]:
    """The overview, visited `rounds` times with an empty cache; nothing where no Chromium is.

    `key` logs in first, in another tab, so that what is measured is the page itself.
    """
    path = next((found for name in _NAMES if (found := shutil.which(name))), None)
    if path is None:
        print("No Chromium is installed, so the page is not measured.", file=sys.stderr)
        return []
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        visits = [visit(browser, address, key) for _ in range(rounds)]
        browser.close()
    seconds = statistics.median(visit.seconds for visit in visits)
    kilobytes = max(visit.transferred for visit in visits) / _KILOBYTE
    note = f"{kilobytes:.1f} KB transferred in {visits[0].requests} requests (goal ≤ 60 KB); "
    note += f"the first visit after the server started {visits[0].seconds:.2g} s"
    return [Row("First page in Chromium, empty cache", "guanxi", seconds,
                goal="≤ 1 s", note=note)]  # fmt: skip


def visit(browser: Any, address: str, key: str = "", path: str = "/") -> Visit:
    """Open a page in a browser that has nothing of it yet, and ask Chromium what that took."""
    context = browser.new_context()
    page = context.new_page()
    try:
        if key:
            sent = context.request.post(f"{address}/v1/session", data={"key": key})
            if sent.status != 201:
                raise RuntimeError(f"the log-in was answered with {sent.status}")
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        sizes: list[int] = []
        session.on(
            "Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"])
        )
        page.goto(address + path, wait_until="networkidle")
        timing = page.evaluate("performance.getEntriesByType('navigation')[0].toJSON()")
        return Visit(timing["loadEventEnd"] / 1000, int(sum(sizes)), len(sizes))
    finally:
        context.close()
