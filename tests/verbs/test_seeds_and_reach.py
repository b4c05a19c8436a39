"""Seed lists and reach through the engine; the kernels have tests of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

import guanxi
from guanxi.engine import Engine
from guanxi.errors import ResourceError, UnknownAccountError, UsageError
from tests.verbs.conftest import Run


@pytest.fixture
def network(small_store: Path) -> Engine:
    return guanxi.open(small_store)


def test_heads_are_chosen_and_the_list_adds_up(network: Engine) -> None:
    result = network.seeds(3, samples=20_000)
    assert set(result.columns["id"]) == {"tea:head", "art:head", "car:head"}
    assert [row["cost"] for row in result.rows] == [
        {"tea:head": 900, "art:head": 600, "car:head": 400}[row["id"]] for row in result.rows
    ]
    total = 0.0
    for row in result.rows:
        total += row["marginal_reach"]
        assert row["reach"] == pytest.approx(total)
        assert row["reach_low"] <= row["reach"] <= row["reach_high"]
    assert 0 < result.meta["certified_ratio"] <= 1
    assert {entry["name"] for entry in result.meta["compared_with"]} >= {
        "top in-degree",
        "top PageRank",
    }


def test_excluded_and_opted_out_accounts_are_never_chosen(network: Engine, tmp_path: Path) -> None:
    (tmp_path / "no.txt").write_text("tea:head\nart:head\nnobody:at-all\n")
    result = network.seeds(30, exclude=[tmp_path / "no.txt"], samples=4096)
    chosen = set(result.columns["id"])
    assert chosen.isdisjoint({"tea:head", "art:head", "tea:000", "art:000", "car:000"})
    assert len(result) == 22 - 5
    assert any("17 candidates" in note for note in result.meta["notes"])
    assert any("nobody:at-all" in note for note in result.meta["notes"])
    assert result.meta["excluded"] == {"no.txt": 2, "opted out": 3}
    (tmp_path / "other.csv").write_text("name,id_of_the_account\nTea,tea:head\n")
    with pytest.raises(UnknownAccountError, match="none of its accounts is in the store"):
        network.seeds(1, exclude=[tmp_path / "other.csv"])  # excluding nobody in silence
    assert "tea:head" not in network.seeds(3, exclude=[["tea:head"]], samples=4096).columns["id"]


def test_the_same_list_whatever_the_threads(small_store: Path) -> None:
    lists = [
        guanxi.open(small_store, threads=threads).seeds(4, samples=5000, seed=3).columns
        for threads in (1, 2, 3)
    ]
    assert all(
        [list(map(str, column)) for column in found.values()]
        == [list(map(str, column)) for column in lists[0].values()]
        for found in lists
    )


def test_profile_and_memory_matter(network: Engine) -> None:
    plain = network.seeds(3, samples=4096)
    ties = network.seeds(3, samples=4096, profile="engagement")
    assert plain.meta["parameters"]["profile"] != ties.meta["parameters"]["profile"]
    assert plain.meta["reach"] != ties.meta["reach"]
    with pytest.raises(ResourceError, match="Raise --memory"):
        network.seeds(3, memory="1K")
    fewer = network.seeds(3, memory="20MB").meta
    assert fewer["samples"]["selection"] < network.seeds(3).meta["samples"]["selection"]
    assert any("the limit is 20.0 MB" in note for note in fewer["notes"])


def test_seeds_work_before_the_analysis(tmp_path: Path) -> None:
    (tmp_path / "follows.csv").write_text("source,target\na,b\nc,b\n")
    network = guanxi.open(tmp_path / "net.duckdb")
    network.load(follows=[tmp_path / "follows.csv"])
    assert network.seeds(1, samples=1024).rows[0]["id"] == "b"
    assert network.seeds(1, samples=1024).rows[0]["community"] is None
    assert network.seeds(1, samples=1024).rows[0]["reach"] == pytest.approx(3)


def test_reach_of_lists_and_their_overlap(network: Engine, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,note\ntea:head,x\ntea:head,again\n")
    (tmp_path / "b.csv").write_text("tea:head\ncar:head\n")
    result = network.reach([tmp_path / "a.csv", tmp_path / "b.csv"], samples=20_000)
    assert [row["set"] for row in result.rows] == ["a.csv", "b.csv", "all lists together"]
    a, b, together = result.rows
    assert (a["size"], b["size"], together["size"]) == (1, 2, 2)
    assert (a["cost"], b["cost"]) == (900, 1300)
    assert a["reach"] < b["reach"]
    assert together["reach"] == pytest.approx(b["reach"])
    (pair,) = result.meta["overlap"]
    assert pair["accounts_in_both"] == 1
    assert pair["share_of_set"] == pytest.approx(1.0)
    assert pair["share_of_other"] == pytest.approx(a["reach"] / b["reach"])
    assert any("1 repeated" in note for note in result.meta["notes"])
    same = network.reach([tmp_path / "a.csv", tmp_path / "a.csv"], samples=1024)
    assert [row["set"] for row in same.rows] == ["a.csv", "a.csv (2)", "all lists together"]
    partly = network.reach([["tea:head", "nobody", "no one"], ["car:head"]], samples=1024)
    assert partly.meta["summary"][0] == "list 1: 2 of 3 ids are not in the store."


def test_reach_of_each_account(network: Engine) -> None:
    result = network.reach([["tea:head", "car:head"]], each=True, samples=4096)
    assert [row["set"] for row in result.rows] == ["list 1", "tea:head", "car:head"]
    assert result.rows[0]["reach"] >= result.rows[1]["reach"]


def test_reach_of_a_guarded_list_from_excel(network: Engine, tmp_path: Path) -> None:
    network.top(n=5).write(tmp_path / "top.csv", "csv", excel=True)
    assert network.reach([tmp_path / "top.csv"], samples=1024).rows[0]["size"] == 5


def test_bad_lists_are_a_sentence(network: Engine, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("id\n")
    (tmp_path / "strangers.csv").write_text("id\ntea:haed\n")
    with pytest.raises(UsageError, match="must be at least 1"):
        network.seeds(0)
    with pytest.raises(guanxi.GuanxiError, match=r"empty\.csv: the list is empty"):
        network.reach([tmp_path / "empty.csv"])
    with pytest.raises(UnknownAccountError, match="tea:head"):
        network.reach([tmp_path / "strangers.csv"])
    with pytest.raises(guanxi.GuanxiError, match=r"missing\.csv"):
        network.reach([tmp_path / "missing.csv"])
    with pytest.raises(UsageError, match="at least one list"):
        network.reach([])
    with pytest.raises(guanxi.GuanxiError, match="no tie profile 'fame'"):
        network.seeds(1, profile="fame")
    with pytest.raises(UsageError, match="is no date"):
        network.seeds(1, as_of="yesterday")
    everyone = [str(id) for id in network.top(n=100).columns["id"]]
    with pytest.raises(UsageError, match="Nobody may be chosen"):
        network.seeds(1, exclude=[everyone])


def test_further_tables_say_what_they_are_and_of_which_list(small_store: Path, run: Run) -> None:
    words = ["--store", small_store, "--why", "--samples", 4096, "--format", "table"]
    shown = run("seeds", "-k", 1, "-k", 2, *words).out.splitlines()
    why = shown.index("Why:")
    assert shown[why + 1].startswith("list  rank  id")
    assert [line.split()[:2] for line in shown[why + 2 : why + 5]] == [
        ["1", "1"],
        ["2", "1"],
        ["2", "2"],
    ]
    assert "Lists:" in shown
    assert "Against what: other ways to choose within the same limits (list 2):" in shown
