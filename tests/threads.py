"""Threads of their own for tests that the browser's would disturb."""

from __future__ import annotations

import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def in_own_thread(work: Callable[P, R]) -> Callable[P, R]:
    """Run a function in a thread of its own.

    While a browser is open, Playwright has an event loop and greenlets in the main thread: no
    other loop can run there, and Python 3.11 miscounts how deep its parser is.
    """

    @functools.wraps(work)
    def run(*arguments: P.args, **named: P.kwargs) -> R:
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(work, *arguments, **named).result()

    return run
