"""The texts that are sent to Neo4j: slots, quoting, and that none is left unused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import guanxi
from guanxi.cypher import quote_name, slots, statement, statement_names
from guanxi.errors import UsageError

SOURCES = "\n".join(path.read_text("utf-8") for path in Path(guanxi.__file__).parent.rglob("*.py"))
#: Statements whose names are put together in the code.
FAMILIES = ("constrain_", "count_")


@pytest.mark.parametrize("name", statement_names())
def test_every_statement_is_used_and_single(name: str) -> None:
    family = next((family for family in FAMILIES if name.startswith(family)), None)
    assert f'"{name}"' in SOURCES or (family and f'f"{family}{{name}}"' in SOURCES)
    text = statement(name, **dict.fromkeys(slots(name), "x"))
    assert ";" not in text
    assert "{{" not in text


def test_no_cypher_hides_in_the_code() -> None:
    assert not re.search(r"\b(MATCH|MERGE|UNWIND)\b *[($]", SOURCES)


@pytest.mark.parametrize(
    ("name", "quoted"),
    [
        ("Account", "`Account`"),
        ("a`b", "`a``b`"),
        ("`", "````"),
        ("x`) DETACH DELETE (n", "`x``) DETACH DELETE (n`"),
        ("城市 😀", "`城市 😀`"),
        ("back\\slash", "`back\\slash`"),
        ("new\nline", "`new\nline`"),
    ],
)
def test_quoting(name: str, quoted: str) -> None:
    assert quote_name(name) == quoted


@pytest.mark.parametrize("name", ["", "a\0b", "\\u0060) DETACH DELETE (n", "\\uu0060"])
def test_names_that_versions_read_differently_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match="no name of a label or type"):
        quote_name(name)


def test_a_slot_cannot_be_left_open() -> None:
    with pytest.raises(KeyError):
        statement("score_index", index="i", label="Account")
