"""What a planner can ask of `seeds` and `reach`: every option changes the answer, and what cannot
be is said in a sentence.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import guanxi
from guanxi.cli_seeds import WHY
from guanxi.engine import Engine
from guanxi.errors import FilterError, InputError, NotAnalyzedError, UsageError
from guanxi.verbs.seeds import shuffled


@pytest.fixture
def network(small_store: Path) -> Engine:
    return guanxi.open(small_store)


@pytest.fixture
def demo(demo_store: Path) -> Engine:
    return guanxi.open(demo_store)


def ids(result: guanxi.Result) -> list[str]:
    return list(result.columns["id"])


def seeds(network: Engine, *numbers: Any, **options: Any) -> guanxi.Result:
    return network.seeds(*numbers, samples=options.pop("samples", 8192), **options)


def test_a_budget_is_kept_and_a_dear_account_may_win(network: Engine) -> None:
    poor = seeds(network, budget=120)
    assert poor.rows[-1]["spent"] <= 120
    assert sum(row["cost"] for row in poor.rows) == poor.rows[-1]["spent"]
    assert "tea:head" not in ids(poor)  # costs 900
    rich = seeds(network, budget=950)
    assert rich.meta["reach"] > poor.meta["reach"]
    assert 0 < rich.meta["certified_ratio"] <= 1
    assert rich.meta["proven_factor"]["factor"] == pytest.approx(1 - np.exp(-0.5))
    assert len(seeds(network, 2, budget=950)) <= 2


def test_a_cost_is_a_column_or_a_formula(network: Engine) -> None:
    by_price = seeds(network, budget=600)
    by_half = seeds(network, budget=600, cost="0.5 * price")
    assert by_half.meta["reach"] > by_price.meta["reach"]
    assert [row["cost"] for row in by_half.rows] == [
        network.account(row["id"]).meta["account"]["price"] / 2 for row in by_half.rows
    ]
    with pytest.raises(UsageError, match=r"The cost price - 500 of .* is -\d+; a cost is a number"):
        seeds(network, budget=10, cost="price - 500")
    with pytest.raises(UsageError, match="--cost is empty"):
        seeds(network, 3, cost=" ")
    with pytest.raises(UsageError, match=r"cost more than 1,000,000,000, the most that is"):
        seeds(network, budget=10, cost="price * 1e300")
    with pytest.raises(UsageError, match=r"The budget, 9,000,000,000, is above 1,000,000,000"):
        seeds(network, budget=9e9, cost="999999999")
    with pytest.raises(FilterError, match="The cost city: city is a text, not a number"):
        seeds(network, budget=10, cost="city")
    with pytest.raises(UsageError, match="budget"):
        seeds(network, budget=1)


def test_a_budget_needs_prices(tmp_path: Path) -> None:
    (tmp_path / "follows.csv").write_text("source,target\na,b\nc,b\n")
    network = guanxi.open(tmp_path / "net.duckdb")
    network.load(follows=[tmp_path / "follows.csv"])
    with pytest.raises(UsageError, match="A budget needs the cost of each account"):
        seeds(network, budget=10)
    assert seeds(network, budget=2, cost="1").meta["spent"] <= 2
    with pytest.raises(NotAnalyzedError, match="run `guanxi analyze` first"):
        seeds(network, quota="each community: <=1")


def test_several_budgets_and_numbers_in_one_run(network: Engine) -> None:
    several = seeds(network, budget=[450, 950, 2000])
    assert [entry["budget"] for entry in several.meta["lists"]] == [450, 950, 2000]
    reaches = [entry["reach"] for entry in several.meta["lists"]]
    assert reaches == sorted(reaches)
    assert set(several.columns["list"]) == {1, 2, 3}
    numbers = seeds(network, [1, 3])
    assert [entry["size"] for entry in numbers.meta["lists"]] == [1, 3]
    with pytest.raises(UsageError, match="not both"):
        seeds(network, [1, 2], budget=[100, 200])


def test_the_cheapest_list_that_reaches_a_target(network: Engine) -> None:
    small, large = seeds(network, target=5), seeds(network, target=14)
    assert small.meta["spent"] < large.meta["spent"]
    assert small.meta["reach"] >= 4.5
    assert large.meta["least_cost"] <= large.meta["spent"]
    with pytest.raises(UsageError, match="reach"):
        seeds(network, target=10_000)
    with pytest.raises(UsageError, match="leave --budget out"):
        seeds(network, target=5, budget=100)


def test_who_may_be_chosen(network: Engine, tmp_path: Path) -> None:
    free = ids(seeds(network, 3))
    members = seeds(network, 3, where="city = 'Beijing'")
    assert set(free).isdisjoint(ids(members))
    without = seeds(network, 3, exclude="city = 'Shanghai'")
    assert ids(without) == ids(members)
    assert without.meta["excluded"]["city = 'Shanghai'"] == 3
    with pytest.raises(UsageError, match="Nobody may be chosen"):
        seeds(network, 3, where="city = 'Atlantis'")
    with pytest.raises(FilterError, match="Who may be chosen: No column"):
        seeds(network, 3, where="town = 'Beijing'")
    with pytest.raises(FilterError, match=r"is called nobody.*There is no file nobody either"):
        seeds(network, 3, exclude="nobody")
    with pytest.raises(InputError, match=r"There is no file nowhere\.csv for the exclusions"):
        seeds(network, 3, exclude="nowhere.csv")


def test_the_included_come_first_and_cost_nothing(network: Engine, tmp_path: Path) -> None:
    (tmp_path / "signed.csv").write_text("id\ncar:head\n")
    with_one = seeds(network, 3, include=tmp_path / "signed.csv")
    assert ids(with_one)[0] == "car:head"
    assert with_one.columns["included"] == [True, False, False]
    assert "included" not in seeds(network, 3).columns
    tight = seeds(network, budget=600, include=[["tea:head"]])
    assert tight.rows[0]["spent"] == 0
    assert tight.rows[-1]["spent"] <= 600
    assert tight.meta["reach"] > seeds(network, budget=600).meta["reach"]
    with pytest.raises(UsageError, match=r"art:000 and 2 more are included and have opted out"):
        seeds(network, 3, include=["price < 20"])
    with pytest.raises(UsageError, match="tea:000 is included and has opted out; it cannot"):
        seeds(network, 3, include=[["tea:000"]])
    with pytest.raises(UsageError, match="exclu"):
        seeds(network, 3, include=[["tea:head"]], exclude=[["tea:head"]])


def test_quotas(network: Engine) -> None:
    assert {row["platform"] for row in seeds(network, 3).rows} == {"weibo"}
    some = seeds(network, 3, quota="platform = 'douyin': >=2")
    assert [row["platform"] for row in some.rows].count("douyin") == 2
    each = seeds(network, 4, quota=["each community: <=2", "each platform: <=2"])
    assert max(np.bincount(each.columns["community"])) <= 2
    assert sorted(row["platform"] for row in each.rows) == ["douyin"] * 2 + ["weibo"] * 2
    exact = seeds(network, 3, quota="city = 'Beijing': >=1 <=1")
    assert len([r for r in exact.rows if r["platform"] == "douyin"]) == 1
    named = seeds(network, 3, quota="city = 'Shanghai': =0")
    assert {row["platform"] for row in named.rows} == {"douyin"}


@pytest.mark.parametrize(
    ("quota", "sentence"),
    [
        ("city = 'Shanghai'", "needs a condition, a colon and a bound"),
        ("city = 'Shanghai': some", "must be >=N, <=N, =N"),
        ("city = 'Shanghai': >=2 >=3", "must be >=N, <=N, =N"),
        ("city = 'Shanghai': >=4 <=2", "at least 4"),
        ("each town: <=2", "there is no column town; there are community, city"),
        ("city = 'Atlantis': >=1", "Atlantis"),
        ("city = 'Shanghai': >=9", "Shanghai"),
        ("town = 'x': >=1", "The quota .* No column of the accounts is called town"),
        ("city = Shanghai: >=1", "a text stands in single quotes, 'Shanghai'"),
    ],
)
def test_quotas_that_cannot_be(network: Engine, quota: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        seeds(network, 3, quota=quota)


def test_an_audience_moves_the_choice(network: Engine, tmp_path: Path) -> None:
    assert ids(seeds(network, 1)) == ["tea:head"]
    cars = seeds(network, 1, audience="starts_with(id, 'car')")
    assert ids(cars) == ["car:head"]
    assert cars.meta["counts"] == "audience weight"
    assert cars.meta["reach"] <= 5
    (tmp_path / "worth.csv").write_text("id,weight\nart:001,50\nart:002,50\ntea:001,0.5\n")
    worth = seeds(network, 1, audience=tmp_path / "worth.csv")
    assert ids(worth)[0].startswith("art:")
    assert worth.meta["reach"] > 5
    won = seeds(network, 1, won="starts_with(id, 'tea')")
    assert ids(won) != ["tea:head"]
    assert any("Already won" in note for note in won.meta["notes"])
    plain, weighed = (network.reach([["car:head"]], audience=a, samples=4096).rows[0] for a in (
        None, "starts_with(id, 'tea')"
    ))  # fmt: skip
    assert plain["reach"] > weighed["reach"]


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ("id,weight\ntea:head,much\n", r"line 2: weight is 'much', and no number"),
        ('id,weight\ntea:head,"1,5"\n', r"is '1,5', and no number. It has a comma: write 1\.5\."),
        ("id,weight\ntea:head,-1\n", r"line 2: weight is -1; it must be at least 0"),
        ("id,weight\ntea:head,1e308\n", r"line 2: weight is 1e308; it must be 0, or from 1e-09 to"),
        ("id,weight\ntea:head,1e-320\n", r"csv, line 2: weight is 1e-320; it must be 0, or"),
        ("id,weight\ntea:head,1\ntea:head,2\n", r"line 3: tea:head stands there again"),
        ("id,weight\n", "empty"),
        ("id,weight\nnobody,1\n", "none of its accounts is in the store"),
        ("id,weight\ntea:head,0\n", "The audience is empty"),
    ],
)
def test_audience_files_that_cannot_be(
    network: Engine, tmp_path: Path, lines: str, sentence: str
) -> None:
    (tmp_path / "audience.csv").write_text(lines)
    with pytest.raises((UsageError, InputError), match=sentence):
        seeds(network, 1, audience=tmp_path / "audience.csv")


def test_an_empty_audience(network: Engine) -> None:
    with pytest.raises(UsageError, match="The audience is empty: no account meets city = 'x'"):
        seeds(network, 1, audience="city = 'x'")
    with pytest.raises(UsageError, match="The audience is empty"):
        seeds(network, 1, won="id is not null")


def test_models(network: Engine, tmp_path: Path) -> None:
    reached = {
        name: seeds(network, 2, model=name).meta["reach"]
        for name in ("weighted-cascade", "uniform", "trivalency", "linear-threshold")
    }
    assert len(set(reached.values())) == 4
    low, high = (
        seeds(network, 2, model="uniform", probability=p).meta["reach"] for p in (0.1, 0.9)
    )
    assert low < high
    short = seeds(network, 2, hops=1)
    assert short.meta["reach"] < reached["weighted-cascade"]
    assert "1 step at most" in short.meta["model"]
    (tmp_path / "p.csv").write_text("source,target,probability\nart:001,art:002,1\nnobody,x,0.5\n")
    given = seeds(network, 1, probabilities=tmp_path / "p.csv")
    assert ids(given) == ["art:001"]
    assert given.meta["reach"] == pytest.approx(2, abs=0.1)
    assert any("line 3: nobody, x" in note for note in given.meta["notes"])
    alone = network.reach([["art:001"]], probabilities=tmp_path / "p.csv").rows[0]
    assert alone["reach"] == pytest.approx(2, abs=0.1)
    for options, sentence in (
        ({"model": "rumour"}, "There is no model 'rumour'"),
        ({"probability": 0.5}, "--probability belongs to --model uniform"),
        ({"model": "uniform", "probabilities": tmp_path / "p.csv"}, "a model of its own"),
        ({"hops": 0}, "hops must be at least 1"),
    ):
        with pytest.raises(UsageError, match=sentence):
            seeds(network, 1, **options)
    (tmp_path / "p.csv").write_text("source,target,probability\nart:001,art:002,2\n")
    with pytest.raises(InputError, match=r"p\.csv, line 2: probability is 2, not from 0 to 1"):
        seeds(network, 1, probabilities=tmp_path / "p.csv")
    twice = "art:001,art:002,0.2\n"
    (tmp_path / "p.csv").write_text(f"source,target,probability\n{twice}{twice}{twice[:-4]}.3\n")
    with pytest.raises(InputError, match=r"p\.csv, line 4: art:001, art:002 stands there again"):
        seeds(network, 1, probabilities=tmp_path / "p.csv")


def test_bought_followers_are_discounted_by_a_rule_that_is_shown(demo: Engine) -> None:
    plain, live = seeds(demo, 5), seeds(demo, 5, activity="auto")
    assert live.meta["activity"]["discounted"] == pytest.approx(200, abs=10)
    assert "never acted" in live.meta["activity"]["rule"]
    assert live.meta["reach"] < plain.meta["reach"]
    half = seeds(demo, 5, activity="0.5")
    assert half.meta["reach"] < live.meta["reach"]
    with pytest.raises(UsageError, match="must lie between 0"):
        seeds(demo, 5, activity="price")


def test_precision_goes_on_and_can_be_repeated(demo: Engine) -> None:
    quick = seeds(demo, 5, samples=4096)
    careful = seeds(demo, 5, samples=4096, precision=quick.meta["certified_ratio"] + 0.05)
    assert careful.meta["samples"]["selection"] > 4096
    assert careful.meta["ended_by"] == "precision"
    again = seeds(
        demo, 5, samples=careful.meta["samples"]["selection"], looks=careful.meta["looks"]
    )
    assert ids(again) == ids(careful)
    assert again.meta["certified_ratio"] == careful.meta["certified_ratio"]
    late = seeds(demo, 5, samples=1024, precision=0.999, max_seconds=0.01)
    assert late.meta["ended_by"] == "time"
    assert any("--looks" in sentence for sentence in late.meta["summary"])


def test_random_choice_is_the_same_everywhere() -> None:
    assert shuffled(6, 0).tolist() != shuffled(6, 1).tolist()
    assert sorted(shuffled(1000, 3).tolist()) == list(range(1000))
    assert shuffled(8, 7).tolist() == [int(i) for i in shuffled(8, 7)]


def test_why_and_who_comes_instead(network: Engine) -> None:
    plain, why = seeds(network, 2), seeds(network, 2, why=True)
    assert ids(plain) == ids(why)
    assert set(why.columns) - set(plain.columns) == set(WHY)
    first = why.rows[0]
    assert first["instead"] not in ids(why)
    assert first["displaced"] not in ids(why)
    assert first["lost_low"] <= first["lost_instead"] <= first["lost_high"]
    assert first["lost_instead"] <= first["lost_without"] <= first["reach_alone"] + 1e-9
    assert first["overlap"] == pytest.approx(first["reach_alone"] - first["lost_without"])
    assert first["brings"][0].endswith("%)")
    assert first["strongest_ties"][0].startswith("tea:")


def test_what_a_list_adds(network: Engine) -> None:
    found = network.reach([["tea:head", "tea:001"], ["tea:head"], ["car:head"]], samples=4096)
    first, second, third, together = found.columns["adds"]
    assert second == 0  # all that it reaches the first reaches too
    assert third > first >= 0
    assert together is None
    each = network.reach([["tea:head", "tea:001", "car:head"]], each=True, samples=4096).rows
    added = {row["set"]: row["adds"] for row in each}
    assert added["car:head"] > added["tea:001"]
    assert network.reach([["tea:head"]], samples=4096).columns["adds"] == [None]


def test_groups_of_a_quota_are_named_by_their_values(network: Engine) -> None:
    with pytest.raises(
        UsageError, match=r"“each city: >=1” \(2 groups\) needs 2 accounts together"
    ):
        seeds(network, 1, quota=["each city: >=1"])
    with pytest.raises(UsageError, match=r"“each city: >=9” \(Shanghai\) needs 9 accounts"):
        seeds(network, 20, quota=["each city: >=9"])


def test_who_is_included_and_excluded_is_named(network: Engine) -> None:
    with pytest.raises(UsageError, match=r"^tea:head is both included and excluded"):
        seeds(network, 2, include=["id = 'tea:head'"], exclude=["city = 'Shanghai'"])


def test_before_analyze_nothing_is_said_of_communities(tmp_path: Path) -> None:
    (tmp_path / "follows.csv").write_text("source,target\na,b\nc,b\n")
    network = guanxi.open(tmp_path / "net.duckdb")
    network.load(follows=[tmp_path / "follows.csv"])
    assert seeds(network, 1, why=True).columns["brings"] == [[]]
