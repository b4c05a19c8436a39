"""`bridges`: the ranking, its orders and limits, and the bridge that is planted in the demo."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

import guanxi
from guanxi.engine import Engine
from guanxi.errors import NotAnalyzedError, UsageError
from guanxi.fixtures import demo_files
from guanxi.verbs import bridges
from tests.verbs.conftest import Run, write_small_network


@pytest.fixture
def network(small_store: Path) -> Engine:
    return guanxi.open(small_store)


def test_the_planted_bridge_leads_the_demo(demo_store: Path) -> None:
    """And it joins the two communities that nobody else joins directly."""
    planted = json.loads(demo_files().planted.read_text("utf-8"))["bridge"]
    demo = guanxi.open(demo_store)
    first = demo.bridges(n=5).rows[0]
    assert first["id"] == planted["account"]
    assert len(first["joins"]) == len(planted["communities"]) == 2


def test_who_joins_two_communities(demo_store: Path) -> None:
    """Of all who join the demo's communities 4 and 7 the planted bridge is far ahead."""
    demo = guanxi.open(demo_store)
    both = demo.bridges(joins=[7, 4, 4], samples=500)
    first, second = both.rows[:2]
    assert first["id"] == "xiaohongshu:7f62"
    assert first["bridge_score"] > 5 * second["bridge_score"]
    assert all({4, 7} <= {*row["joins"]} for row in both)
    assert both.meta["parameters"]["joins"] == [4, 7]
    assert both.meta["summary"][0] == (
        f"{both.meta['candidates']} accounts join communities 4 and 7 "
        "(at least 10% of the ties lead into each)."
    )
    best = demo.bridges(n=300, samples=20).rows
    for joins in ([1, 9], [2], [3, 5]):
        chosen = [row["id"] for row in best if {*joins} <= {*row["joins"]}]
        assert len(chosen) > 1
        found = demo.bridges(joins=joins, n=len(chosen), samples=20)
        assert found.columns["id"] == chosen
    some = demo.bridges(joins=1, where="platform = 'weibo'", n=9, samples=20)
    assert {row["platform"] for row in some} == {"weibo"}
    nobody = demo.bridges(joins=range(1, 13), samples=20)
    assert nobody.rows == []
    assert nobody.meta["summary"][0].startswith("No account joins communities 1, 2, 3, ")
    assert len(nobody.meta["notes"]) == 0


def test_every_measure_equals_networkx(network: Engine) -> None:
    graph = network.to_networkx()
    ties = nx.Graph()
    for u, v, data in graph.edges(data=True):
        before = ties.get_edge_data(u, v, {"weight": 0.0})["weight"]
        ties.add_edge(u, v, weight=before + data["weight"])
    between = nx.betweenness_centrality(graph)
    harmonic = nx.harmonic_centrality(graph.reverse())
    constraint = nx.constraint(ties, weight="weight")
    rows = network.bridges(n=100).rows
    assert len(rows) == 19  # of 22, three have opted out
    for row in rows:
        id = row["id"]
        assert row["betweenness"] == pytest.approx(between[id])
        assert row["harmonic"] == pytest.approx(harmonic[id] / 21)
        assert row["constraint"] == pytest.approx(constraint[id])
        assert row["bridge_score"] == pytest.approx(row["betweenness"] * row["participation"])
        assert row["joins"]
        assert (row["participation"] > 0) or row["joins"] == [row["community"]]
    scores = [row["bridge_score"] for row in rows]
    assert scores == sorted(scores, reverse=True)
    # The three accounts that follow another group's head are the only ways between groups.
    assert {row["id"] for row in rows[:6]} >= {"tea:001", "art:001", "car:001"}


@pytest.mark.parametrize("by", bridges.BY)
def test_each_order(network: Engine, by: str) -> None:
    scores = [row[by] for row in network.bridges(by=by, n=100)]
    assert scores == sorted(scores, reverse=by != "constraint")
    assert network.bridges(by=by, n=3).rows == network.bridges(by=by, n=100).rows[:3]


def test_the_orders_differ(network: Engine) -> None:
    orders = {tuple(network.bridges(by=by, n=100).columns["id"]) for by in bridges.BY}
    assert len(orders) == len(bridges.BY)


def test_conditions_and_those_who_opted_out(network: Engine) -> None:
    result = network.bridges(where="id like 'car:%'", n=100)
    assert {row["id"] for row in result} == {"car:head", "car:001", "car:002", "car:003"}
    assert result.meta["notes"] == ["Left out: 1 account that opted out."]
    nobody = network.bridges(where="city = 'Atlantis'")
    assert nobody.rows == []
    assert nobody.meta["notes"] == ["No account meets the condition."]


def test_samples_give_an_error(network: Engine) -> None:
    exact = network.bridges()
    assert exact.meta["betweenness"] == {"sources": 22, "exact": True}
    assert set(exact.columns["betweenness_error"]) == {0.0}
    sampled = network.bridges(samples=10, n=3)
    assert sampled.meta["betweenness"] == {"sources": 10, "exact": False}
    assert max(sampled.columns["betweenness_error"]) > 0
    assert "10 sources" in sampled.meta["summary"][-1]
    other = network.bridges(samples=10, n=3, seed=5)
    assert other.columns["betweenness"].tolist() != sampled.columns["betweenness"].tolist()


def test_large_networks_are_sampled(demo_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    demo = guanxi.open(demo_store)
    exact = demo.bridges(by="harmonic", n=5).columns["id"]
    monkeypatch.setattr(bridges, "EXACT_WORK", 1000)
    monkeypatch.setattr(bridges, "SAMPLED_WORK", 1000)
    result = demo.bridges(by="harmonic", n=5)
    assert result.meta["betweenness"] == {"sources": 64, "exact": False}
    # Those with the highest estimates are looked at exactly, so the order is the exact one.
    assert result.columns["id"] == exact
    assert any("HyperANF" in note for note in result.meta["notes"])


def test_words_for_what_cannot_be_asked(network: Engine, tmp_path: Path) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"by": "pagerank"}, "--by is one of bridge_score"),
        ({"n": 0}, "-n must be 1 or more"),
        ({"samples": 1}, "--samples must be 2 or more"),
        ({"joins": [1, 99]}, "--joins 99: no community has this number; there are 3, numbered"),
        ({"joins": 0}, "--joins 0: no community"),
    ]
    for asked, said in wrong:
        with pytest.raises(UsageError, match=said):
            network.bridges(**asked)
    write_small_network(tmp_path)
    new = guanxi.open(tmp_path / "new.duckdb")
    new.load(follows=[tmp_path / "follows.csv"])
    with pytest.raises(NotAnalyzedError, match="guanxi analyze"):
        new.bridges()


def test_on_the_command_line(run: Run, small_store: Path) -> None:
    at = ("--store", small_store, "-f", "json")
    rows = run("bridges", "--by", "betweenness", "-n", 2, "--where", "price > 0", *at).json()[
        "rows"
    ]
    assert [row["rank"] for row in rows] == [1, 2]
    assert isinstance(rows[0]["joins"], list)
    sampled = run("bridges", "--samples", 5, "--seed", 3, *at).json()["meta"]
    assert (sampled["betweenness"]["sources"], sampled["seed"]) == (5, 3)
    assert len(run("bridges", "-n", 3, "--store", small_store).out.splitlines()) == 4
    assert run("bridges", "--by", "x", *at).code == 2
    joining = run("bridges", "--joins", "1,2", "--joins", 2, *at).json()
    assert joining["meta"]["parameters"]["joins"] == [1, 2]
    assert all({1, 2} <= {*row["joins"]} for row in joining["rows"])
    refused = run("bridges", "--joins", "1,tea", *at)
    assert (refused.code, "such as 4,7, not 'tea'" in refused.err) == (2, True)


def test_bridges_are_accounts_with_ties_among_them(network: Engine) -> None:
    drawn = network.bridges(n=100).to_networkx()
    assert drawn.number_of_edges() > 20
    assert "bridge_score" in drawn.nodes["tea:001"]


def test_betweenness_that_took_long_is_kept_beside_the_snapshot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_small_network(tmp_path)
    network = guanxi.open(tmp_path / "new.duckdb")
    network.load(follows=[tmp_path / "follows.csv"], interactions=[tmp_path / "interactions.csv"])
    network.analyze()
    asked = [{}, {"samples": 5}, {"samples": 5, "seed": 1}, {"samples": 6}]
    fresh = [network.bridges(**options) for options in asked]
    snapshot = network.snapshot()
    folder = snapshot.home.profiles / str(snapshot.version)
    assert not list(folder.glob("betweenness-*"))  # too quick to be worth it
    monkeypatch.setattr(bridges, "KEPT_WORK", 0)
    for options in asked:
        network.bridges(**options)
    assert len(list(folder.glob("betweenness-*"))) == 4
    monkeypatch.setattr("guanxi.algorithms.centrality.betweenness.betweenness", None)
    for options, first in zip(asked, fresh, strict=True):
        again = network.bridges(**options)
        assert again.rows == first.rows
        assert again.meta["betweenness"] == first.meta["betweenness"]
    with pytest.raises(TypeError):  # computed anew, which cannot be here
        network.bridges(samples=7)
    with monkeypatch.context() as another:  # of guanxi, which may compute otherwise
        another.setattr(bridges, "__version__", "0")
        with pytest.raises(TypeError):
            network.bridges()
    network.analyze(profile="followers-only")
    with pytest.raises(TypeError):
        network.bridges()
