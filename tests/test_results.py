"""Results: rows, meta, and what they turn into."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime

import numpy as np
import pandas
import pyarrow
import pytest

from guanxi.errors import UsageError
from guanxi.results import Result


@pytest.fixture
def result() -> Result:
    return Result(
        {
            "rank": np.array([1, 2], dtype=np.int32),
            "id": ["weibo:1", "007"],
            "score": np.array([0.1, np.nan]),
            "core_users": [["a", "b"], []],
            "opted_out": [True, None],
            "joined": np.array(["2024-05-01T08:30", "NaT"], dtype="datetime64[us]"),
            "followers": [2**60, None],
        },
        {"seed": 7},
    )


def test_rows_are_plain_python_values(result: Result) -> None:
    assert len(result) == 2
    assert result.rows == [
        {
            "rank": 1,
            "id": "weibo:1",
            "score": 0.1,
            "core_users": ["a", "b"],
            "opted_out": True,
            "joined": datetime(2024, 5, 1, 8, 30, tzinfo=UTC),
            "followers": 2**60,
        },
        {
            "rank": 2,
            "id": "007",
            "score": None,
            "core_users": [],
            "opted_out": None,
            "joined": None,
            "followers": None,
        },
    ]
    assert type(result.rows[0]["rank"]) is int
    assert list(result) == result.to_dicts() == result.rows


def test_numpy_values_in_lists() -> None:
    values = [np.int64(1), np.float32(0.5), np.float64("nan"), np.str_("a"), np.bool_(True)]
    values += [(np.int64(1), float("nan")), np.array(["x"]), date(2024, 5, 1)]
    found = [row["value"] for row in Result({"value": values})]
    assert found == [1, 0.5, None, "a", True, [1, None], ["x"], date(2024, 5, 1)]
    assert [type(value) for value in found[:2]] == [int, float]
    assert type(found[3]) is str


def test_chunks_join_to_the_rows() -> None:
    numbers = np.arange(10)
    parts = list(Result({"n": numbers}).chunks(4))
    assert [len(part[0]) for part in parts] == [4, 4, 2]
    assert [value for part in parts for value in part[0]] == numbers.tolist()


def test_no_rows_and_no_columns() -> None:
    assert Result({"id": []}).rows == []
    assert len(Result({})) == 0
    assert list(Result({})) == []


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="one length"):
        Result({"a": [1], "b": []})


def test_pandas_keeps_whole_numbers_with_gaps(result: Result) -> None:
    frame = result.to_pandas()
    assert frame.columns.tolist() == list(result.columns)
    assert frame.attrs == {"seed": 7}
    assert frame["followers"].dtype == "Int64"
    assert frame["followers"][0] == 2**60
    assert frame["opted_out"].dtype == "boolean"
    assert frame["joined"].dt.tz is not None
    assert frame["id"].tolist() == ["weibo:1", "007"]
    assert pandas.isna(frame["score"][1])


def test_arrow(result: Result) -> None:
    table = result.to_arrow()
    assert table.to_pylist() == result.rows
    assert table.schema.field("joined").type == pyarrow.timestamp("us", tz="UTC")
    assert table.schema.metadata == {b"guanxi": b'{"seed": 7}'}


@pytest.mark.parametrize(("method", "module"), [("to_pandas", "pandas"), ("to_arrow", "pyarrow")])
def test_what_is_not_installed_is_said(
    result: Result, method: str, module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(UsageError, match="pip install"):
        getattr(result, method)()


def test_a_chain_is_a_graph() -> None:
    chain = Result(
        {
            "chain": [1, 1, 2],
            "step": [1, 2, 1],
            "from": ["a", "b", "a"],
            "to": ["b", "c", "b"],
            "strength": [2.0, 1.0, 2.0],
        },
        {"direction": "u influences v"},
    )
    graph = chain.to_networkx()
    assert list(graph.edges(data="strength")) == [("a", "b", 2.0), ("b", "c", 1.0)]
    assert graph["a"]["b"]["chain"] == 1
    assert graph.graph["meta"] == {"direction": "u influences v"}


def test_accounts_are_a_graph_with_the_ties_among_them() -> None:
    asked: list[list[str]] = []

    def ties(ids: list[str]) -> list[tuple[str, str, float]]:
        asked.append(ids)
        return [("a", "b", 1.5)]

    graph = Result({"rank": [1, 2], "id": ["a", "b"]}, ties=ties).to_networkx()
    assert asked == [["a", "b"]]
    assert dict(graph.nodes(data="rank")) == {"a": 1, "b": 2}
    assert list(graph.edges(data=True)) == [("a", "b", {"strength": 1.5})]


def test_other_rows_are_no_graph() -> None:
    with pytest.raises(UsageError, match="columns: community, size"):
        Result({"community": [1], "size": [10]}).to_networkx()


def test_importing_results_imports_nothing_heavy() -> None:
    heavy = ["numpy", "duckdb", "pandas", "pyarrow", "xlsxwriter", "networkx", "numba"]
    code = (
        "import sys; from guanxi.results import Result\n"
        "Result({'id': ['a']}).write('-', 'csv'); Result({'id': ['a']}).write('-', 'json')\n"
        f"sys.exit(', '.join(set({heavy}) & set(sys.modules)) or None)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr.strip()) == (0, "")
