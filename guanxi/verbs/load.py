"""`load`: files → staging → store → snapshot."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from guanxi import __version__
from guanxi.errors import GuanxiError, InputError, UsageError
from guanxi.results import Result
from guanxi.verbs.judging import judged
from guanxi.verbs.meta import Stopwatch
from guanxi.wording import agree, counted

if TYPE_CHECKING:
    from guanxi.engine import Engine
    from guanxi.graph.readers.stage import StageOptions
    from guanxi.graph.schema import ColumnType, LoadSummary, StagedFile, StagedInteractions
    from guanxi.graph.store import Store
    from guanxi.graph.store_state import LoadCounts

MICROSECONDS = 1_000_000


@dataclass(frozen=True)
class LoadFile:
    """A file (or pattern, or `-` for standard input), its role, and how to read its columns.

    `name`: what it is called in messages and rejects, instead of its path.
    """

    path: str
    role: str
    columns: str | None = None
    kind: str | None = None
    name: str | None = None


@dataclass(frozen=True)
class LoadOptions:
    """What holds for all files of one load; see `guanxi load --help`."""

    timezone: str | None = None
    undirected: bool = False
    replace: bool = False
    again: bool = False
    check: bool = False
    max_rejects: str | None = None
    rejects: str | Path | None = None
    input_format: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    header: bool | None = None
    skip_lines: int = 0
    sheet: str | None = None


@dataclass
class _Row:
    """What one file came to."""

    summary: LoadSummary
    counts: LoadCounts | None
    seconds: float


@dataclass
class _Run:
    """One call of `load`: the rows that are done, and what people should know."""

    engine: Engine
    options: LoadOptions
    rows: list[_Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def tell(self, sentence: str) -> None:
        """Say something before the work goes on."""
        if self.engine.tell is not None:
            self.engine.tell(sentence)


def load(engine: Engine, files: Sequence[LoadFile], options: LoadOptions) -> Result:
    """Load `files` in their order (accounts first), then make the snapshot."""
    if engine.in_memory:
        raise UsageError("This network lives in memory; open a store to load files into.")
    run = _Run(engine, options)
    todo = _expand(files)
    if options.replace and sum(file.role == "follows" for file in todo) != 1:
        raise UsageError(
            "--replace takes one follows file as the whole truth of its platforms; name just one "
            "with --follows (join several into one first)."
        )
    if not todo and options.check:
        raise UsageError("Name the files to check with --accounts, --follows, --interactions.")
    if not todo and not engine.access.exists():
        raise UsageError(
            f"There is no store {engine.store} yet; name files with --accounts, --follows or "
            "--interactions."
        )
    judged(engine, lambda: _refuse_wrong(options))
    if options.check:
        _check(run, todo)
    else:
        _commit(run, todo)
    return _result(run)


def _refuse_wrong(options: LoadOptions) -> None:
    """Raise UsageError for options that no file could be read with."""
    from guanxi.graph.readers.decoding import encoding_name
    from guanxi.graph.readers.rejects import reject_limit
    from guanxi.graph.readers.zones import LocalTimes

    reject_limit(options.max_rejects)
    if options.timezone is not None:
        LocalTimes(options.timezone)
    if options.encoding is not None:
        encoding_name(options.encoding)


def _expand(files: Sequence[LoadFile]) -> list[LoadFile]:
    """Patterns become files; accounts come before edges, so that no account is made in vain."""
    from guanxi.graph.readers.sources import expand_paths

    order = {"accounts": 0, "follows": 1, "interactions": 2}
    expanded = [replace(file, path=path) for file in files for path in expand_paths([file.path])]
    for file in expanded:
        if file.path != "-" and not Path(file.path).exists():
            raise InputError(f"There is no file {file.path}.")
    if sum(file.path == "-" for file in expanded) > 1:
        raise UsageError("Standard input (-) can be read once only.")
    return sorted(expanded, key=lambda file: order[file.role])


def _check(run: _Run, files: Sequence[LoadFile]) -> None:
    for file in files:
        watch = Stopwatch()
        staged = _stage(run, file, {}, None)
        run.rows.append(_Row(staged.summary, None, watch.seconds()))


def _commit(run: _Run, files: Sequence[LoadFile]) -> None:
    with run.engine.access.open() as store:
        try:
            for file in files:
                run.rows.append(_load_one(run, store, file))
        except GuanxiError:
            if run.rows:
                done = ", ".join(row.summary.source for row in run.rows)
                run.tell(f"Loaded before the error below: {done}.")
            raise
        finally:  # what was committed before an error is shown as well
            run.engine.forget_snapshot()
            _make_snapshot(run, store)


def _make_snapshot(run: _Run, store: Store) -> None:
    """Make the snapshot of what the store holds now, unless there is one."""
    from guanxi.graph.snapshot_build import build_snapshot
    from guanxi.graph.snapshot_manifest import candidates

    state = store.state()
    newest = next((manifest for _, manifest in candidates(store.home, state)), None)
    if state.accounts and (newest is None or newest.token != state.token):
        report = run.engine.progress("Snapshot")
        if report is not None:
            report(0, 0)
        build_snapshot(store)


def _load_one(run: _Run, store: Store, file: LoadFile) -> _Row:
    watch = Stopwatch()
    staged = _stage(run, file, store.columns(), store.home.rejects)
    counts = store.load(
        staged,
        again=run.options.again,
        replace=run.options.replace and file.role == "follows",
        progress=run.engine.progress(f"Storing {Path(file.path).name}"),
    )
    run.notes.extend(f"{staged.source}: {warning}" for warning in counts.warnings)
    return _Row(staged.summary, counts, watch.seconds())


def _stage(
    run: _Run, file: LoadFile, known: dict[str, ColumnType], rejects_folder: Path | None
) -> StagedFile:
    from guanxi.graph.readers.stage import stage_file
    from guanxi.graph.schema import Role, StagedInteractions

    staged = stage_file(
        file.path,
        Role(file.role),
        _stage_options(run, file, known, rejects_folder),
        progress=run.engine.progress(f"Reading {Path(file.path).name}"),
        recognised=lambda summary: run.tell(describe(summary)),
    )
    run.notes.extend(f"{staged.source}: {warning}" for warning in staged.summary.warnings)
    if isinstance(staged, StagedInteractions):
        run.notes.extend(_unlisted_kinds(staged, run.engine.settings.kinds))
    return staged


def _unlisted_kinds(staged: StagedInteractions, own: dict[str, str]) -> list[str]:
    """A sentence about kinds whose direction guanxi assumes."""
    from guanxi.graph.schema import DEFAULT_KINDS

    unlisted = [kind for kind in staged.kinds if kind not in DEFAULT_KINDS and kind not in own]
    if not unlisted:
        return []
    shown = ", ".join(unlisted[:8]) + (", …" if len(unlisted) > 8 else "")
    sentence = (
        f"{staged.source}: guanxi does not know the kinds {shown}. They are read like a repost: "
        "the target influences the actor. The settings can say otherwise under [kinds]."
    )
    return [sentence]


def _stage_options(
    run: _Run, file: LoadFile, known: dict[str, ColumnType], rejects_folder: Path | None
) -> StageOptions:
    from guanxi.graph.readers.raw import SourceOptions
    from guanxi.graph.readers.stage import StageOptions

    options, settings = run.options, run.engine.settings
    folder = Path(options.rejects) if options.rejects else rejects_folder
    return StageOptions(
        columns=file.columns,
        kind=file.kind,
        timezone=options.timezone or settings.timezone,
        undirected=options.undirected and file.role != "accounts",
        max_rejects=options.max_rejects or settings.max_rejects,
        rejects_folder=None if options.check and not options.rejects else folder,
        now=int(time.time() * MICROSECONDS),
        known_columns=known,
        source=SourceOptions(
            format=options.input_format,
            encoding=options.encoding,
            delimiter=options.delimiter,
            header=options.header,
            skip_lines=options.skip_lines,
            sheet=options.sheet,
            name=file.name,
        ),
    )


def describe(summary: LoadSummary) -> str:
    """What was recognised in a file, in one line, for showing before the load."""
    facts = ", ".join(
        _FACTS.get((name, str(value)), str(value))
        for name, value in summary.recognised.items()
        if (name, value) not in _NOTHING and value
    )
    columns = _listed(
        [
            name if name == source else f"{name} = {source}"
            for name, source in summary.columns.items()
        ]
    )
    unused = f"; not used: {_listed(summary.unused)}" if summary.unused else ""
    return f"{summary.source} as {summary.role} ({facts}): {columns}{unused}"


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:_SHOWN_COLUMNS])
    more = len(names) - _SHOWN_COLUMNS
    return f"{shown} and {more:,} more" if more > 0 else shown


_SHOWN_COLUMNS = 20
_FACTS = {("header", "yes"): "with header", ("header", "no"): "no header"}
_NOTHING = {("compression", "none")}


def _result(run: _Run) -> Result:
    columns: dict[str, list[Any]] = {name: [] for name in _COLUMNS}
    for row in run.rows:
        for name, value in _COLUMNS.items():
            columns[name].append(value(row))
    meta: dict[str, Any] = {
        "store": run.engine.store,
        "checked_only": run.options.check,
        "rejects": [
            {"file": row.summary.source, "reasons": row.summary.reject_reasons}
            for row in run.rows
            if row.summary.rejected
        ],
        "software_version": f"guanxi {__version__}",
        "summary": _sentences(run),
        "notes": run.notes,
    }
    return Result(columns, meta)


def _sum(*names: str) -> Callable[[_Row], int | None]:
    return lambda row: (
        None if row.counts is None else sum(getattr(row.counts, name) for name in names)
    )


def _state(row: _Row) -> str:
    if row.counts is None:
        return "checked"
    if row.counts.already_loaded:
        return "already loaded"
    return "resumed" if row.counts.resumed else "loaded"


_COLUMNS: dict[str, Callable[[_Row], Any]] = {
    "file": lambda row: row.summary.source,
    "role": lambda row: str(row.summary.role),
    "rows": lambda row: row.summary.rows,
    "accepted": lambda row: row.summary.accepted,
    "rejected": lambda row: row.summary.rejected,
    "duplicates": lambda row: row.summary.duplicates,
    "self_loops": lambda row: row.summary.self_loops,
    "added": _sum("new_accounts", "new_edges"),
    "updated": _sum("filled_accounts", "updated_accounts", "updated_edges"),
    "unchanged": _sum("unchanged_accounts", "unchanged_edges"),
    "removed": _sum("removed_edges"),
    "made_accounts": _sum("made_accounts"),
    "state": _state,
    "seconds": lambda row: row.seconds,
    "rejects_file": lambda row: row.summary.rejects_path,
}


def _sentences(run: _Run) -> list[str]:
    from guanxi.graph.readers.rejects import reasons_in_words

    sentences = []
    for row in run.rows:
        summary = row.summary
        if summary.rejected:
            them = agree(summary.rejected, "It is", "They are")
            where = f" {them} in {summary.rejects_path}." if summary.rejects_path else ""
            sentences.append(
                f"{summary.source}: {summary.rejected:,} of {counted(summary.rows, 'row')} "
                f"rejected ({reasons_in_words(summary)}).{where}"
            )
            if not summary.rejects_path:
                sentences.extend(
                    f"  line {line}, {field or 'row'}: {reason}: {text!r}"
                    for line, field, reason, text in summary.examples
                )
    states = {_state(row) for row in run.rows}
    if not states:
        sentences.append(f"{run.engine.store}: no files were named; its snapshot is up to date.")
    elif states == {"already loaded"}:
        sentences.append(
            f"{run.engine.store} had all of this already; nothing has changed. --again loads it "
            "once more (also what a later --replace has taken away)."
        )
    elif not run.options.check and not any(row.summary.accepted for row in run.rows):
        sentences.append(f"{run.engine.store}: nothing was loaded, as no row was accepted.")
    elif not run.options.check:
        sentences.append(f"{run.engine.store}: loaded. Next: guanxi analyze.")
    return sentences
