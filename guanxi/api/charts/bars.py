"""A bar for a share, to stand in a table beside its number."""

from __future__ import annotations

from markupsafe import Markup

from guanxi.api.charts.svg import tag


def share_bar(share: float | None, kind: str = "") -> Markup:
    """A bar as long as `share` (0 to 1); decoration only, the number stands beside it."""
    filled = min(max(share or 0.0, 0.0), 1.0) * 100
    return tag(
        "svg",
        tag("rect", x=0, y=0, width=100, height=8, rx=3, class_="track"),
        tag("rect", x=0, y=0, width=filled, height=8, rx=3, class_=f"fill {kind}".strip()),
        viewBox="0 0 100 8",
        preserveAspectRatio="none",
        class_="bar",
        aria_hidden="true",
        focusable="false",
    )
