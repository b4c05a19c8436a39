"""Chains from one account to another, step by step."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import numpy as np

from guanxi.api.i18n import Messages
from guanxi.api.i18n.sentences import plain_text
from guanxi.api.pages.facets import text_of
from guanxi.api.pages.people import rows_of
from guanxi.api.pages.render import link
from guanxi.api.views import View
from guanxi.engine import Engine
from guanxi.errors import UsageError
from guanxi.results import Result
from guanxi.verbs.accounts import matching
from guanxi.verbs.analysis import find_analysis

#: Between what the engine says of a step, and the end of what was done so many times.
_BETWEEN_DEEDS = re.compile("; the other way: |[;,] ")
_COUNTED = re.compile(r"\d (?:times?|other interactions?)$")
_NUMBERS = ("1", "3", "5", "10")
#: Accounts that are offered where several may be meant.
_CALLED = 8


@dataclass(frozen=True)
class Question:
    """Between whom, how many chains, and whether each tie must run both ways."""

    source: str
    target: str
    n: int
    mutual: bool


def question_of(asked: Mapping[str, str]) -> Question:
    """The question in the parameters of an address."""
    n = asked.get("n", "")
    return Question(
        asked.get("from", "").strip(),
        asked.get("to", "").strip(),
        int(n) if n in _NUMBERS else 3,
        asked.get("mutual") == "1",
    )


def find(engine: Engine, question: Question) -> Result:
    """The chains. UsageError for accounts that there are not."""
    return engine.chain(question.source, question.target, n=question.n, mutual=question.mutual)


def chains(view: View, engine: Engine, asked: Mapping[str, str], t: Messages) -> dict[str, Any]:
    """What the template `chains.html` shows for the parameters of its address."""
    question, unclear = _by_name(view, engine, question_of(asked))
    mutual = "1" if question.mutual else None
    ends = [("from", question.source), ("to", question.target), ("n", str(question.n))]
    context: dict[str, Any] = {
        "from": question.source,
        "to": question.target,
        "n": question.n,
        "mutual": question.mutual,
        "asked": bool(question.source and question.target),
        "chains": [],
        "summary": [],
        "notes": [],
        "problem": None,
        "unclear": unclear,
        "download": link("/chains/file", ends, mutual=mutual),
    }
    if not context["asked"] or unclear:
        return context
    try:
        found = find(engine, question)
    except UsageError as error:
        return context | {"problem": str(error)}
    return context | {
        "chains": _chains(view, found.rows, t),
        "summary": found.meta.get("summary", []),
        "notes": found.meta.get("notes", []),
    }


def _by_name(
    view: View, engine: Engine, question: Question
) -> tuple[Question, list[dict[str, Any]]]:
    """The question with ids where it has the name of one account, and for each end that is
    neither the accounts that may be meant; nothing where none may, which the engine says.
    """
    unclear: list[dict[str, Any]] = []
    for parameter, field, text in (
        ("from", "source", question.source),
        ("to", "target", question.target),
    ):
        if not text or view.snapshot.find([text])[0] >= 0:
            continue
        exact, found = _called(view, engine, text)
        if exact:
            question = replace(question, **{field: found[0]["id"]})
        else:
            unclear.append({"end": parameter, "text": text, "found": found})
    return question, unclear if any(end["found"] for end in unclear) else []


def _called(view: View, engine: Engine, text: str) -> tuple[bool, list[dict[str, Any]]]:
    """Accounts whose name is a text, or else holds it, the highest PageRank first; whether it is
    the name of one alone.
    """
    snapshot, analysis = view.snapshot, find_analysis(view.snapshot)
    if "name" not in snapshot.column_types:
        return False, []
    wanted = text_of(text.lower())
    for condition in (f"lower(name) = {wanted}", f"contains(lower(name), {wanted})"):
        places = np.flatnonzero(matching(engine, snapshot, condition))
        if len(places):
            break
    if analysis is not None:
        score = np.asarray(analysis.score("pagerank"))[places]
        places = places[np.argsort(-score, kind="stable")]
    rows = rows_of(snapshot, analysis, places[:_CALLED].astype(np.int32))
    found = [{"community": None, **row} for row in rows]
    return condition.startswith("lower") and len(places) == 1, found


def _chains(view: View, rows: list[dict[str, Any]], t: Messages) -> list[dict[str, Any]]:
    """Each chain with its first account, its steps and the chance of all of them together."""
    snapshot = view.snapshot
    ids = sorted({row[end] for row in rows for end in ("from", "to")})
    people = rows_of(snapshot, find_analysis(snapshot), snapshot.indexes_of(ids)) if ids else []
    by_id = {person["id"]: {"community": None, **person} for person in people}
    found = []
    for _, steps in groupby(rows, key=lambda row: row["chain"]):
        listed = list(steps)
        found.append(
            {
                "first": by_id[listed[0]["from"]],
                "probability": listed[0]["chain_probability"],
                "steps": [{**step, **by_id[step["to"]], "said": _said(step, t)} for step in listed],
            }
        )
    return found


def _said(step: Mapping[str, Any], t: Messages) -> str | None:
    """Why a step holds, in the words of the page; None in English, which the engine speaks."""
    if t.language == "en":
        return None
    parts = []
    deeds = _BETWEEN_DEEDS.split(step["relation"])
    if step.get("since"):
        parts.append(t("chain.since", since=step["since"]))
    elif "follows" in deeds:
        parts.append(t("chain.follows"))
    if step.get("times"):
        last = step.get("last") or "–"
        kinds = [plain_text(deed, t.language)[0] for deed in deeds if _COUNTED.search(deed)]
        times = t("chain.times", n=step["times"], last=last)
        parts.append(f"{times}（{t('chain.and').join(kinds)}）" if kinds else times)
    return t("chain.and").join(parts) or t("chain.tied")
