"""`introduce`: its rows and figures, its options, and what a user can get wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import guanxi
from guanxi.engine import Engine
from guanxi.errors import InputError, UnknownAccountError, UsageError
from tests.verbs.conftest import Run

# us → hub → p1, p2, p3 ; us → kin → p1 ; me → p2 ; me → kin ; nobody → lone
FOLLOWS = """follower,followee
hub,us
kin,us
kin,me
p1,hub
p1,kin
p2,hub
p2,me
p3,hub
shy,hub
lone,nobody
hub,p3
us,hub
"""
ACCOUNTS = """id,name,opted_out
hub,The Hub,false
shy,Shy,true
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("introduce")
    (folder / "follows.csv").write_text(FOLLOWS)
    (folder / "accounts.csv").write_text(ACCOUNTS)
    network = guanxi.open(folder / "net.duckdb")
    network.load(accounts=[folder / "accounts.csv"], follows=[folder / "follows.csv"])
    return folder / "net.duckdb"


@pytest.fixture
def network(store: Path) -> Engine:
    return guanxi.open(store)


def chains(result: guanxi.Result) -> list[tuple[str, int, list[str]]]:
    return [(row["to"], row["way"], row["chain"]) for row in result]


TEAM, PROSPECTS = ["us", "me"], ["p2", "p1", "p3", "lone", "shy", "me", "p1"]


def test_without_a_limit(network: Engine) -> None:
    result = network.introduce(TEAM, PROSPECTS)
    assert chains(result) == [
        ("p2", 1, ["me", "p2"]),  # 1/2, and asks nobody
        ("p1", 1, ["me", "kin", "p1"]),  # 1/2 · 1/2; by hub it is 1/2 (us, p3) · 1/2
        ("p3", 1, ["us", "hub", "p3"]),
    ]
    direct, by_kin, by_hub = result.rows
    assert (direct["ask"], direct["steps"], direct["from"]) == (None, 1, "me")
    assert (by_hub["ask"], by_hub["ask_name"], by_hub["probability"]) == ("hub", "The Hub", 0.5)
    assert (by_kin["next_best"], by_kin["next_best_probability"]) == ("hub", 0.25)
    assert (by_hub["next_best"], by_hub["strength"], by_hub["success"]) == (None, 1.0, 0.5)
    meta = result.meta
    assert meta["expected_introductions"] == meta["expected_without_limit"] == 1.25
    assert (meta["unreachable"], meta["left_over"]) == (["lone"], [])
    notes = " ".join(meta["notes"])
    assert "1 prospect is of the team and left out." in notes
    assert "1 prospect has opted out and is left out." in notes
    assert "1 prospect cannot be reached within 4 steps: lone." in notes
    assert "1 repeated entry counted once" in notes
    assert meta["summary"][1:] == ["1 of 6 prospects has opted out."]


def test_with_a_limit(network: Engine) -> None:
    everyone = ["p1", "p3", "p2"]
    two = network.introduce(["us"], everyone, capacity=1)
    # hub is worth 1/2 for p3, and 1/4 for p1 (who has kin as well) and p2 (who has nobody).
    assert chains(two) == [("p1", 1, ["us", "kin", "p1"]), ("p3", 1, ["us", "hub", "p3"])]
    assert two.meta["left_over"] == ["p2"]
    assert two.meta["expected_introductions"] == pytest.approx(0.75)
    assert two.meta["expected_without_limit"] == pytest.approx(1.0)
    assert two.meta["most_asked"] == 1
    first, second = two.meta["summary"]
    assert first == (
        "2 of 3 prospects can be introduced; 0.75 successful introductions are expected when "
        "nobody is asked more than 1 time, 75% of the 1.00 without that limit."
    )
    assert second == "2 introducers would be asked, the busiest 1 time."
    assert "1 prospect left over because" in " ".join(two.meta["notes"])


def test_a_single_account_is_a_list(network: Engine) -> None:
    assert network.introduce("us", "p3").rows == network.introduce(["us"], ["p3"]).rows
    with pytest.raises(UnknownAccountError, match=r"There is no account 'p9'\. Did you mean"):
        network.introduce("us", "p9")
    with pytest.raises(InputError, match=r"who\.csv does not exist"):
        network.introduce("who.csv", ["p3"])


def test_what_is_said_of_the_lists(network: Engine) -> None:
    by_shy = network.introduce(["shy", "us"], ["p3"])
    assert by_shy.meta["notes"] == ["shy has opted out: do not contact it."]
    nobody = network.introduce(["us"], ["lone"], capacity=2)
    assert nobody.meta["summary"] == [
        "0 of 1 prospect can be introduced; 0.00 successful introductions are expected."
    ]
    with pytest.raises(UsageError) as refused:
        network.introduce(["me", "pp"], ["me", "pp"])
    assert str(refused.value).count("'pp'") == 2  # once as unknown, once in what is like it
    assert "1 prospect is of the team and left out." in str(refused.value)


def test_options_change_the_answer(network: Engine) -> None:
    more = network.introduce(["us"], ["p1"], alternatives=2)
    assert chains(more) == [("p1", 1, ["us", "hub", "p1"]), ("p1", 2, ["us", "kin", "p1"])]
    assert more.rows[1]["success"] == pytest.approx(1 - 0.75 * 0.75)
    avoiding = network.introduce(["us"], ["p1"], avoid="hub")
    assert chains(avoiding) == [("p1", 1, ["us", "kin", "p1"])]
    near = network.introduce(["us"], ["p1"], max_hops=1)
    assert (len(near), near.meta["unreachable"]) == (0, ["p1"])
    both = network.introduce(["us"], ["p3", "p1"], mutual=True)
    assert chains(both) == [("p3", 1, ["us", "hub", "p3"])]
    assert both.meta["direction"].startswith("both ways")


def test_the_order_of_the_list_decides_nothing_but_the_order_of_the_rows(network: Engine) -> None:
    one = network.introduce(["us"], ["p1", "p2", "p3"], capacity=1)
    other = network.introduce(["us"], ["p3", "p2", "p1"], capacity=1)
    assert sorted(chains(one)) == sorted(chains(other))
    assert [row["to"] for row in other] == ["p3", "p1"]


@pytest.mark.parametrize(
    ("sources", "targets", "options", "said"),
    [
        ([], ["p1"], {}, "--from: the list is empty"),
        (["us"], [], {}, "--to: the list is empty"),
        (["us"], ["us"], {}, "None of the prospects can be introduced: 1 prospect is of the team"),
        (["us"], ["p1"], {"capacity": 0}, "--capacity 0: it must be 1 or more"),
        (["us"], ["p1"], {"alternatives": 0}, "--alternatives 0"),
        (["us"], ["p1"], {"max_hops": 0}, "--max-hops 0"),
    ],
)
def test_wrong_questions(
    network: Engine, sources: list[str], targets: list[str], options: dict[str, Any], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        network.introduce(sources, targets, **options)


def test_lists_of_nobody(network: Engine, tmp_path: Path) -> None:
    with pytest.raises(UnknownAccountError, match="--to: none of its accounts is in the store"):
        network.introduce(["us"], ["p11"])
    (tmp_path / "empty.csv").write_text("id\n")
    with pytest.raises(InputError, match="the list is empty"):
        network.introduce(tmp_path / "empty.csv", ["p1"])


def test_the_command_line(run: Run, store: Path, tmp_path: Path) -> None:
    (tmp_path / "team.csv").write_text("id\nus\nme\n")
    (tmp_path / "prospects.csv").write_text("id\np1\np3\np33\n")
    lists = ["--from", "team.csv", "--to", "prospects.csv"]
    shown = run("introduce", *lists, "--capacity", 1, "--store", store, "-f", "json").json()
    assert [row["ask"] for row in shown["rows"]] == ["kin", "hub"]
    assert "names no account of the store" in " ".join(shown["meta"]["notes"])
    table = run("introduce", *lists, "--alternatives", 2, "--max-hops", 2, "--store", store)
    assert "Without --capacity the busiest introducer is asked 2 times." in table.err
    assert len(table.out.splitlines()) == 4
    csv = run("introduce", *lists, "--mutual", "--avoid", "kin", "--store", store, "-f", "csv")
    assert csv.out.splitlines()[1].endswith(",us;hub;p3,1.0,0.25,0.25,,")
