"""Templates with the words of a language; addresses that keep what was asked."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from guanxi.api.charts.bars import share_bar
from guanxi.api.charts.bubbles import colour_class
from guanxi.api.i18n import LANGUAGES, Messages, numbers
from guanxi.api.i18n.sentences import markup

_ROOT = Path(__file__).parent.parent
STATIC = _ROOT / "static"
THEMES = ("light", "dark")


@dataclass(frozen=True)
class Look:
    """How somebody sees the page: language, `light` or `dark` (or as the system has it)."""

    language: str
    theme: str | None


@dataclass(frozen=True)
class Address:
    """The address of a page: its path and the parameters of its question."""

    path: str
    query: tuple[tuple[str, str], ...] = ()

    def changed(self, **values: Any) -> str:
        """The same address with other values of some parameters; None takes one away.

        >>> Address("/influencers", (("by", "hub"), ("page", "3"))).changed(page=None, q="a b")
        '/influencers?by=hub&q=a+b'
        """
        kept = [(name, value) for name, value in self.query if name not in values]
        more = [(name, str(value)) for name, value in values.items() if value is not None]
        return link(self.path, kept + more)


def link(path: str, query: Any = (), /, **more: Any) -> str:
    """An address with parameters; None is left out.

    >>> link("/account", id="a&b")
    '/account?id=a%26b'
    """
    pairs = [*query, *((name, value) for name, value in more.items() if value is not None)]
    return f"{path}?{urlencode(pairs)}" if pairs else path


@cache
def asset(name: str) -> str:
    """The address of a file that never changes under it: its digest is part of the address."""
    digest = hashlib.blake2b((STATIC / name).read_bytes(), digest_size=6).hexdigest()
    return f"/static/{name}?v={digest}"


def times(value: float) -> str:
    """A multiple of the average.

    >>> times(16.04), times(1234.5), times(0.0123)
    ('×16.0', '×1,234', '×0.012')
    """
    if value >= 100:
        return f"×{numbers.number(value)}"
    return f"×{value:.1f}" if value >= 0.1 else f"×{numbers.significant(value, 2)}"


@pass_context
def plain(context: Context, value: Any) -> str:
    """A value of a column, whatever its type; true and false in the words of the language."""
    if isinstance(value, bool):
        return str(context["t"]("filter.true" if value else "filter.false"))
    return numbers.plain(value)


@cache
def environment() -> Environment:
    """The templates. Whatever they show is escaped; a name that is not there is an error."""
    made = Environment(
        loader=FileSystemLoader(_ROOT / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        number=numbers.number,
        percent=numbers.percent,
        moment=numbers.moment,
        plain=plain,
        times=times,
    )
    made.globals.update(
        link=link, asset=asset, languages=LANGUAGES, colour=colour_class, share_bar=share_bar
    )
    return made


def render(template: str, look: Look, address: Address, context: Mapping[str, Any]) -> Markup:
    """A page as HTML."""
    messages = Messages(look.language)
    text = (
        environment()
        .get_template(template)
        .render(
            t=messages,
            said=partial(markup, language=look.language),
            language=look.language,
            theme=look.theme,
            with_choice=address.changed,
            with_query=address.changed,
            **context,
        )
    )
    return Markup(text)
