"""What every verb hands back: rows under named columns, and what made them.

Importing this module imports neither numpy nor DuckDB nor pandas.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from guanxi.errors import UsageError
from guanxi.formats.values import CHUNK, plain_values

if TYPE_CHECKING:
    import networkx
    import numpy as np
    import pandas
    import pyarrow

    Column = Sequence[Any] | np.ndarray[Any, Any]

#: Formats that :meth:`Result.write` knows, by name.
FORMATS = ("csv", "json", "jsonl", "parquet", "xlsx")

#: Ties u, v, strength (u influences v) among the accounts with these ids.
Ties = Callable[[list[str]], Iterable[tuple[str, str, float]]]


@dataclass
class Result:
    """Rows under named columns, with the meta that made them.

    `columns`: name → values, all of one length, in the order in which they are shown.
    A value is a text, an int, a float, True or False, a date, a datetime (UTC), a list
    of such, or None for "nothing there". NaN and NaT count as None.

    `meta`: everything that made the rows (store version, method, parameters, seed,
    direction, software version) and what a row cannot say.

    `ties`: where the rows are accounts (a column `id`), finds the ties among them for
    :meth:`to_networkx`.

    >>> result = Result({"rank": [1, 2], "id": ["a", "b"]}, {"method": "pagerank"})
    >>> len(result)
    2
    >>> result.rows[0]
    {'rank': 1, 'id': 'a'}
    """

    columns: Mapping[str, Column]
    meta: dict[str, Any] = field(default_factory=dict)
    ties: Ties | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        lengths = {name: len(column) for name, column in self.columns.items()}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"the columns of a result must be of one length: {lengths}")

    def __len__(self) -> int:
        """Number of rows."""
        return len(next(iter(self.columns.values()), ()))

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """The rows one by one, each a dict of plain Python values."""
        names = list(self.columns)
        for values in self.chunks():
            for row in zip(*values, strict=True):
                yield dict(zip(names, row, strict=True))

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """All rows, each a dict of plain Python values."""
        return list(self)

    def chunks(self, size: int = CHUNK) -> Iterator[list[list[Any]]]:
        """Up to `size` rows at a time: one list of plain Python values a column."""
        for start in range(0, len(self), size):
            yield [plain_values(column[start : start + size]) for column in self.columns.values()]

    def to_dicts(self) -> list[dict[str, Any]]:
        """A new list of the rows as dicts."""
        return list(self)

    def to_pandas(self) -> pandas.DataFrame:
        """A pandas DataFrame of the rows; `meta` is in its `attrs`."""
        try:
            import pandas
        except ImportError:
            raise UsageError(
                "A data frame needs pandas, which is not installed: "
                "pip install 'guanxi[pandas]', or use .to_dicts()."
            ) from None
        frame = pandas.DataFrame(
            {name: pandas.Series(*_series(column)) for name, column in self.columns.items()},
            columns=list(self.columns),
        )
        frame.attrs.update(self.meta)
        return frame

    def to_arrow(self) -> pyarrow.Table:
        """An Arrow table of the rows; the metadata of its schema hold `meta` as JSON (`guanxi`)."""
        try:
            import pyarrow
        except ImportError:
            raise UsageError(
                "An Arrow table needs pyarrow, which is not installed: "
                "pip install 'guanxi[arrow]', or write Parquet with .write('result.parquet')."
            ) from None
        from guanxi.formats.json_file import meta_text

        table = pyarrow.table(
            {name: pyarrow.array(plain_values(column)) for name, column in self.columns.items()}
        )
        return table.replace_schema_metadata({"guanxi": meta_text(self.meta)})

    def to_networkx(self) -> networkx.DiGraph[str]:
        """A directed graph whose arcs run along influence.

        Rows with `from` and `to` (chains) are arcs, which carry the other columns; of
        several rows with the same two accounts the first one counts. Rows with an `id`
        (top, seeds) are accounts, which carry the other columns, with the ties among
        them as arcs that carry `strength`. Raises `UsageError` for any other result.
        """
        import networkx

        graph = networkx.DiGraph(meta=self.meta)
        if "from" in self.columns and "to" in self.columns:
            for row in self:
                source, target = row.pop("from"), row.pop("to")
                if not graph.has_edge(source, target):
                    graph.add_edge(source, target, **row)
        elif "id" in self.columns and self.ties is not None:
            for row in self:
                graph.add_node(row.pop("id"), **row)
            for source, target, strength in self.ties(list(graph)):
                graph.add_edge(source, target, strength=strength)
        else:
            raise UsageError(
                "The rows of this result are neither accounts nor ties between accounts, "
                f"so there is no graph in them (columns: {', '.join(self.columns)})."
            )
        return graph

    def write(
        self, target: str | Path | IO[Any], format: str | None = None, excel: bool = False
    ) -> list[str]:
        """Write the rows (and the meta, where the format has a place for it) into `target`.

        `target`: a path, `-` for standard output, or an open file. A path gets its file
        whole or not at all. `format` is one of `FORMATS`; by default the ending of the
        path says it. `excel` (CSV only): a byte order mark, and guards around what Excel
        would change. Returns sentences that the user should read, usually none.
        """
        from guanxi.formats import write_result

        return write_result(self, target, format, excel)


def _series(column: Column) -> tuple[list[Any], None, str | None]:
    """Values, index and dtype for a pandas Series that keeps whole numbers and truths with gaps."""
    values = plain_values(column)
    kinds = {type(value) for value in values}
    if type(None) in kinds and len(kinds) == 2:
        return values, None, {int: "Int64", bool: "boolean"}.get((kinds - {type(None)}).pop())
    return values, None, None
