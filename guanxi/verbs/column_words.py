"""What the columns of a result mean, in words, for those who were handed the file alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from guanxi.verbs.columns import COLUMNS
from guanxi.verbs.columns_zh import CHINESE

_FURTHER = ", further"
#: Columns that a result has beside those of its verb: scores that it was asked for.
_SCORES = {
    "out_degree": ("distinct accounts that it follows", "它关注的不同账号数"),
    "weighted_out_degree": (
        "sum of the tie strengths by which others influence it",
        "他人影响它的关系强度之和",
    ),
    "k_core": (
        "it is among others who are all tied to at least so many of each other",
        "它所在的群体中，人人都与其中至少这么多个相连",
    ),
    "core_rank": ("its rank as a core user of its community", "它在所属社群核心用户中的名次"),
    "hub": ("high where it follows many authorities (HITS)", "关注许多权威账号时较高（HITS）"),
    "authority": ("high where many hubs follow it (HITS)", "被许多枢纽账号关注时较高（HITS）"),
    "personalized_pagerank": (
        "PageRank as seen from the accounts that were given",
        "从给定账号出发的 PageRank",
    ),
}
_OWN = ("a column of your accounts, as it was loaded", "您的账号数据中的列，按加载时的内容")
#: In a file nobody asks for a column by an option, and nothing stands in backticks.
_OPTION = re.compile(r"with (?:several numbers or budgets|`--[a-z]+`[^:]*): ")


class Words(NamedTuple):
    """A column, and what it means in English and Chinese."""

    column: str
    english: str
    chinese: str


def explained(columns: Sequence[str]) -> list[Words]:
    """What each column of a result means; nothing where it is no result of a verb.

    The verb is the one all of whose columns are there; of several the one that has most.

    >>> explained(["id", "community"])[1].english
    'number of its community'
    >>> explained(["anything"])
    []
    """
    there = set(columns)
    verbs = [
        verb for verb in COLUMNS if not verb.endswith(_FURTHER) and there >= set(COLUMNS[verb])
    ]
    if not verbs:
        return []
    verb = max(verbs, key=lambda name: len(COLUMNS[name]))
    english = COLUMNS[verb] | COLUMNS.get(verb + _FURTHER, {})
    chinese = CHINESE[verb] | CHINESE.get(verb + _FURTHER, {})
    more = {name: found[0] for name, found in _SCORES.items()}
    more_chinese = {name: found[1] for name, found in _SCORES.items()}
    return [
        Words(
            name,
            _OPTION.sub("", (more | english).get(name, _OWN[0])).replace("`", ""),
            (more_chinese | chinese).get(name, _OWN[1]),
        )
        for name in columns
    ]
