"""Several transactions at once, where a server has more than one processor to do them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

#: Transactions that are under way at the same time; each has a connection of its own.
AT_ONCE = 2
#: One more waits for its turn, so that the server is not idle while a result is taken.
_BEGUN = AT_ONCE + 1


def side_by_side(work: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
    """`work` on each task, `AT_ONCE` of them at a time; results in the order of the tasks.

    `tasks` is asked for the next one only when there is room for it, from the calling thread.
    When the caller ends (an error, Ctrl-C), what is under way is waited for and no other is
    begun.
    """
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="guanxi-neo4j") as pool:
        waiting: deque[Future[R]] = deque()
        try:
            for task in tasks:
                waiting.append(pool.submit(work, task))
                if len(waiting) == _BEGUN:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
