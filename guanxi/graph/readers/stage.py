"""A whole file, validated and put in order, before anything of it is committed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from guanxi.errors import InputError, UsageError
from guanxi.graph.readers.columns import (
    ColumnPlan,
    ColumnsOption,
    header_test,
    parse_columns,
    plan_columns,
)
from guanxi.graph.readers.header import looks_unseen, take_header
from guanxi.graph.readers.names import REQUIRED
from guanxi.graph.readers.options import StageOptions
from guanxi.graph.readers.rejects import (
    RejectLimit,
    RejectsFile,
    refuse_too_many,
    reject_limit,
    too_many,
)
from guanxi.graph.readers.roles.accounts import AccountsStager
from guanxi.graph.readers.roles.follows import FollowsStager
from guanxi.graph.readers.roles.interactions import InteractionsStager
from guanxi.graph.readers.roles.stager import Context, Stager
from guanxi.graph.readers.rows import Rows
from guanxi.graph.readers.sources import open_source
from guanxi.graph.readers.zones import LocalTimes
from guanxi.graph.schema import LoadSummary, Role, StagedFile

if TYPE_CHECKING:
    from guanxi.graph.readers.raw import Source

__all__ = ["StageOptions", "stage_file", "stage_source"]

_STAGERS: dict[Role, type[Stager]] = {
    Role.ACCOUNTS: AccountsStager,
    Role.FOLLOWS: FollowsStager,
    Role.INTERACTIONS: InteractionsStager,
}

Progress = Callable[[int, int], None]
Recognised = Callable[[LoadSummary], None]


def stage_file(
    path: str | Path,
    role: Role,
    options: StageOptions,
    progress: Progress | None = None,
    recognised: Recognised | None = None,
) -> StagedFile:
    """Read the file at `path` ("-": standard input) as rows of `role`.

    Returns StagedAccounts, StagedFollows or StagedInteractions, whose content depends on the
    rows and not on their order. `progress` is called with bytes done and bytes in all.
    `recognised` is called once, before the rows are read, with a summary that says what the
    file and its columns were taken as.

    Raises UsageError where the options cannot be (columns, kind, time zone), InputError where
    the file cannot be read, and TooManyRejectsError where `options.max_rejects` is exceeded.
    """
    known = header_test(role, parse_columns(options.columns))
    with open_source(path, options.source, options.spool_folder, known, progress) as source:
        return stage_source(source, role, options, progress, recognised)


def stage_source(
    source: Source,
    role: Role,
    options: StageOptions,
    progress: Progress | None = None,
    recognised: Recognised | None = None,
) -> StagedFile:
    """Stage the rows of an open source; see `stage_file`."""
    limit = reject_limit(options.max_rejects)
    asked = parse_columns(options.columns)
    _refuse_without_columns(source)
    told = [*source.notes, *_settle_header(source, role, options, asked)]
    try:
        plan = plan_columns(role, source.header, source.width, asked)
    except UsageError as error:
        raise UsageError(f"{source.name}: {error}") from None
    rejects = RejectsFile(_rejects_path(options.rejects_folder, source.name), source.name)
    summary = LoadSummary(
        source.name,
        role,
        columns=plan.columns,
        unused=plan.unused,
        recognised=dict(source.description),
        warnings=told,
    )
    local = LocalTimes(options.timezone)
    stager = _STAGERS[role](Context(plan, options, rejects, summary, local))
    if recognised is not None:
        recognised(summary)
    try:
        for batch in source.batches():
            summary.rows += len(batch) + len(batch.rejects)
            stager.add(Rows(batch, plan, options.now))
            if progress is not None:
                progress(source.bytes_done, source.bytes_total)
            _refuse_early(limit, summary, rejects, source)
        staged = stager.finish(_load_name(source, role, plan, options))
        _count_rejects(summary, rejects)
    finally:
        rejects.discard()
    summary.recognised = dict(source.description)
    if not summary.rows:
        raise InputError(f"{source.name} has no rows.")
    refuse_too_many(limit, summary)
    return staged


def _refuse_early(
    limit: RejectLimit, summary: LoadSummary, rejects: RejectsFile, source: Source
) -> None:
    """Raise TooManyRejectsError as soon as no further row can mend the matter."""
    if source.bytes_done >= source.bytes_total:
        return  # it is all read: the whole of it is reported
    if limit.certain(summary.rows, rejects.total, source.most_rows_left):
        _count_rejects(summary, rejects)
        raise too_many(limit, summary, "the first ")


def _count_rejects(summary: LoadSummary, rejects: RejectsFile) -> None:
    summary.rejects_path = rejects.publish()
    summary.rejected = rejects.total
    summary.reject_reasons = dict(sorted(rejects.counts.items()))
    summary.examples = list(rejects.examples)


def _rejects_path(folder: Path | None, source: str) -> Path | None:
    """The rejects file of a source: the same for the same source, another for another."""
    if folder is None:
        return None
    digest = hashlib.blake2b(str(Path(source).absolute()).encode(), digest_size=4).hexdigest()
    base = "standard-input" if source in ("-", "standard input") else Path(source).name
    return folder / f"{base}-{digest}.rejects.csv"


def _refuse_without_columns(source: Source) -> None:
    """InputError for a file in which there is no row, or none that can be read."""
    if source.width:
        return
    first = next((reject for batch in source.batches() for reject in batch.rejects), None)
    if first is None:
        raise InputError(f"{source.name} has no rows, or no field in them.")
    raise InputError(
        f"{source.name} has no row that can be read; the first fails at line {first.line} "
        f"({first.reason})."
    )


def _settle_header(
    source: Source, role: Role, options: StageOptions, asked: ColumnsOption
) -> list[str]:
    """Notes on the first row, where it looks like names that guanxi does not know.

    Names by position leave no doubt about the columns, so such a row is taken for the header.
    Without them it is an error: as a row of data it would make accounts that are none.
    """
    if source.header is not None or options.source.header is not None:
        return []
    if not looks_unseen(source.sample):
        return []
    shown = ", ".join(source.sample[0][:5])
    if not asked.by_position:
        pairs = zip(REQUIRED[role], source.sample[0], strict=False)
        names = ",".join(f"{meaning}={name}" for meaning, name in pairs)
        places = ",".join(f"{meaning}={i}" for i, meaning in enumerate(REQUIRED[role], 1))
        raise InputError(
            f"The first row of {source.name} ({shown}) looks like the names of the columns, but "
            f"guanxi does not know them. Say what they are by --columns {names} or by their "
            f"places, --columns {places}; or that the row is data by --no-header."
        )
    take_header(source)
    said = (
        f"The first row ({shown}) was taken for the names of the columns; --no-header makes it "
        "a row of data."
    )
    return [said]


def _load_name(source: Source, role: Role, plan: ColumnPlan, options: StageOptions) -> str:
    """Names the load by all that decides what is staged, and not by the path of the file."""
    said = source.description
    parts = {
        "content": source.content_hash,
        "role": role.value,
        "columns": sorted(plan.index.items()),
        "text": [said.get(key, "") for key in ("format", "encoding", "delimiter", "header")],
        "skip_lines": options.source.skip_lines,
        "comment": options.source.comment,
    }
    if source.part:
        parts["part"] = source.part
    if role is not Role.ACCOUNTS:
        parts["undirected"] = options.undirected
    if role is Role.INTERACTIONS:
        parts["kind"] = options.kind
    if role is Role.ACCOUNTS or {"time", "since"} & plan.index.keys():
        parts["timezone"] = options.timezone
    text = json.dumps(parts, sort_keys=True, ensure_ascii=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
