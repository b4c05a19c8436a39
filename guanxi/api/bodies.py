"""What can be asked of a job, in one table: each verb of the engine with the fields of its request.

The words and defaults are those of the engine; a test compares them. An option that takes a
file on the command line takes ids, or the id of an upload.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from guanxi.engine import Engine
    from guanxi.results import Result

#: Where the files of an upload lie.
Resolve = Callable[[str], Path]

Id = Annotated[str, Field(min_length=1, max_length=256)]
Word = Annotated[str, Field(min_length=1, max_length=200)]
Condition = Annotated[str, Field(min_length=1, max_length=10_000)]


class Uploaded(BaseModel):
    """A list of accounts that was uploaded as a file."""

    model_config = ConfigDict(extra="forbid")
    upload: Annotated[str, Field(pattern="^[0-9a-f]{16}$", description="id of an upload")]


Accounts = Annotated[list[Id], Field(min_length=1, max_length=1_000_000)] | Uploaded


class Body(BaseModel):
    """What every job can be asked."""

    model_config = ConfigDict(extra="forbid")
    refresh: bool = Field(False, description="Read the store anew, even at the same version.")


class Profiled(Body):
    """What every job on tie strengths can be asked."""

    profile: Word = Field("default", description="default, followers-only, engagement, or own.")
    as_of: Word | None = Field(None, description="Count interactions up to this day.")


class Drawn(Profiled):
    """What every job that draws samples can be asked."""

    samples: int | None = Field(None, ge=1024, le=10**9, description="Sample sets; else by graph.")
    memory: Word | None = Field(None, description="Most memory for samples, such as 2GB.")
    seed: int | None = Field(None, ge=0, lt=2**63, description="Fixes every random choice.")


class Seeds(Drawn):
    """Choose whom to win, with a proven reach."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"k": 10}]})
    k: int = Field(10, ge=1, le=1_000_000, description="How many accounts to win.")
    exclude: list[Accounts] = Field([], max_length=100, description="Who must not be chosen.")


class Reach(Drawn):
    """Estimate what lists of accounts reach."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"lists": [["tea:head"]]}]})
    lists: Annotated[list[Accounts], Field(min_length=1, max_length=200)]
    each: bool = Field(False, description="A row for each account of the lists too.")


class Top(Body):
    """Rank the influencers; with `personalize` as seen from a list of accounts."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"n": 5}]})
    by: Word = Field("pagerank", description="Score to rank by.")
    n: int = Field(20, ge=1, le=10_000_000, description="How many accounts.")
    community: int | None = Field(None, ge=1, lt=2**31, description="Only this community.")
    where: Condition | None = Field(None, description="Condition over account columns.")
    personalize: Accounts | None = Field(None, description="PageRank as seen from these.")
    show: list[Word] = Field([], max_length=100, description="Further account columns.")


class Analyze(Profiled):
    """Compute scores and communities."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"with": ["hits"]}]}, populate_by_name=True
    )
    with_: list[Literal["hits"]] = Field([], alias="with", description="Further scores.")
    communities: Literal["leiden", "louvain", "label-propagation"] = "leiden"
    resolution: float = Field(1.0, gt=0, lt=1e6, description="Above 1 more communities.")
    fast: bool = Field(False, description="One iteration of Leiden instead of two.")
    seed: int | None = Field(None, ge=0, lt=2**63, description="Fixes every random choice.")
    write_back: bool = Field(False, description="Write scores into a graph of others, too.")


class File(BaseModel):
    """One uploaded file to load: what it holds, and how to read its columns."""

    model_config = ConfigDict(extra="forbid")
    upload: Annotated[str, Field(pattern="^[0-9a-f]{16}$", description="id of an upload")]
    role: Literal["accounts", "follows", "interactions"]
    columns: Condition | None = Field(None, description="Names, or a mapping (actor=uid,…).")
    kind: Word | None = Field(None, description="Kind of interactions that name none.")


class Load(Body):
    """Load uploaded files; bad rows can be downloaded from the job."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"files": [{"upload": "0" * 16, "role": "follows"}]}]}
    )
    files: list[File] = Field([], max_length=1000)
    timezone: Word | None = Field(None, description="What times without a zone mean.")
    undirected: bool = Field(False, description="Take each row both ways (friends).")
    replace: bool = Field(False, description="The follows file is the whole truth.")
    again: bool = Field(False, description="Load even what was loaded before.")
    check: bool = Field(False, description="Read and report, write nothing.")
    max_rejects: Word | None = Field(None, description="Bad rows allowed: 100, or 1%.")
    input_format: Word | None = Field(None, description="csv, tsv, edges, jsonl, parquet, xlsx.")
    encoding: Word | None = Field(None, description="Such as gb18030 or utf-16; else guessed.")
    delimiter: Annotated[str, Field(min_length=1, max_length=4)] | None = None
    header: bool | None = Field(None, description="Whether the first row names the columns.")
    skip_lines: int = Field(0, ge=0, le=10**9, description="Leading lines to leave out.")
    sheet: Word | None = Field(None, description="Sheet of a workbook, or its number.")


class Export(Body):
    """Write everything as files, which can be downloaded from the job."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"format": "parquet"}]})
    format: Literal["csv", "jsonl", "parquet", "neo4j-admin"] = "csv"
    excel: bool = Field(False, description="CSV for Excel.")


class Doctor(Body):
    """Check the installation and the store."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"compile_kernels": False}]})
    compile_kernels: bool = Field(False, description="Compile all kernels now.")


@dataclass(frozen=True)
class Verb:
    """A verb that runs as a job. `writes`: it changes the store, so one runs at a time."""

    body: type[Body]
    scope: str
    writes: bool = False


VERBS: dict[str, Verb] = {
    "top": Verb(Top, "plan"),
    "seeds": Verb(Seeds, "plan"),
    "reach": Verb(Reach, "plan"),
    "export": Verb(Export, "plan"),
    "analyze": Verb(Analyze, "write", writes=True),
    "load": Verb(Load, "write", writes=True),
    "doctor": Verb(Doctor, "admin"),
}
#: What the server asks itself: to make a snapshot that is missing.
SNAPSHOT = "snapshot"


def uploads_of(body: BaseModel) -> set[str]:
    """Ids of all uploads that a request names."""
    found: set[str] = set()
    for value in (getattr(body, name) for name in type(body).model_fields):
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, Uploaded | File):
                found.add(item.upload)
    return found


def run_verb(engine: Engine, verb: str, body: Body, resolve: Resolve, folder: Path) -> Result:
    """Ask the engine what a request asks; files that come out lie in `folder`."""
    given: dict[str, Any] = {
        name: _resolved(getattr(body, name), resolve)
        for name in type(body).model_fields
        if name != "refresh"
    }
    if body.refresh:
        engine.refresh()
    if verb == "load":
        from guanxi.verbs.load import LoadFile

        files = [
            LoadFile(str(resolve(file.upload)), file.role, file.columns, file.kind)
            for file in given.pop("files")
        ]
        return engine.load(files, rejects=folder / "files", **given)
    if verb == "export":
        return engine.export(folder / "files", **given)
    result: Result = getattr(engine, verb)(**given)
    return result


def _resolved(value: Any, resolve: Resolve) -> Any:
    if isinstance(value, Uploaded):
        return resolve(value.upload)
    if isinstance(value, list):
        return [_resolved(item, resolve) for item in value]
    return value
