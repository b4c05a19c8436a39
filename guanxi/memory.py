"""How much memory there is, and a clear word before work that would not fit."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from guanxi.errors import ResourceError, UsageError

_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}


def parse_size(text: str) -> int:
    """Bytes in a size such as `512M`, `4GB` or `2 GiB` (powers of 1,024)."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?\s*", text.lower())
    if not found:
        raise UsageError(f"{text!r} is no amount of memory; write it as 512M or 4GB.")
    return int(float(found[1]) * _UNITS[found[2]])


def format_size(size: float) -> str:
    """A size for people: `3.2 GB`."""
    if size == 1:
        return "1 byte"
    for unit in ("bytes", "KB", "MB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} GB"


def available() -> int | None:
    """Bytes that this process may still use (machine and container), None where unknown."""
    found = [size for size in (_machine(), _container()) if size is not None]
    return min(found) if found else None


def _machine() -> int | None:
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    if sys.platform == "darwin" and hasattr(os, "sysconf"):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return None


def _container() -> int | None:
    """What is left of the limit of a control group, version 2."""
    folder = Path("/sys/fs/cgroup")
    try:
        limit = (folder / "memory.max").read_text().strip()
        used = int((folder / "memory.current").read_text())
    except (OSError, ValueError):
        return None
    return None if limit == "max" else max(0, int(limit) - used)


def require(needed: int, work: str, limit: int | None = None) -> None:
    """Raise ResourceError where `work` needs more than `limit` or than there is."""
    if limit is not None and needed > limit:
        raise ResourceError(
            f"{work} needs about {format_size(needed)} of memory, "
            f"and --memory allows {format_size(limit)}."
        )
    there = available()
    if there is not None and needed > there:
        raise ResourceError(
            f"{work} needs about {format_size(needed)} of memory, "
            f"and {format_size(there)} is free. Close other programs or use a larger machine."
        )
