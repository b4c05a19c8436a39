"""What stands in a form already: from an earlier request, or from the address."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from guanxi.api.auth import Caller
from guanxi.api.i18n.sentences import field_of
from guanxi.api.service import Service
from guanxi.errors import MissingError


@dataclass(frozen=True)
class Kept:
    """Something that was asked before and that no control can show: it stays, or is taken out.

    `value` is JSON as the request holds it. `kind`: `file`, `condition` or `option`; `label`: the
    name of the file, the condition, or what the option was set to. `many`: it is one of several.
    """

    name: str
    value: str
    kind: str
    label: str
    many: bool = False


@dataclass(frozen=True)
class Filled:
    """The request of an earlier job, field by field, and what was wrong with it.

    `files`: id → name of uploads that are still there; `lost`: how many are not. `asked`: whether
    it was asked before; what an address fills in was not.
    """

    body: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    lost: int = 0
    asked: bool = False
    problem: str | None = None
    problem_field: str | None = None

    def text(self, name: str, default: str = "") -> str:
        """A field as somebody writes it; several numbers with `; ` between them."""
        value = self.body.get(name)
        if value is None or isinstance(value, dict | bool):
            return default
        if isinstance(value, list):
            return "; ".join(_number(item) for item in value if not isinstance(item, dict | list))
        return _number(value)

    def is_on(self, name: str, default: bool = False) -> bool:
        """Whether a box is ticked."""
        return bool(self.body.get(name, False)) if self.asked else default

    def lists(self, name: str, default: str = "") -> list[str]:
        """The lists of ids in a field, one id a line; at least one, which may be empty."""
        value = self.body.get(name)
        entries = value if isinstance(value, list) else []
        found = ["\n".join(entry) for entry in entries if isinstance(entry, list)]
        flat = [entry for entry in entries if isinstance(entry, str)]
        if flat:
            found.append("\n".join(flat))
        return found or [default]

    def ids(self, name: str, default: str = "") -> str:
        """All ids of a field in one list."""
        return "\n".join(text for text in self.lists(name, default) if text)

    def condition(self, name: str) -> str:
        """The condition in a field that takes ids, a file or a condition."""
        value = self.body.get(name)
        return str(value["where"]) if isinstance(value, dict) and "where" in value else ""

    def conditions(self, name: str) -> str:
        """The conditions of a field that takes several of ids, files and conditions, one a line."""
        value = self.body.get(name)
        return "\n".join(
            str(entry["where"])
            for entry in (value if isinstance(value, list) else [])
            if isinstance(entry, dict) and _fits_a_line(entry)
        )

    def of_files(self, role: str, what: str) -> str:
        """What was said of the files of a role in a load: their `columns`, or their `kind`."""
        files = [file for file in self.body.get("files", []) if file["role"] == role]
        return next((file[what] for file in files if file.get(what)), "")

    def kept(self, name: str, role: str | None = None, conditions: bool = True) -> list[Kept]:
        """Files and conditions in a field, which the controls of a form cannot hold.

        `role`: of the files of a load, those that hold this. `conditions` is False where a control
        holds those that fit a line.
        """
        value = self.body.get(name)
        many = isinstance(value, list)
        found = []
        for entry in value if isinstance(value, list) else [value]:
            if not isinstance(entry, dict) or (role and entry.get("role") != role):
                continue
            if entry.get("upload") in self.files:
                label = self.files[entry["upload"]]
                found.append(Kept(name, json.dumps(entry), "file", label, many))
            elif "where" in entry and many and (conditions or not _fits_a_line(entry)):
                found.append(Kept(name, json.dumps(entry), "condition", str(entry["where"]), many))
        return found

    def others(self, shown: Sequence[str]) -> list[Kept]:
        """What was asked beside the fields that the form shows."""
        return [
            Kept(name, json.dumps(value), "option", f"{name} = {_number(value)}")
            for name, value in self.body.items()
            if name not in shown and value not in (None, "", [], False)
        ]

    def wrong(self, name: str) -> bool:
        """Whether the problem is about this field."""
        return self.problem is not None and self.problem_field == name


def filled_from(service: Service, caller: Caller, id: str | None, verb: str) -> Filled:
    """What the form of a verb shows: the request of job `id`, or nothing where there is none."""
    if not id:
        return Filled()
    try:
        job = service.jobs.find(id)
    except MissingError:
        return Filled()
    if job.verb != verb or not caller.allows(job.scope):
        return Filled()
    body = json.loads(job.body)
    files: dict[str, str] = {}
    lost = 0
    for upload in _uploads_in(body):
        try:
            files[upload] = str(service.uploads.find(upload)["name"])
        except MissingError:
            lost += 1
    problem = str(job.problem["detail"]) if job.state == "failed" and job.problem else None
    about = None if problem is None else field_of(problem)
    return Filled(body, files, lost, asked=True, problem=problem, problem_field=about)


def _uploads_in(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [str(value["upload"])] if "upload" in value else []
        return own + [found for item in value.values() for found in _uploads_in(item)]
    if isinstance(value, list):
        return [found for item in value for found in _uploads_in(item)]
    return []


def _fits_a_line(entry: Mapping[str, Any]) -> bool:
    """Whether it is a condition that stands in one line: a line break may be part of a text."""
    return "where" in entry and len(str(entry["where"]).splitlines()) == 1


def _number(value: Any) -> str:
    """A number without the `.0` of a whole one, anything else as it is."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return json.dumps(value) if isinstance(value, dict | list | bool) else str(value)
