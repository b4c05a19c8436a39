"""A real Chromium and a real server. Tests that take `browser` need Debian's `chromium`.

GUANXI_REQUIRE_BROWSER=1: where there is none, tests fail instead of being skipped. Nothing is
ever downloaded. Pictures of every screen are kept in `.pytest_cache/d/screenshots`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, ViewportSize

# Read here: a fixture takes the settings of the user out of the environment.
_REQUIRED = os.environ.get("GUANXI_REQUIRE_BROWSER") == "1"
_NAMES = ("chromium", "chromium-browser", "google-chrome")
PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1280, "height": 900}
#: The first words of a server tell where it listens.
_SAYS = re.compile(r"http://127\.0\.0\.1:\d+")


def _lacking(reason: str) -> None:
    if _REQUIRED:
        pytest.fail(f"{reason} (GUANXI_REQUIRE_BROWSER=1)")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, started once."""
    path = next((found for name in _NAMES if (found := shutil.which(name))), None)
    if path is None:
        _lacking("Chromium is not installed: apt-get install chromium fonts-noto-cjk")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()


@contextmanager
def serving(store: Path) -> Iterator[str]:
    """A server of its own over a store, as `guanxi serve` starts it; its address."""
    command = [sys.executable, "-m", "guanxi.cli", "--store", str(store), "serve", "--port", "0"]
    environment = {**os.environ, "GUANXI_THREADS": "1"}
    log = store.with_suffix(".log")
    with log.open("w+b") as written:
        process = subprocess.Popen(
            command, stdout=written, stderr=written, env=environment, stdin=subprocess.DEVNULL
        )
        try:
            yield _address(process, log)
        finally:
            process.terminate()
            process.wait(60)


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    from tests.api.pages.waiting import wait_for

    def found() -> str | None:
        said = log.read_text("utf-8", "replace")
        assert process.poll() is None, said
        address = _SAYS.search(said)
        return address[0] if address else None

    return wait_for(found)


class Visitor:
    """Opens pages in one language, theme and size, and watches what they do."""

    def __init__(
        self, browser: Browser, address: str, language: str, theme: str, size: Any
    ) -> None:
        self.address = address
        self.context = browser.new_context(
            locale={"en": "en-US", "zh": "zh-CN"}[language],
            color_scheme=theme,  # type: ignore[arg-type]  # one of its words
            viewport=size,
            reduced_motion="reduce",
        )
        self.wrong: list[str] = []
        self.context.on("console", lambda message: self.wrong.append(f"console: {message.text}"))
        self.context.on("weberror", lambda error: self.wrong.append(f"error: {error.error}"))
        self.context.on("dialog", lambda dialog: self.wrong.append(f"dialog: {dialog.message}"))
        self.context.on("request", self._watch)
        self.page: Page = self.context.new_page()

    def _watch(self, request: Any) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.wrong.append(f"request: {request.url}")

    def open(self, path: str) -> Page:
        """Go to an address of the server."""
        self.page.goto(self.address + path)
        return self.page


Visit = Callable[..., Visitor]


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """Makes visitors; at the end each of them must have found a silent console."""
    with ExitStack() as stack:
        visitors: list[Visitor] = []

        def start(
            address: str, language: str = "en", theme: str = "light", size: Any = DESK
        ) -> Visitor:
            visitor = Visitor(browser, address, language, theme, size)
            stack.callback(visitor.context.close)
            visitors.append(visitor)
            return visitor

        yield start
        assert [sentence for visitor in visitors for sentence in visitor.wrong] == []


@pytest.fixture(scope="session")
def pictures(request: pytest.FixtureRequest) -> Path:
    """Where pictures of the screens are kept."""
    cache = request.config.cache
    assert cache is not None
    return cache.mkdir("screenshots")
