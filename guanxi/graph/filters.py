"""Conditions and formulas over account columns, in SQL's words:
`city = 'Shanghai' and price <= 500`, `0.02 * followers_reported`.

A condition is parsed, checked against a short list of what is allowed, and built anew
from what was understood; no text of the user ever reaches a database. Allowed are

- columns of the accounts, bare or in double quotes; numbers, texts in single quotes,
  `true` and `false`; dates as texts, `'2024-05-01'` or `'2024-05-01 08:30'` (UTC unless
  they name an offset), also as `date '2024-05-01'`;
- `and`, `or`, `not`, parentheses; `=`, `!=`, `<>`, `<`, `<=`, `>`, `>=`; `between … and …`;
  `in (…)` with a list of values; `like`, `ilike` (`%` any characters, `_` one); `is null`,
  `is true`, `is false`, each also with `not`;
- `+`, `-`, `*`, `/` on numbers (a division by zero gives nothing);
- `lower`, `upper`, `length`, `contains`, `starts_with` on texts, `abs`, `round` on numbers,
  `coalesce` on values of one type.

As in SQL, a comparison with a field that is empty is neither true nor false, so the
account is not selected: `city != 'Shanghai'` leaves out accounts without a city.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from guanxi.errors import FilterError, SnapshotError
from guanxi.sql import quote

if TYPE_CHECKING:
    import duckdb

    from guanxi.graph.arrays import Bool, Float64


@dataclass(frozen=True)
class _Expression:
    """What a user wrote, checked.

    `sql`: for DuckDB, rebuilt. `text`: how guanxi understood it, in the user's words.
    `columns`: name → type (text, number, boolean, date) of the columns that it uses.
    """

    sql: str
    text: str
    columns: dict[str, str]

    def _evaluate(
        self,
        wanted: str,
        accounts_parquet: Path,
        arrays: Mapping[str, Any] | None,
        threads: int | None,
    ) -> Any:
        """`wanted` for each row of the file, as an array of NumPy."""
        import duckdb

        from guanxi.graph.filter_connections import reader_of

        # Whole, as the database is kept and the working folder may be another one by then.
        path = str(accounts_parquet.absolute())
        with reader_of(path, threads) as connection:
            try:
                return self._run(connection, wanted, path, arrays or {})
            except (duckdb.IOException, duckdb.PermissionException) as error:
                raise SnapshotError(
                    f"The columns of the accounts cannot be read from {path}: "
                    f"{_first_line(error)} Load again, and guanxi makes a new snapshot."
                ) from error
            except duckdb.Error as error:
                raise FilterError(
                    f"{self.text} cannot be computed: {_first_line(error)}"
                ) from error

    def _run(
        self,
        connection: duckdb.DuckDBPyConnection,
        wanted: str,
        path: str,
        arrays: Mapping[str, Any],
    ) -> Any:
        parameters = {"path": path}
        used = {name: arrays[name] for name in self.columns if name in arrays}
        rows = "read_parquet($path) AS file"
        if used:
            connection.register("arrays", used)
            rows += " POSITIONAL JOIN arrays"
        in_file = set(self._columns_of(connection, parameters)) if used else set(self.columns)
        sources = {name: _source(name, name in in_file, name in used) for name in self.columns}
        described = connection.execute(
            f"DESCRIBE SELECT {', '.join(sources.values()) or '1'} FROM {rows}", parameters
        ).fetchall()
        columns = ", ".join(
            f"{_normalised(sources[name], kind, str(stored[1]))} AS {quote(name)}"
            for (name, kind), stored in zip(self.columns.items(), described, strict=False)
        )
        answer = connection.execute(
            f"SELECT {wanted} AS wanted FROM (SELECT {columns or '1 AS one'} FROM {rows})",
            parameters,
        ).fetchnumpy()
        return answer["wanted"]

    @staticmethod
    def _columns_of(
        connection: duckdb.DuckDBPyConnection, parameters: dict[str, str]
    ) -> Iterator[str]:
        described = "DESCRIBE SELECT * FROM read_parquet($path)"
        return (str(row[0]) for row in connection.execute(described, parameters).fetchall())


class Condition(_Expression):
    """A condition over the columns of the accounts."""

    def select(
        self,
        accounts_parquet: Path,
        arrays: Mapping[str, Any] | None = None,
        threads: int | None = None,
    ) -> Bool:
        """Which accounts meet the condition: bool[n], in the order of the rows of the file.

        `arrays` holds columns that are not in the file (scores), each of length n; a boolean one
        that is in the file as well says where that is true by now.
        DuckDB may open this one file and nothing else. Raises `FilterError` where the
        condition cannot be computed, `SnapshotError` where the file cannot be read.
        """
        selected: Bool = self._evaluate(
            f"coalesce({self.sql}, false)", accounts_parquet, arrays, threads
        )
        return selected


class Formula(_Expression):
    """A number for each account, out of its columns: `0.02 * followers_reported`."""

    def values(
        self,
        accounts_parquet: Path,
        arrays: Mapping[str, Any] | None = None,
        threads: int | None = None,
    ) -> Float64:
        """float64[n], in the order of the rows of the file; NaN where a field is empty.

        As `Condition.select`.
        """
        values: Float64 = self._evaluate(
            f"coalesce({self.sql}, CAST('nan' AS DOUBLE))", accounts_parquet, arrays, threads
        )
        return values


def parse_condition(text: str, columns: Mapping[str, str]) -> Condition:
    """Parse and check a condition over `columns` (name → text, number, boolean or date).

    Raises `FilterError`, which names what is not allowed, not known or of the wrong type.

    >>> known = {"city": "text", "price": "number", "粉丝数": "number"}
    >>> parse_condition("city = 'Shanghai' AND not 粉丝数 < 1e4", known).text
    "city = 'Shanghai' and not 粉丝数 < 1e4"
    >>> parse_condition("city = 5", known)
    Traceback (most recent call last):
    guanxi.errors.FilterError: city is a text and 5 is a number: write the number as a text, '5'.
    """
    from guanxi.graph.filter_terms import translate

    return Condition(*translate(text, columns, "boolean"))


def parse_formula(text: str, columns: Mapping[str, str]) -> Formula:
    """Parse and check a formula for a number over `columns`, in the words of a condition.

    Raises `FilterError`.

    >>> parse_formula("0.02 * 粉丝数 + 100", {"粉丝数": "number"}).text
    '0.02 * 粉丝数 + 100'
    """
    from guanxi.graph.filter_terms import translate

    return Formula(*translate(text, columns, "number"))


def _source(name: str, in_file: bool, in_arrays: bool) -> str:
    """Where a column comes from; from both, a boolean that is true where the array says so."""
    held, known = f"file.{quote(name)}", f"arrays.{quote(name)}"
    if not in_arrays:
        return held
    return f"CASE WHEN {known} OR {held} THEN {known} ELSE {held} END" if in_file else known


def _normalised(source: str, kind: str, stored: str) -> str:
    """The column as VARCHAR, DOUBLE, BOOLEAN or TIMESTAMP (UTC), however the file holds it."""
    if kind == "number":  # for DuckDB, NaN is a number that is larger than all others
        return f"nullif(CAST({source} AS DOUBLE), CAST('nan' AS DOUBLE))"
    if kind != "date":
        return f"CAST({source} AS {'BOOLEAN' if kind == 'boolean' else 'VARCHAR'})"
    if stored == "TIMESTAMP WITH TIME ZONE":
        return f"make_timestamp(epoch_us({source}))"
    if stored == "BIGINT":  # microseconds
        return f"make_timestamp({source})"
    return f"CAST({source} AS TIMESTAMP)"


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0].rstrip(".") + "."
