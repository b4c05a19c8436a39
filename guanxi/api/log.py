"""The server's log: one JSON object a line, on standard error."""

from __future__ import annotations

import datetime
import json
import sys
import traceback
from typing import Any

_ENCODER = json.JSONEncoder(ensure_ascii=True, default=str)


def log_event(event: str, **facts: Any) -> None:
    """Write one line; facts that are None are left out."""
    line: dict[str, Any] = {
        "time": datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds"),
        "event": event,
    }
    line |= {name: value for name, value in facts.items() if value is not None}
    text = _ENCODER.encode(line)
    try:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()
    except (OSError, ValueError):  # nobody reads it any more; that is no reason to fail
        return


def log_fault(error: BaseException, request_id: str | None = None) -> None:
    """Write down a fault of guanxi itself, where its operator finds it."""
    log_event(
        "fault",
        request_id=request_id,
        error=type(error).__name__,
        trace=traceback.format_exception(error),
    )
