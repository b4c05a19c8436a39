"""SVG as text: elements with escaped attributes and contents.

Colours and lines come from classes in the style sheet, never from `style=`: the page's
Content-Security-Policy allows none.
"""

from __future__ import annotations

import re

from markupsafe import Markup, escape

# What XML does not allow at all: a browser would stop reading there.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def tag(name: str, *children: str, **attributes: str | float | None) -> Markup:
    """One element. `class_` is `class`, `aria_label` is `aria-label`; None is left out.

    >>> tag("text", "a < b", x=1.50, class_="tick")
    Markup('<text x="1.5" class="tick">a &lt; b</text>')
    """
    shown = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    inside = "".join(escape(_clean(child)) for child in children)
    return Markup(f"<{name}{shown}>{inside}</{name}>" if inside else f"<{name}{shown}/>")


def _value(value: str | float) -> str:
    if isinstance(value, str):
        return str(escape(_clean(value)))
    return coordinate(value)


def _clean(text: str) -> str:
    return text if isinstance(text, Markup) else _FORBIDDEN.sub("�", text)


def coordinate(value: float) -> str:
    """A number in the units of a drawing, to a tenth.

    >>> coordinate(12.0), coordinate(0.26)
    ('12', '0.3')
    """
    text = f"{value:.1f}"
    return text.removesuffix(".0") if text != "-0.0" else "0"


def drawing(
    width: float, height: float, *children: str, label: str, class_: str, id: str | None = None
) -> Markup:
    """A whole picture that fits its place; `label` is what a screen reader says instead.

    Links inside stay reachable by keyboard, so it is a group and no image.
    """
    return tag(
        "svg",
        *children,
        viewBox=f"0 0 {coordinate(width)} {coordinate(height)}",
        class_=class_,
        role="group",
        aria_label=label,
        id=id,
    )


def shortened(text: str, length: int) -> str:
    """At most `length` characters of a text.

    >>> shortened("a long name", 6)
    'a lon…'
    """
    return text if len(text) <= length else text[: length - 1] + "…"


def text_width(text: str, size: float) -> float:
    """About how wide a text is drawn: characters of East Asia are twice as wide as others."""
    return size * sum(1.0 if ord(character) > 0x2E7F else 0.56 for character in text)
