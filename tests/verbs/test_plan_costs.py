"""What seed lists cost: told whatever limits them, and compared with what other lists cost."""

from __future__ import annotations

from pathlib import Path

import guanxi
from guanxi.engine import Engine
from guanxi.verbs.seed_sentences import comparison_columns
from tests.verbs.test_plan import demo, network, seeds

__all__ = ["demo", "network"]  # fixtures


def test_what_lists_cost_is_told_whatever_limits_them(network: Engine) -> None:
    number = seeds(network, 3)
    assert number.meta["spent"] == number.rows[-1]["spent"] == sum(number.columns["cost"])
    costs = comparison_columns(number.meta)
    assert number.meta["spent"] in costs["cost"]
    assert all(cost > 0 for cost in costs["cost"])
    signed = seeds(network, 3, include=[[number.rows[0]["id"]]])
    assert signed.meta["spent"] == signed.rows[-1]["spent"] == sum(signed.columns["cost"][1:])
    assert "The cost is without that of 1 signed account." in signed.meta["summary"]
    several = seeds(network, [1, 3]).meta["lists"]
    assert [entry["spent"] for entry in several] == [number.rows[0]["cost"], number.meta["spent"]]


def test_who_has_no_price_is_told(tmp_path: Path) -> None:
    (tmp_path / "accounts.csv").write_text("id,price\na,\nb,5\nc,7\n")
    (tmp_path / "follows.csv").write_text("source,target\nb,a\nc,a\n")
    network = guanxi.open(tmp_path / "net.duckdb")
    network.load(accounts=[tmp_path / "accounts.csv"], follows=[tmp_path / "follows.csv"])
    unknown = seeds(network, 1)
    assert unknown.meta["spent"] is None
    assert unknown.meta["compared_with"][0]["cost"] is None
    assert unknown.meta["summary"][-1].startswith("1 chosen account has no price")
    assert seeds(network, 1, where="price > 0").meta["spent"] == 5.0
    free = seeds(network, 1, cost="0")
    assert free.meta["spent"] == 0.0


def test_without_costs_the_shortest_list_is_spoken_of(tmp_path: Path) -> None:
    (tmp_path / "follows.csv").write_text("source,target\na,b\nc,b\n")
    network = guanxi.open(tmp_path / "net.duckdb")
    network.load(follows=[tmp_path / "follows.csv"])
    found = seeds(network, target=2)
    assert found.meta["spent"] is None
    assert "cost" not in comparison_columns(found.meta)
    assert found.meta["summary"][1].startswith("No list of fewer than 1 account reaches the")


def test_under_a_target_the_one_instead_is_no_dearer_than_needed(network: Engine) -> None:
    found = seeds(network, target=14, why=True)
    dearest = max(network.top(n=99, show=["price"]).columns["price"])
    for row in found.rows:
        assert row["instead_cost"] == network.account(row["instead"]).meta["account"]["price"]
        assert row["instead_cost"] < dearest


def test_under_a_target_the_cheapest_list_leads_the_comparison(demo: Engine) -> None:
    found = seeds(demo, target=800)
    shown = comparison_columns(found.meta)
    assert shown["chosen"][0]
    assert shown["cost"] == sorted(shown["cost"])
    assert max(shown["reach"]) > found.meta["reach"]  # a dearer list reaches more
    assert not any("ahead" in sentence for sentence in found.meta["summary"])
