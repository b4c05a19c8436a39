"""What can be asked of a job, in one table: each verb of the engine with the fields of its request.

The words and defaults are those of the engine; a test compares them. An option that takes a
file on the command line takes ids, or the id of an upload.
"""

from __future__ import annotations

import json
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


class Meeting(BaseModel):
    """The accounts that meet a condition over their columns."""

    model_config = ConfigDict(extra="forbid")
    where: Condition


Accounts = Annotated[list[Id], Field(min_length=1, max_length=1_000_000)] | Uploaded


#: Whom an option means: ids, an upload, or a condition.
Who = Accounts | Meeting
Several = Annotated[list[Who], Field(max_length=100)]
Amount = Annotated[float, Field(ge=0, le=1e15, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1, le=10_000_000)]


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


class Spread(Drawn):
    """Whom a campaign wants to reach, and by which model it spreads."""

    audience: Who | None = Field(None, description="Whom to reach; a file may hold a weight each.")
    won: Who | None = Field(None, description="Customers already, worth nothing to reach.")
    activity: Condition | None = Field(None, description="Discount the inactive: auto, or formula.")
    model: Word | None = Field(None, description="weighted-cascade, uniform, trivalency, …")
    probability: float | None = Field(None, ge=0, le=1, description="Of each tie under uniform.")
    probabilities: Uploaded | None = Field(None, description="Rows source,target,probability.")
    hops: int | None = Field(None, ge=1, le=1000, description="Influence goes so many steps.")


class Seeds(Spread):
    """Choose whom to win, with a proven reach."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"k": 10}]})
    k: Count | Annotated[list[Count], Field(min_length=1, max_length=50)] | None = Field(
        None, description="How many accounts; 10. Several: a list for each."
    )
    budget: Amount | Annotated[list[Amount], Field(min_length=1, max_length=50)] | None = Field(
        None, description="What they may cost. Several: a list for each."
    )
    cost: Condition | None = Field(None, description="A column or formula; the column price.")
    target: Amount | None = Field(None, description="The cheapest list that reaches so many.")
    exclude: Several = Field([], description="Who must not be chosen.")
    include: Several = Field([], description="Signed already: cost spent, reach counts.")
    where: Condition | None = Field(None, description="Who may be chosen.")
    quota: list[Condition] = Field([], max_length=100, description="city = 'Shanghai': >=5")
    why: bool = Field(False, description="Why each is there, and who comes instead.")
    precision: float | None = Field(None, gt=0, le=1, description="Go on until as certain.")
    max_seconds: float | None = Field(None, gt=0, le=86_400, description="Stop looking then.")
    looks: int | None = Field(None, ge=1, le=1000, description="Repeat a run of precision.")


class Reach(Spread):
    """Estimate what lists of accounts reach."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"lists": [["weibo:71831"]]}]})
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


class Chain(Profiled):
    """Find the strongest relationship chains from one account to another."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"source": "weibo:71831", "target": "weibo:69780"}]}
    )
    source: Id
    target: Id
    by: Literal["strength", "hops"] = "strength"
    n: int = Field(1, ge=1, le=1000, description="Up to so many chains.")
    diverse: bool = Field(False, description="Such as share few accounts.")
    mutual: bool = Field(False, description="Only ties that run both ways.")
    max_hops: int | None = Field(None, ge=1, le=1000, description="Steps of a chain.")
    through: list[Id] = Field([], max_length=100, description="To pass, in this order.")
    avoid: list[Accounts] = Field([], max_length=100, description="Who is never inside.")


class Introduce(Profiled):
    """Find the best introductions of a team to its prospects."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"sources": ["weibo:71831"], "targets": ["weibo:69780"]}]}
    )
    sources: Accounts
    targets: Accounts
    capacity: int | None = Field(None, ge=1, le=10**9, description="How often one is asked.")
    alternatives: int = Field(1, ge=1, le=1000, description="Ways to each target.")
    mutual: bool = Field(False, description="Only ties that run both ways.")
    max_hops: int = Field(4, ge=1, le=1000, description="Steps of a way.")
    avoid: list[Accounts] = Field([], max_length=100, description="Who is never inside.")


class Degrees(Profiled):
    """Count the accounts within some steps of lists, or of single accounts."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"accounts": ["weibo:71831"]}]})
    lists: Several = Field([], description="Each searched from as one.")
    accounts: list[Id] = Field([], max_length=100_000, description="Searched from alone.")
    each: bool = Field(False, description="Every account of the lists alone, too.")
    communities: bool = Field(False, description="A row for each community and step.")
    n: int | None = Field(None, ge=1, le=10_000_000, description="The largest communities.")
    along: Literal["influence", "against", "either", "mutual"] = "influence"
    max_steps: int = Field(6, ge=1, le=1000, description="Steps at most.")


class Separation(Profiled):
    """Measure how many steps lie between the accounts of the whole network."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"along": "either"}]})
    along: Literal["influence", "against", "either", "mutual"] = "influence"
    exact: bool | None = Field(None, description="A search from every account, or a sketch.")
    seed: int | None = Field(None, ge=0, lt=2**63, description="Fixes every random choice.")


class Bridges(Body):
    """Rank the accounts that join communities."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"n": 10}]})
    by: Word = Field("bridge_score", description="Or betweenness, participation, …")
    n: int = Field(20, ge=1, le=10_000_000, description="How many accounts.")
    where: Condition | None = Field(None, description="Condition over account columns.")
    joins: list[Annotated[int, Field(ge=1, lt=2**31)]] = Field(
        [], max_length=100, description="Only accounts that join these communities."
    )
    samples: int | None = Field(None, ge=1, le=10**9, description="Accounts to estimate from.")
    seed: int | None = Field(None, ge=0, lt=2**63, description="Fixes every random choice.")


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
    analyze: bool = Field(False, description="Analyse afterwards, in a job of its own.")


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
    "chain": Verb(Chain, "plan"),
    "introduce": Verb(Introduce, "plan"),
    "degrees": Verb(Degrees, "plan"),
    "separation": Verb(Separation, "plan"),
    "bridges": Verb(Bridges, "plan"),
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


def follower_of(verb: str, body: str) -> str | None:
    """The verb of the job that a request (as JSON) wants after its own, or None."""
    if verb != "load":
        return None
    asked = json.loads(body)
    return "analyze" if asked.get("analyze") and not asked.get("check") else None


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
            LoadFile(str(path), file.role, file.columns, file.kind, path.name)
            for file, path in ((file, resolve(file.upload)) for file in given.pop("files"))
        ]
        given.pop("analyze")  # the dispatcher's affair, once the files are in
        return engine.load(files, rejects=folder / "files", **given)
    if verb == "export":
        return engine.export(folder / "files", **given)
    result: Result = getattr(engine, verb)(**given)
    return result


def _resolved(value: Any, resolve: Resolve) -> Any:
    from guanxi.verbs.selectors import Condition as NeverAFile

    if isinstance(value, Uploaded):
        return resolve(value.upload)
    if isinstance(value, Meeting):
        return NeverAFile(value.where)
    if isinstance(value, list):
        return [_resolved(item, resolve) for item in value]
    return value
