"""Ranking: order, ties, filters, personalisation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import guanxi
from guanxi.engine import Engine
from guanxi.errors import FilterError, NotAnalyzedError, UnknownAccountError, UsageError
from guanxi.verbs.top import highest


@pytest.fixture
def network(small_store: Path) -> Engine:
    return guanxi.open(small_store)


@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=30),
    st.integers(1, 40),
    st.randoms(use_true_random=False),
)
def test_highest_is_a_sort_by_score_and_number(scores: list[int], n: int, random: object) -> None:
    wanted = sorted(range(len(scores)), key=lambda i: (-scores[i], i))[:n]
    assert highest(np.array(scores), n).tolist() == wanted
    keep = np.array([score % 2 == 0 for score in scores])
    kept = [i for i in sorted(range(len(scores)), key=lambda i: (-scores[i], i)) if keep[i]][:n]
    assert highest(np.array(scores, dtype=np.float64), n, keep).tolist() == kept


def test_heads_of_groups_lead_by_every_score(network: Engine) -> None:
    heads = {"tea:head", "art:head", "car:head"}
    for by in ("pagerank", "weighted_in_degree"):
        assert set(network.top(by=by, n=3).columns["id"]) == heads
    assert network.top(by="in_degree", n=1).rows[0]["id"] == "tea:head"
    assert network.top(by="in_degree", n=1).rows[0]["in_degree"] == 10


def test_n_and_ranks(network: Engine) -> None:
    result = network.top(n=4)
    assert [row["rank"] for row in result] == [1, 2, 3, 4]
    scores = [row["pagerank"] for row in result]
    assert scores == sorted(scores, reverse=True)
    assert len(network.top(n=1000)) == 22


def test_filters_choose_among_columns(network: Engine) -> None:
    shanghai = network.top(where="city = 'Shanghai'", n=50)
    assert sorted(shanghai.columns["id"]) == ["art:head", "car:head", "tea:head"]
    cheap = network.top(where="price < 12 and not opted_out", n=50)
    assert sorted(cheap.columns["id"]) == ["art:001", "car:001", "tea:001"]
    by_id = network.top(where="id like 'car:%'", n=50)
    assert len(by_id) == 5
    nobody = network.top(where="city = 'Atlantis'")
    assert nobody.rows == []
    assert nobody.meta["notes"] == ["No account meets the condition."]


def test_filter_and_community_together(network: Engine) -> None:
    everyone = network.top(n=50).rows
    home = next(row["community"] for row in everyone if row["id"] == "tea:head")
    inside = network.top(community=home, n=50)
    assert {row["community"] for row in inside} == {home}
    both = network.top(community=home, where="city = 'Shanghai'", n=50)
    assert "tea:head" in both.columns["id"]
    assert len(both) < len(inside)


def test_personalised_pagerank_goes_to_the_list(network: Engine) -> None:
    result = network.top(n=3, personalize=["car:001"])
    ids = result.columns["id"]
    assert set(ids) <= {"car:001", "car:002", "car:head", "tea:head", "car:003"}
    assert "personalized_pagerank" in result.columns
    assert result.rows[0]["personalized_pagerank"] > result.rows[-1]["personalized_pagerank"]


def test_conditions_over_scores_and_further_columns(network: Engine) -> None:
    result = network.top(where="in_degree >= 7 and city = 'Shanghai'", show=["city", "price"])
    assert set(result.columns["id"]) == {"tea:head", "art:head"}
    assert [row["city"] for row in result.rows] == ["Shanghai", "Shanghai"]
    assert list(result.columns)[-2:] == ["city", "price"]
    with pytest.raises(UsageError, match="have no column 'town'"):
        network.top(show=["town"])


def test_what_cannot_be_is_a_sentence(network: Engine, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no score 'fame'; there are in_degree"):
        network.top(by="fame")
    with pytest.raises(UsageError, match="no score to rank by"):
        network.top(by="community")
    with pytest.raises(UsageError, match="There is no community 99; they go from 1 to"):
        network.top(community=99)
    with pytest.raises(FilterError, match="town"):
        network.top(where="town = 'Shanghai'")
    with pytest.raises(UnknownAccountError, match="none of its accounts is in the store"):
        network.top(personalize=["nobody"])
    (tmp_path / "follows.csv").write_text("source,target\na,b\n")
    fresh = guanxi.open(tmp_path / "fresh.duckdb")
    fresh.load(follows=[tmp_path / "follows.csv"])
    with pytest.raises(NotAnalyzedError, match="run `guanxi analyze`"):
        fresh.top()
