"""Every statement that is sent to Neo4j: one a file, named for what it does.

Values are parameters, and so are the names of properties that users chose (`a[$name]`).
Where Cypher takes no parameter (labels, types, names of indexes) the text has marked slots,
`{{like_this}}`, filled by `quote_name` and by nothing else. All texts mean the same to
Cypher 5 and Cypher 25.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from guanxi.errors import UsageError

_FOLDER = Path(__file__).parent
_SLOT = re.compile(r"\{\{(\w+)\}\}")
#: Cypher 5 reads these escapes everywhere, even between backticks; Cypher 25 does not.
_ESCAPE = re.compile(r"\\u+[0-9A-Fa-f]{4}")


def statement(name: str, **names: str) -> str:
    """The text of the file `name`, its slots filled with the quoted `names`.

    >>> statement("score_index", index="i", label="Account", score="page`rank")
    'CREATE INDEX `i` IF NOT EXISTS FOR (a:`Account`) ON (a.`page``rank`)'
    """
    return _SLOT.sub(lambda slot: quote_name(names[slot[1]]), _text(name))


def statement_names() -> list[str]:
    """The names of all statements."""
    return sorted(path.stem for path in _FOLDER.glob("*.cypher"))


def slots(name: str) -> set[str]:
    """The slots of a statement."""
    return set(_SLOT.findall(_text(name)))


def quote_name(name: str) -> str:
    r"""A name that a user chose, between backticks, for a slot of a statement.

    Raises UsageError for names that not every version of Neo4j reads in the same way:
    empty ones, and ones with a NUL or an escape such as ``\u0060``.

    >>> quote_name("a`b")
    '`a``b`'
    """
    if not name or "\0" in name or _ESCAPE.search(name):
        raise UsageError(f"Neo4j cannot be asked for {name!r}: it is no name of a label or type.")
    return "`" + name.replace("`", "``") + "`"


@cache
def _text(name: str) -> str:
    lines = (_FOLDER / f"{name}.cypher").read_text("utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith("//")).strip()
