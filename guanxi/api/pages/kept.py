"""What is computed once for a snapshot and its analysis, and shared by all who look at them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from guanxi.api.views import View

T = TypeVar("T")
_MOST = 128
_lock = threading.Lock()
_by_view: WeakKeyDictionary[View, OrderedDict[Any, Any]] = WeakKeyDictionary()


def kept(view: View, key: Any, make: Callable[[], T]) -> T:
    """What `make` makes for this view and its present analysis; made at the first question.

    The one that was not asked for the longest goes when there are many.
    """
    whole = (view.stamp(), key)
    with _lock:
        found = _by_view.setdefault(view, OrderedDict())
        if whole in found:
            found.move_to_end(whole)
            value: T = found[whole]
            return value
    made = make()
    with _lock:
        found[whole] = made
        while len(found) > _MOST:
            found.popitem(last=False)
    return made
