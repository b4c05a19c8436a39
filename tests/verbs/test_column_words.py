"""What a workbook says of its columns: those of every verb, in both languages."""

from __future__ import annotations

import re

import pytest

from guanxi.verbs.analysis import find_analysis
from guanxi.verbs.column_words import explained
from guanxi.verbs.columns import COLUMNS
from guanxi.verbs.columns_zh import CHINESE


def test_every_column_is_explained_in_chinese_too() -> None:
    assert {verb: list(columns) for verb, columns in CHINESE.items()} == {
        verb: list(columns) for verb, columns in COLUMNS.items()
    }
    for columns in CHINESE.values():
        assert all(re.search("[一-鿿]", text) for text in columns.values())


@pytest.mark.parametrize("verb", [verb for verb in COLUMNS if verb != "seeds, further"])
def test_the_columns_of_a_verb_mean_what_that_verb_says(verb: str) -> None:
    found = explained(list(COLUMNS[verb]))
    assert [words.column for words in found] == list(COLUMNS[verb])
    for column, english, chinese in found:
        assert english == COLUMNS[verb][column].replace("`", "")
        assert chinese == CHINESE[verb][column]


def test_what_stands_beside_the_columns_of_a_verb() -> None:
    seeds = {words.column: words for words in explained(
        [*COLUMNS["seeds"], *COLUMNS["seeds, further"], "city"]
    )}  # fmt: skip
    assert seeds["reach_alone"].english == "what it reaches by itself"
    assert seeds["included"].english == "whether it was signed already"
    assert seeds["list"] == ("list", "the number of the list", "名单的编号")
    assert seeds["city"].english == "a column of your accounts, as it was loaded"
    assert seeds["city"].chinese == "您的账号数据中的列，按加载时的内容"
    assert not any("`" in text or "with --" in text for words in seeds.values() for text in words)


def test_every_score_is_explained(demo_store: object) -> None:
    import guanxi

    analysis = find_analysis(guanxi.open(str(demo_store)).snapshot())
    assert analysis is not None
    names = [*COLUMNS["top"], *analysis.scores, "personalized_pagerank"]
    loaded = "a column of your accounts, as it was loaded"
    assert [words.column for words in explained(names) if words.english == loaded] == []


def test_what_no_verb_made_is_not_explained() -> None:
    assert explained([]) == []
    assert explained(["id"]) == []
    assert explained(["reach", "cost"]) == []
