"""A whole file, validated and put in order, before anything of it is committed."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from guanxi.errors import InputError, UsageError
from guanxi.graph.readers.columns import ColumnPlan, header_test, parse_columns, plan_columns
from guanxi.graph.readers.options import StageOptions
from guanxi.graph.readers.rejects import RejectsFile, refuse_too_many, reject_limit
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
    with open_source(path, options.source, options.spool_folder, known) as source:
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
    try:
        plan = plan_columns(role, source.header, source.width, parse_columns(options.columns))
    except UsageError as error:
        raise UsageError(f"{source.name}: {error}") from None
    _refuse_unseen_header(source, options)
    rejects = RejectsFile(_rejects_path(options.rejects_folder, source.name), source.name)
    summary = LoadSummary(
        source.name,
        role,
        columns=plan.columns,
        unused=plan.unused,
        recognised=dict(source.description),
    )
    local = LocalTimes(options.timezone)
    stager = _STAGERS[role](Context(plan, options, rejects, summary, local))
    if recognised is not None:
        recognised(summary)
    try:
        excel = source.description.get("encoding") == "UTF-8 with mark"
        for batch in source.batches():
            summary.rows += len(batch) + len(batch.rejects)
            stager.add(Rows(batch, plan, excel, options.now))
            if progress is not None:
                progress(source.bytes_done, source.bytes_total)
        staged = stager.finish(_load_name(source, role, plan, options))
        summary.rejects_path = rejects.publish()
    finally:
        rejects.discard()
    summary.recognised = dict(source.description)
    summary.rejected = rejects.total
    summary.reject_reasons = dict(sorted(rejects.counts.items()))
    summary.examples = list(rejects.examples)
    if not summary.rows:
        raise InputError(f"{source.name} has no rows.")
    refuse_too_many(limit, summary)
    return staged


def _rejects_path(folder: Path | None, source: str) -> Path | None:
    """The rejects file of a source: the same for the same source, another for another."""
    if folder is None:
        return None
    digest = hashlib.blake2b(str(Path(source).absolute()).encode(), digest_size=4).hexdigest()
    base = "standard-input" if source in ("-", "standard input") else Path(source).name
    return folder / f"{base}-{digest}.rejects.csv"


def _refuse_unseen_header(source: Source, options: StageOptions) -> None:
    """Refuse a first row of words above rows of numbers, which is no data in all likelihood."""
    if source.header is not None or options.source.header is not None or len(source.sample) < 3:
        return
    first, *others = source.sample
    numeric = all(_is_number(text) for row in others for text in row[:2])
    words = all(_NAMES_SOMETHING.search(text) and not _DIGIT.search(text) for text in first[:2])
    ids = all(_DIGIT.search(text) for row in others for text in row[:2])
    if (numeric and not any(_is_number(text) or not text for text in first[:2])) or (words and ids):
        raise InputError(
            f"The first row of {source.name} ({', '.join(first[:5])}) looks like the names of "
            "the columns, but guanxi does not know them. Say what they are by their names, such "
            f"as --columns actor={first[0]},target={first[1]}, or that the row is data by "
            "--no-header."
        )


#: Words that names of columns of accounts consist of, in English and Chinese.
_NAMES_SOMETHING = re.compile(
    r"id$|^id|编号|账号|帐号|用户|粉丝|博主|关注|user|account|follow|fan|blogger|source|target|name",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")


def _is_number(text: str) -> bool:
    return text.strip().isdecimal()


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
    if role is not Role.ACCOUNTS:
        parts["undirected"] = options.undirected
    if role is Role.INTERACTIONS:
        parts["kind"] = options.kind
    if role is Role.ACCOUNTS or {"time", "since"} & plan.index.keys():
        parts["timezone"] = options.timezone
    text = json.dumps(parts, sort_keys=True, ensure_ascii=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
