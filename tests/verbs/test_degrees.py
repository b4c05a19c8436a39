"""`degrees` and `account --neighbourhood`: rows, options, words, and what cannot be asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import networkx as nx
import pytest

import guanxi
from guanxi.engine import Engine
from guanxi.errors import NotAnalyzedError, UnknownAccountError, UsageError
from guanxi.verbs import separation
from tests.verbs.conftest import Run, write_small_network


@pytest.fixture
def network(small_store: Path) -> Engine:
    return guanxi.open(small_store)


@pytest.fixture(scope="module")
def graph(small_store: Path) -> nx.DiGraph:
    made: nx.DiGraph = guanxi.open(small_store).to_networkx()
    return made


def totals(graph: nx.DiGraph, accounts: list[str], steps: int) -> list[int]:
    return [
        len({v for u in accounts for v in nx.single_source_shortest_path_length(graph, u, step)})
        for step in range(1, steps + 1)
    ]


def test_steps_of_a_list_and_of_each_account(
    network: Engine, graph: nx.DiGraph, tmp_path: Path
) -> None:
    listed = ["tea:003", "art:head"]
    (tmp_path / "list.csv").write_text("id\n" + "\n".join(listed))
    result = network.degrees(tmp_path / "list.csv", each=True, max_steps=4)
    by_set: dict[str, list[int]] = {}
    for row in result:
        by_set.setdefault(row["set"], []).append(row["total"])
        assert row["share"] == pytest.approx(row["total"] / 22)
    assert by_set == {
        "list.csv": totals(graph, listed, 4),
        **{id: totals(graph, [id], 4) for id in listed},
    }
    assert result.columns["step"].tolist() == [1, 2, 3, 4] * 3
    first = result.rows[0]
    assert first["accounts"] == first["total"] - 2  # the list itself counts in the total
    assert len(network.degrees(tmp_path / "list.csv")) == 6


def test_accounts_conditions_and_ids_name_lists(network: Engine) -> None:
    alone = network.degrees(accounts=["tea:head"], max_steps=1).rows[0]
    assert (alone["set"], alone["accounts"]) == ("tea:head", 10)
    assert network.degrees([["tea:head"]], max_steps=1).rows[0]["accounts"] == 10
    cities = network.degrees("city = 'Shanghai'", max_steps=1).rows[0]
    assert (cities["set"], cities["total"]) == ("city = 'Shanghai'", 22)


def test_the_way_decides_who_is_reached(network: Engine, graph: nx.DiGraph) -> None:
    reached = {
        along: network.degrees(accounts="tea:head", along=along).rows[-1]["total"]
        for along in ("influence", "against", "either", "mutual")
    }
    assert reached["against"] == totals(graph.reverse(), ["tea:head"], 6)[-1]
    assert reached["either"] == totals(graph.to_undirected(), ["tea:head"], 6)[-1]
    assert reached["mutual"] == 1
    assert len(set(reached.values())) > 2
    assert "both" in network.degrees(accounts="tea:head", along="mutual").meta["direction"]


def test_by_community(network: Engine) -> None:
    result = network.degrees(accounts="tea:head", communities=True, max_steps=2)
    sizes = dict(
        zip(*(network.communities().columns[name] for name in ("community", "size")), strict=True)
    )
    assert list(result.columns)[:3] == ["set", "community", "step"]
    plain = network.degrees(accounts="tea:head", max_steps=2)
    for step in (1, 2):
        rows = [row for row in result if row["step"] == step]
        assert sum(row["accounts"] for row in rows) == plain.rows[step - 1]["accounts"]
        for row in rows:
            assert row["share"] == pytest.approx(row["total"] / sizes[row["community"]])
    largest = network.degrees(accounts="tea:head", communities=True, n=1, max_steps=2)
    assert largest.rows == result.rows[:2]
    assert largest.meta["summary"][-1] == "Shown: 1 of 3 communities, the largest first."


def test_communities_need_an_analysis(tmp_path: Path) -> None:
    write_small_network(tmp_path)
    network = guanxi.open(tmp_path / "new.duckdb")
    network.load(follows=[tmp_path / "follows.csv"])
    assert len(network.degrees(accounts="tea:head")) == 6
    with pytest.raises(NotAnalyzedError, match="guanxi analyze"):
        network.degrees(accounts="tea:head", communities=True)


def test_the_profile_decides_which_ties_there_are(network: Engine) -> None:
    follows = network.degrees(accounts="art:head", profile="followers-only").rows[-1]["total"]
    engaged = network.degrees(accounts="art:head", profile="engagement").rows[-1]["total"]
    assert engaged < follows


def test_words_for_what_cannot_be_asked(network: Engine, tmp_path: Path) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({}, "Name a list of accounts"),
        ({"lists": [[]]}, "List 1 is empty"),
        ({"accounts": "tea:head", "max_steps": 0}, "from 1 to 64, not 0"),
        ({"accounts": "tea:head", "along": "up"}, "--along is one of influence"),
        ({"accounts": "tea:head", "communities": True, "n": 0}, "-n must be 1 or more"),
        ({"accounts": "tea:head", "n": 2}, "-n 2 is the number of communities to show; add"),
        ({"lists": "city = 'Atlantis'"}, "No account meets the condition of list 1"),
    ]
    for asked, said in wrong:
        with pytest.raises(UsageError, match=said):
            network.degrees(**asked)
    with pytest.raises(UnknownAccountError, match="Did you mean tea:head"):
        network.degrees(accounts="tea:hed")
    (tmp_path / "list.csv").write_text("id\ntea:hed\ntea:head\n")
    notes = network.degrees(tmp_path / "list.csv").meta["notes"]
    assert "'tea:hed'" in notes[0]
    assert "Near" in notes[0]


def test_the_network_exactly_and_by_sketch(
    network: Engine, graph: nx.DiGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = [
        away
        for source, nearest in nx.all_pairs_shortest_path_length(graph)
        for other, away in nearest.items()
        if source != other
    ]
    exact = network.separation()
    rows = {row["measure"]: row for row in exact}
    assert rows["average_separation"]["value"] == pytest.approx(sum(steps) / len(steps))
    assert rows["average_separation"]["low"] == rows["average_separation"]["high"]
    assert rows["reachable_share"]["value"] == pytest.approx(len(steps) / (22 * 21))
    assert rows["longest_separation"]["value"] == max(steps)
    assert exact.meta["pairs"][0] == {"step": 1, "pairs": steps.count(1)}
    assert exact.meta["exact"]
    few = network.separation(exact=False)
    assert few.meta["exact"]
    assert few.rows == exact.rows
    assert few.meta["notes"] == [
        "Steps go from no more than 64 accounts: counted exactly, which is as fast."
    ]
    monkeypatch.setattr(separation, "FEW_STARTS", 0)
    sketch = network.separation(exact=False)
    assert not sketch.meta["notes"]
    row = sketch.rows[0]
    assert row["low"] < row["value"] < row["high"]
    assert not sketch.meta["exact"]
    assert network.separation(exact=False, seed=1).rows[0] != row
    assert "about" in sketch.meta["summary"][0]
    assert sketch.meta["summary"][0].endswith("%) of all ordered pairs.")


def test_large_networks_are_sketched(network: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(separation, "EXACT_WORK", 100)
    assert not network.separation().meta["exact"]
    assert network.separation(exact=True).meta["exact"]
    either = network.separation(exact=True, along="either").rows[0]["value"]
    assert either < network.separation(exact=True).rows[0]["value"]
    with pytest.raises(UsageError, match="--along is one of"):
        network.separation(along="up")


def test_pairs_too_far_apart_are_noted(network: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("guanxi.algorithms.chains.sketch.MAX_ROUNDS", 2)
    monkeypatch.setattr(separation, "FEW_STARTS", 0)
    notes = network.separation(exact=False).meta["notes"]
    assert notes == ["Counted to 2 steps; pairs that lie further apart are left out."]


def test_a_network_in_which_nobody_is_reached(network: Engine) -> None:
    result = network.separation(along="mutual", profile="engagement")
    assert result.meta["summary"] == ["No account can be reached from another one."]
    assert result.rows[0]["value"] is None


def test_neighbourhoods_can_be_drawn(network: Engine, graph: nx.DiGraph) -> None:
    result = network.account("art:001", neighbourhood=2, ties=10)
    assert len(result) == 10
    drawn = result.to_networkx()
    assert nx.is_weakly_connected(drawn)
    for u, v, data in drawn.edges(data=True):
        assert data["strength"] == graph[u][v]["weight"]
        reaching = sum(d["weight"] for _, _, d in graph.in_edges(v, data=True))
        assert data["probability"] == pytest.approx(data["strength"] / reaching)
    assert result.meta["account"]["id"] == "art:001"
    near = network.account("art:001", neighbourhood=1, ties=1000)
    assert set(near.columns["step"].tolist()) == {1}
    for steps, ties in ((0, 5), (7, 5), (1, 0)):
        with pytest.raises(UsageError, match="is a number"):
            network.account("art:001", neighbourhood=steps, ties=ties)
    with pytest.raises(UsageError, match="--ties 5 is the number of ties of a neighbourhood; add"):
        network.account("art:001", ties=5)
    assert network.account("art:001", neighbourhood=6).meta["parameters"]["ties"] == 150


def test_on_the_command_line(run: Run, small_store: Path, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("id\ntea:head\nart:head\n")
    at = ("--store", small_store)
    plain = run("degrees", "list.csv", *at, "--max-steps", 2, "--each", "-f", "json").json()
    assert [row["set"] for row in plain["rows"]] == [
        name for name in ("list.csv", "tea:head", "art:head") for _ in range(2)
    ]
    mutual = run("degrees", "--account", "tea:head", "--mutual", *at, "-f", "json").json()
    assert mutual["rows"][0]["total"] == 1
    shown = run("degrees", "--account", "tea:head", "--communities", "-n", 1, *at)
    assert shown.code == 0
    assert "within" in shown.err
    whole = run("degrees", "--network", "--sketch", *at, "--seed", 4, "-f", "json").json()
    assert whole["meta"]["exact"]  # of so few accounts
    assert whole["rows"][0]["measure"] == "average_separation"
    drawn = run("account", "art:001", "--neighbourhood", 2, "--ties", 7, *at, "-f", "json").json()
    assert len(drawn["rows"]) == 7
    for wrong, said in [
        (("--network", "list.csv"), "leave lists and their options away"),
        (("--network", "-n", 3), "leave lists and their options away"),
        (("--network", "--max-steps", 3), "leave --max-steps away"),
        (("list.csv", "-n", 3), "add --communities"),
        (("list.csv", "--exact"), "go with --network"),
        (("list.csv", "--mutual", "--along", "either"), "exclude each other"),
        (("nothing.csv",), "There is no file nothing.csv"),
    ]:
        refused = run("degrees", *wrong, *at)
        assert refused.code in (1, 2)
        assert said in refused.err
