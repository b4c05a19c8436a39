"""Plain accounts on the short way: byte for byte what the long way says, whatever they are like."""

from __future__ import annotations

import csv
import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest

import guanxi
from guanxi.api import views
from guanxi.engine import Engine
from guanxi.errors import NotAnalyzedError
from guanxi.verbs.account import PlainAccounts
from tests.api.conftest import Api, Serve
from tests.verbs.conftest import Run, run

__all__ = ["run"]

ODD = "q\"u\\o'te, 100%"
STRANGE = "x\u2028\t\u00a0x"
#: Ids, names and columns that nobody would wish for.
FILES: dict[str, list[list[Any]]] = {
    "accounts": [
        ["id", "name", "platform", "city", "price", "joined", "opted_out", '100%s of "it"'],
        ["tea:head", '=1+1 "x" \\ %s %(a)s', "tea", "上海", 1.5, "2024-05-01", "true", "<b>"],
        ["微博:😀李", "😀", "微博", "", 1e300, "2024-05-01T08:30:00+08:00", "false", "a\nb"],
        [ODD, "", "", "", -0.0, "1969-12-31", "", STRANGE],
        ["alone", "", "", "", "", "", "", ""],
        ["unknown:1", "", "tea", "Beijing", 12345678901234567890, "", "true", "é"],
    ],
    "follows": [
        ["actor", "target"],
        ["tea:head", "微博:😀李"],
        ["微博:😀李", "tea:head"],
        [ODD, "tea:head"],
        ["unknown:1", ODD],
        ["made", "微博:😀李"],
    ],
    "interactions": [
        ["actor", "target", "kind", "time", "weight"],
        ["made", "tea:head", "like", "2024-01-01", 2.5],
        ["tea:head", "made", "repost", "2024-03-01", 0.1],
        ["tea:head", ODD, "like", "2023-03-01", 7],
        ["微博:😀李", "tea:head", "comment", "2024-02-29", 3],
    ],
}
_SECONDS = re.compile(rb'"seconds": [0-9.e-]+}')
Make = Callable[[Engine, Path], None]


def _files(folder: Path) -> dict[str, Any]:
    for name, rows in FILES.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    return {name: [folder / f"{name}.csv"] for name in FILES}


def weighted(network: Engine, folder: Path) -> None:
    """Interactions of three kinds make ties of different strengths."""
    network.load(**_files(folder))
    network.analyze()


def not_analysed(network: Engine, folder: Path) -> None:
    """There are no scores."""
    network.load(**_files(folder))


def only_follows(network: Engine, folder: Path) -> None:
    """All ties are as strong, and nothing else is known of anybody."""
    network.load(follows=_files(folder)["follows"])
    network.analyze()


def of_a_day(network: Engine, folder: Path) -> None:
    """The analysis is by another profile, and as of a day."""
    network.load(**_files(folder))
    network.analyze(profile="engagement", as_of="2024-03-02", with_=["hits"])


def odd_scores(network: Engine, folder: Path) -> None:
    """Scores that JSON has no word for."""
    network.load(**_files(folder))
    network.analyze()
    snapshot = network.snapshot()
    odd = np.array([np.nan, np.inf, -np.inf, 5e-324, -0.0, 1e22])[np.arange(snapshot.n) % 6]
    meta = snapshot.scores()["community"]
    snapshot.write_scores({"odd %s": odd, "yes": odd > 0}, meta)


def many_ties(network: Engine, folder: Path) -> None:
    """More ties than are shown, of strengths that are alike or not."""
    rows = [f"u{i},u{(i * k) % 60},like,{1 + (i * k) % 5}" for i in range(60) for k in range(2, 50)]
    path = folder / "many.csv"
    path.write_text("actor,target,kind,weight\n" + "\n".join(rows), "utf-8")
    network.load(interactions=[path])
    network.analyze()


def start(make: Make, serve: Serve, folder: Path) -> tuple[Api, list[str]]:
    """An API over such a network, whose columns are held in memory, and the ids of all accounts."""
    network = guanxi.open(folder / "odd.duckdb", threads=1)
    make(network, folder)
    snapshot = network.snapshot()
    ids = snapshot.ids_of(range(snapshot.n))
    network.forget_snapshot()
    api = serve(path=folder / "odd.duckdb")
    for n in range(1, 9):  # they are, once they were asked for a few times
        assert api.client.get(f"/v1/account?id={quote(ids[0])}&n={n}").status_code == 200
    view = api.service.views.now()
    assert view is not None
    assert view.snapshot.values.has_all()
    return api, ids


def both(api: Api, id: str, ways: list[bool]) -> tuple[bytes, bytes]:
    """What the short and the long way say of an account, but for the time that it took."""
    ways.clear()
    short = api.client.get(f"/v1/account?id={quote(id)}")
    long = api.client.get(f"/v1/account?id={quote(id)}&n=10")
    assert ways == [True, False], id
    assert (short.status_code, long.status_code) == (200, 200)
    names = set(long.headers) - {"etag", "x-request-id", "content-length"}
    assert {name: short.headers[name] for name in names} == {n: long.headers[n] for n in names}
    assert set(short.headers) == set(long.headers)
    bodies = [_SECONDS.subn(b'"seconds": 0}', each.content) for each in (short, long)]
    assert [count for _, count in bodies] == [1, 1]
    return bodies[0][0], bodies[1][0]


@pytest.mark.parametrize(
    "make", [weighted, not_analysed, only_follows, of_a_day, odd_scores, many_ties]
)
def test_both_ways_say_the_same(make: Make, serve: Serve, tmp_path: Path, ways: list[bool]) -> None:
    api, ids = start(make, serve, tmp_path)
    for id in ids:
        short, long = both(api, id, ways)
        assert short == long
        told = json.loads(short)["meta"]["account"]
        assert told["id"] == id


def test_what_they_say_is_what_was_loaded(serve: Serve, tmp_path: Path) -> None:
    api, _ = start(weighted, serve, tmp_path)
    found = api.client.get(f"/v1/account?id={quote(ODD)}").json()
    known = found["meta"]["account"]
    assert known["c_100_s_of_it"] == STRANGE
    assert [known[name] for name in ("name", "platform", "city")] == [None] * 3
    assert (known["price"], known["joined"], known["opted_out"]) == (-0.0, "1969-12-31", None)
    head = api.client.get("/v1/account?id=tea:head").json()
    assert head["meta"]["account"]["name"] == '=1+1 "x" \\ %s %(a)s'
    assert head["meta"]["account"]["opted_out"] is True
    assert {row["id"]: row["name"] for row in head["rows"]}["微博:😀李"] == "😀"
    alone = api.client.get("/v1/account?id=alone").json()
    assert alone["rows"] == []


def test_scores_that_are_no_numbers_are_null(serve: Serve, tmp_path: Path) -> None:
    api, ids = start(odd_scores, serve, tmp_path)
    found = [api.client.get(f"/v1/account?id={quote(id)}").json() for id in ids]
    odd = [each["meta"]["account"]["odd %s"] for each in found]
    assert odd == [None, None, None, 5e-324, -0.0, 1e22]
    yes = [each["meta"]["account"]["yes"] for each in found]
    assert yes == [False, True, False, True, False, True]


def test_another_analysis_is_seen(serve: Serve, tmp_path: Path, ways: list[bool]) -> None:
    api, ids = start(weighted, serve, tmp_path)
    before = {id: both(api, id, ways)[0] for id in ids}
    tag = api.client.get("/v1/account?id=alone").headers["etag"]
    network = guanxi.open(tmp_path / "odd.duckdb", threads=1)
    network.analyze(profile="followers-only", with_=["hits"])
    time.sleep(2 * views._FRESH)
    api.client.get(
        "/v1/top?n=1"
    )  # the first question of all looks whether there is a newer snapshot
    for id in ids:
        short, long = both(api, id, ways)
        assert short == long != before[id]
        assert json.loads(short)["meta"]["parameters"]["profile"] == "followers-only"
        assert "hub" in json.loads(short)["meta"]["account"]
    assert api.client.get("/v1/account?id=alone").headers["etag"] != tag


def test_an_analysis_that_goes_away_in_the_middle_takes_the_long_way(
    serve: Serve, tmp_path: Path, ways: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    api, ids = start(weighted, serve, tmp_path)

    def lost(*_: Any) -> Any:
        raise NotAnalyzedError("It is gone.")

    monkeypatch.setattr(PlainAccounts, "facts", lost)
    ways.clear()
    assert api.client.get(f"/v1/account?id={quote(ids[1])}").status_code == 200
    assert ways == [False]


def test_the_command_line_says_the_same(
    serve: Serve, tmp_path: Path, ways: list[bool], run: Run
) -> None:
    api, ids = start(of_a_day, serve, tmp_path)
    for id in ids:
        said = json.loads(both(api, id, ways)[0])
        told = run("--store", tmp_path / "odd.duckdb", "account", id, "-f", "json").json()
        assert told["rows"] == said["rows"]
        assert told["meta"]["account"] == said["meta"]["account"]
        assert told["meta"]["summary"] == said["meta"]["summary"]
