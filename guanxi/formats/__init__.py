"""Result files: one small module a format, each imported when it is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from guanxi.errors import UsageError

if TYPE_CHECKING:
    from guanxi.results import Result

_BINARY = ("parquet", "xlsx")
_FORMATS = ("csv", "json", "jsonl", *_BINARY)


def write_result(
    result: Result, target: str | Path | IO[Any], format: str | None, excel: bool
) -> list[str]:
    """Write `result` as :meth:`guanxi.results.Result.write` says; returns notes for the user."""
    chosen = format or _format_of(target)
    if chosen not in _FORMATS:
        raise UsageError(f"There is no format {chosen!r}; there are {', '.join(_FORMATS)}.")
    if excel and chosen != "csv":
        raise UsageError(f"--excel goes with the format csv, not with {chosen}.")
    from guanxi.formats.targets import binary_target, text_target

    if chosen in _BINARY:
        with binary_target(target, chosen) as path:
            if chosen == "parquet":
                from guanxi.formats.parquet_file import write_parquet

                return write_parquet(result, path)
            from guanxi.formats.xlsx_file import write_xlsx

            return write_xlsx(result, path)
    with text_target(target) as file:
        if chosen == "csv":
            from guanxi.formats.csv_file import write_csv

            return write_csv(result, file, excel)
        from guanxi.formats.json_file import write_json, write_jsonl

        return (write_json if chosen == "json" else write_jsonl)(result, file)


def _format_of(target: str | Path | IO[Any]) -> str:
    """The format that the ending of a path names."""
    name = str(target) if isinstance(target, str | Path) else ""
    ending = Path(name).suffix.lower().lstrip(".")
    if ending in _FORMATS:
        return ending
    raise UsageError(
        f"The name {name or 'of this file'!r} does not say in which format to write; "
        f"give one of {', '.join(_FORMATS)} with --format (in Python: format=…)."
    )
