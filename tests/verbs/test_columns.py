"""The contract of the output: names and order of columns, and what meta carries."""

from __future__ import annotations

from pathlib import Path

import pytest

import guanxi
from guanxi.engine import Engine
from guanxi.verbs.columns import COLUMNS


@pytest.fixture
def network(small_store: Path) -> Engine:
    return guanxi.open(small_store)


def test_the_columns_of_the_design_in_their_order() -> None:
    design = {
        "top": "rank, id, name, platform, community, in_degree, weighted_in_degree, pagerank",
        "communities": "community, size, share, density, internal_share, core_users",
        "communities --members": "id, community",
        "seeds": "rank, id, name, platform, community, cost, marginal_reach, reach, reach_low, "
        "reach_high",
        "reach": "set, size, cost, reach, reach_low, reach_high, share",
        "chain": "chain, step, from, to, relation, strength, probability",
    }
    for command, columns in design.items():
        wanted = columns.split(", ")
        assert list(COLUMNS[command])[: len(wanted)] == wanted


def test_every_verb_puts_out_its_columns(network: Engine, tmp_path: Path) -> None:
    found = {
        "top": network.top(),
        "communities": network.communities(),
        "communities --members": network.communities(members=True),
        "seeds": network.seeds(2, samples=1024),
        "reach": network.reach([["tea:head"]], samples=1024),
        "account": network.account("tea:head"),
        "chain": network.chain("tea:head", "car:002"),
        "introduce": network.introduce(["tea:head"], ["car:002"], max_hops=5),
        "account --neighbourhood": network.account("tea:head", neighbourhood=2),
        "degrees": network.degrees([["tea:head"]]),
        "degrees --communities": network.degrees([["tea:head"]], communities=True),
        "degrees --network": network.separation(),
        "bridges": network.bridges(),
        "status": network.status(),
        "export": network.export(tmp_path / "out"),
        "doctor": network.doctor(),
        "load": network.load(),
    }
    for name, result in found.items():
        assert list(result.columns) == list(COLUMNS[name]), name
    assert set(COLUMNS) == {*found, "analyze", "seeds, further"}
    further = network.seeds([1, 2], include=[["car:head"]], why=True, samples=1024).columns
    assert list(further) == [*COLUMNS["seeds"], *COLUMNS["seeds, further"]]


def test_a_further_score_follows_the_columns_of_top(network: Engine) -> None:
    assert list(network.top(by="k_core").columns) == [*COLUMNS["top"], "k_core"]


def test_meta_says_what_made_a_result(network: Engine) -> None:
    for result in (
        network.top(),
        network.communities(),
        network.seeds(2, samples=1024),
        network.reach([["tea:head"]], samples=1024),
        network.account("tea:head"),
        network.chain("tea:head", "tea:003"),
        network.introduce(["tea:head"], ["tea:003"]),
    ):
        assert result.meta["store_version"] == 3
        assert result.meta["direction"]
        assert result.meta["parameters"]["profile"] == "default"
        assert result.meta["software_version"].startswith("guanxi ")
        assert result.meta["seconds"] >= 0
    assert network.seeds(2, samples=1024, seed=5).meta["seed"] == 5
    assert "modularity" in network.communities().meta
