"""Jobs as pages show them: in a table, while they run, and what came out of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from guanxi.api.auth import Caller
from guanxi.api.bodies import VERBS, follower_of
from guanxi.api.i18n import Messages
from guanxi.api.i18n.numbers import plain
from guanxi.api.i18n.sentences import ENGLISH, plain_text, repeats_a_note, stands_beside
from guanxi.api.jobs import RESULT, Job
from guanxi.api.pages.insight_result import bridges_result, degrees_result, introduce_result
from guanxi.api.pages.plan_result import plan_result
from guanxi.api.pages.reach_result import reach_result
from guanxi.api.pages.render import link
from guanxi.api.service import Service
from guanxi.api.views import View
from guanxi.errors import MissingError

_LISTED = 30
#: Rows that a page shows of a result; the file that is taken away has all.
_ROWS = 1000
_LONG = 80
#: Verb → address of the form that asks for it, and takes up what was asked before.
_FORMS = {
    "seeds": "/planner",
    "reach": "/check",
    "bridges": "/bridges",
    "degrees": "/degrees",
    "separation": "/degrees",
    "introduce": "/introduce",
    "load": "/data",
}
#: Fields whose values are words of the page, and where these are.
_WORDS = {"by": "column", "along": "along", "model": "model", "profile": "profile"}
#: Fields whose values are accounts; of long lists of them the number is told.
_WHO = ("include", "exclude", "lists", "accounts", "sources", "targets", "avoid", "personalize")
#: Boxes that forms have ticked.
_TICKED = {"why": True, "analyze": True, "excel": True}
#: What the engine says of its commands; a page has buttons.
_COMMANDS = re.compile(r"\s*Next: guanxi .*\.$")
#: What stands above the table already, there without the name of the store.
_LOADED = re.compile(r".+: loaded\.")
#: Jobs whose rows only say what was done: nobody takes these away.
_DONE = ("load", "analyze", "export")
#: Columns of a load that are left out where nothing of the kind happened.
_SELDOM = ("duplicates", "self_loops", "updated", "unchanged", "removed", "made_accounts")
#: What a job is busy with, as the engine calls it.
_STAGES = (
    *("Seeds", "Why", "Reach", "PageRank", "Communities", "Core users", "Betweenness"),
    *("Separation", "Chains", "Export", "Snapshot", "Reading", "Storing"),
)


def jobs_table(
    service: Service, caller: Caller, t: Messages, verbs: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """The newest jobs that the caller may see, of some verbs or of all."""
    found = service.jobs.newest((), n=500 if verbs else 100)
    wanted = [job for job in found if caller.allows(job.scope) and (not verbs or job.verb in verbs)]
    return [_row(service, job, t) for job in wanted[:_LISTED]]


def _row(service: Service, job: Job, t: Messages) -> dict[str, Any]:
    shown = job.shown()
    yes = t("filter.true")
    asked = _request(service, job, t)
    says = [name if text == yes else f"{name}: {text}" for name, text in asked]
    return {**shown, "says": " · ".join(says)[: _LONG * 2]}


def job_page(
    service: Service,
    caller: Caller,
    view: View | None,
    id: str,
    asked: Mapping[str, str],
    t: Messages,
) -> dict[str, Any]:
    """What the template `job.html` shows. MissingError where there is no such job."""
    job = service.jobs.find(id)
    caller.require(job.scope)
    shown = job.shown()
    context: dict[str, Any] = {
        "job": shown,
        "active": job.is_active,
        "request": _request(service, job, t),
        "log": service.jobs.log(id),
        "again": link(_FORMS[job.verb], job=id) if job.verb in _FORMS else "/data",
        "change": None,
        "shape": None,
        "goes_on": follower_of(job.verb, job.body) is not None,
        "following": service.jobs.follower(job),
        "worth_reading": False,
        "stages": {} if t.language == ENGLISH else _stages(t.language),
    }
    if job.state == "done":
        if job.verb in _FORMS and job.verb != "load":
            context["change"] = context["again"]
        context |= _outcome(service, job, view, asked, t)
    return context


def _outcome(
    service: Service, job: Job, view: View | None, asked: Mapping[str, str], t: Messages
) -> dict[str, Any]:
    try:
        content = json.loads((service.jobs.place(job.id) / RESULT).read_bytes())
    except FileNotFoundError:
        raise MissingError("The result of this job is gone; ask for it anew.") from None
    rows, meta = content["rows"], content["meta"]
    notes = meta.get("notes", [])
    summary = [_COMMANDS.sub("", sentence) for sentence in meta.get("summary", [])]
    beside = [note for note in notes if stands_beside(note)]
    if beside:
        summary = [sentence for sentence in summary if not repeats_a_note(sentence)]
    common: dict[str, Any] = {
        "result": f"/v1/jobs/{job.id}/result",
        "beside": beside,
        "notes": [note for note in notes if not stands_beside(note)],
        "summary": [each for each in summary if each and not _LOADED.fullmatch(each)],
        "shape": job.verb,
    }
    if job.verb == "seeds" and rows:
        return common | plan_result(rows, meta, view, asked, t)
    if job.verb == "reach":
        return common | reach_result(rows, meta, view, t)
    if job.verb == "bridges":
        return common | bridges_result(rows)
    if job.verb == "degrees":
        return common | degrees_result(rows, json.loads(job.body), view, t)
    if job.verb == "separation":
        return common | {"rows": rows}
    if job.verb == "introduce":
        return common | introduce_result(rows, meta, view)
    if job.verb == "load":
        # How a file was read stands in the log, unless it may well have been read wrongly.
        said = (entry["text"] for entry in service.jobs.log(job.id))
        common["beside"] = beside + [text for text in said if stands_beside(text)]
        common["worth_reading"] = bool(common["beside"]) or any(row.get("rejected") for row in rows)
    return common | _table(service, job, rows)


def _table(service: Service, job: Job, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """What `result_table.html` shows; files that have a row each are linked there."""
    files = {
        path.name: f"/v1/jobs/{job.id}/files/{number}"
        for number, path in enumerate(service.jobs.files(job.id))
    }
    listed = {row.get("file") for row in rows}
    columns = _columns(rows)
    return {
        "shape": "table",
        "columns": columns,
        "numeric": {name for name in columns if _is_numeric(row[name] for row in rows)},
        "rows": rows[:_ROWS],
        "linked": {name: href for name, href in files.items() if name in listed},
        "files": [
            {"name": name, "href": href} for name, href in files.items() if name not in listed
        ],
        "merged": _merged(rows) if job.verb == "load" else 0,
        "taken": job.verb not in _DONE,
        "next_step": _next_step(job),
    }


def _merged(rows: list[dict[str, Any]]) -> int:
    """Rows of interactions that a load put together with others of their day."""
    there = ("added", "updated", "unchanged", "duplicates", "self_loops")
    return sum(
        max(row["accepted"] - sum(row.get(name) or 0 for name in there), 0)
        for row in rows
        if row.get("role") == "interactions" and row.get("state") == "loaded"
    )


def _columns(rows: list[dict[str, Any]]) -> list[str]:
    """The columns that hold anything; where bad rows are is said by a link."""
    return [
        name
        for name in (rows[0] if rows else {})
        if name != "rejects_file"
        and any(row[name] is not None and (row[name] or name not in _SELDOM) for row in rows)
    ]


def _is_numeric(values: Iterable[Any]) -> bool:
    kinds = {type(value) for value in values if value is not None}
    return bool(kinds) and kinds <= {int, float}


def _stages(language: str) -> dict[str, str]:
    """What the stages of jobs are called in a language; a file's name goes to `{file}`."""
    named = {name: f"{name} {{file}}" for name in ("Reading", "Storing")}
    return {name: plain_text(named.get(name, name), language)[0] for name in _STAGES}


def _next_step(job: Job) -> str | None:
    if job.verb == "load" and not json.loads(job.body).get("check"):
        return "load"
    return "analyze" if job.verb == "analyze" else None


def _request(service: Service, job: Job, t: Messages) -> list[tuple[str, str]]:
    """What was asked for, in words; lists of accounts as their numbers, uploads by their names.

    What is as it usually is says nothing of a job and is left out.
    """
    found = []
    usual = _usual(job.verb)
    for name, value in json.loads(job.body).items():
        if repr(value) == usual.get(name):
            continue
        counted = name in _WHO
        text = _said(service, value, t, counted=counted)
        if name in _WORDS and isinstance(value, str):
            text = t.get(f"{_WORDS[name]}.{value}", text)
        if text not in ("", "–"):
            label = t.get(f"request.{name}", name)
            found.append((t.get(f"request.{job.verb}.{name}", label), text))
    return found


def _usual(verb: str) -> dict[str, str]:
    """What the fields of a request usually hold, as the engine or the forms have it, written as
    values of Python: 1 is not True.
    """
    fields = VERBS[verb].body.model_fields if verb in VERBS else {}
    usual = {name: field.default for name, field in fields.items()} | _TICKED
    return {name: repr(value) for name, value in usual.items()}


def _said(service: Service, value: Any, t: Messages, *, counted: bool = False) -> str:
    """A value of a request in words. `counted`: long lists in it are told by their length."""
    if isinstance(value, dict):
        if "where" in value:
            return t("kept.condition", what=_short(str(value["where"])))
        if "upload" not in value:
            return _short(", ".join(f"{name} {plain(item)}" for name, item in value.items()))
        try:
            name = str(service.uploads.find(value["upload"])["name"])
        except MissingError:
            name = value["upload"]
        return name if "role" in value else t("request.file", name=name)
    if isinstance(value, list):
        if counted and len(value) > 3 and all(isinstance(item, str) for item in value):
            return t("request.accounts_given", n=len(value))
        nested = any(isinstance(item, list | dict) for item in value)
        said = (_said(service, item, t, counted=counted) for item in value)
        return ("; " if nested else ", ").join(said)
    if isinstance(value, bool):
        return t("filter.true" if value else "filter.false")
    return _short(plain(value))


def _short(text: str) -> str:
    return text if len(text) <= _LONG else text[: _LONG - 1] + "…"
