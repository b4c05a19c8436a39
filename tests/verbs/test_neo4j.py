"""The command line on a Neo4j server: the same answers as on a file, and what servers add."""

from __future__ import annotations

import csv
import json
import random
import re
from pathlib import Path
from typing import Any

import pytest

import guanxi.kernels  # noqa: F401  (it finds its cache before the tests move the user's)
from guanxi import cli_shared
from tests.neo4j_server.plugin import PASSWORD
from tests.verbs.conftest import Run, write_small_network

KINDS = ("repost", "mention", "赠送", "加油 💪", "gift", "purchase")
#: What may differ between two runs of the same question.
OF_THE_RUN = ("store", "seconds", "made_at", "analysed_at", "store_version")


@pytest.fixture(autouse=True)
def cache(
    neo4j_servers: Any, neo4j_release: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if neo4j_release is not None:
        neo4j_servers.installation(neo4j_release)  # lies in the user's own cache
    monkeypatch.setenv("GUANXI_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def url(neo4j_server: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in neo4j_server.settings.items():
        monkeypatch.setenv(name, value)
    return str(neo4j_server.uri)


def write_network(folder: Path, accounts: int = 10_000) -> None:
    """Fractional weights, many kinds, Chinese ids and emoji; followers in groups."""
    draw = random.Random(11)
    ids = [f"{draw.choice(['weibo:用户', 'wx:', '抖音:😀', ''])}{i}" for i in range(accounts)]
    with open(folder / "accounts.csv", "w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "name", "platform", "city", "price", "opted_out"])
        for i, account in enumerate(ids[::2]):
            price = "" if draw.random() < 0.3 else round(draw.random() * 900, 2)
            opted_out = draw.choice(["", "", "true", "false"])
            rows.writerow(
                [account, f"名字 {i} 🎉", "微博", draw.choice("京沪穗"), price, opted_out]
            )
    with open(folder / "follows.csv", "w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["follower", "followee", "since"])
        for i, account in enumerate(ids):
            group = i % 40
            for _ in range(4):
                other = ids[min(int(draw.paretovariate(0.6)), accounts // 50) * 40 % accounts]
                near = ids[(group + 40 * draw.randrange(accounts // 40)) % accounts]
                since = draw.choice(["", "2026-01-05", "2025-11-11T08:30:00.25Z"])
                rows.writerow([account, draw.choice([other, near, near]), since])
    with open(folder / "interactions.csv", "w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["actor", "target", "kind", "time", "weight", "event_id"])
        for i in range(accounts):
            day = f"2026-{draw.randrange(1, 7):02}-{draw.randrange(1, 29):02}"
            rows.writerow(
                [
                    *(draw.choice(ids), draw.choice(ids[:500]), draw.choice(KINDS)),
                    *(draw.choice(["", day]), round(draw.random() * 3, 6)),
                    draw.choice(["", f"事件{i}"]),
                ]
            )


def load(run: Run, store: str, folder: Path) -> None:
    files = [(f"--{role}", folder / f"{role}.csv") for role in ("accounts", "follows")]
    files.append(("--interactions", folder / "interactions.csv"))
    done = run("--store", store, "load", *(part for pair in files for part in pair))
    assert done.code == 0, done.err


def answer(run: Run, store: str, *arguments: object) -> dict[str, Any]:
    done = run("--store", store, *arguments, "--format", "json")
    assert done.code == 0, done.err
    found = done.json()
    found["meta"] = {name: v for name, v in found["meta"].items() if name not in OF_THE_RUN}
    return found


def test_the_same_answers_as_from_a_file(run: Run, url: str, tmp_path: Path) -> None:
    write_network(tmp_path)
    stores = ("net.duckdb", url)
    for store in stores:
        load(run, store, tmp_path)
        assert run("--store", store, "analyze", "--with", "hits").code == 0
    (tmp_path / "list.csv").write_text("id\nwx:40\n抖音:😀80\n0\n", "utf-8")
    for question in (
        ("top", "-n", 200, "--by", "hub"),
        ("top", "-n", 200, "--where", "city = '沪' and price < 500 and not opted_out"),
        ("top", "--community", 2, "--show", "price,opted_out"),
        ("communities",),
        ("communities", "--members"),
        ("seeds", "-k", 20),
        ("reach", "list.csv", "--each"),
    ):
        from_file, from_server = (answer(run, store, *question) for store in stores)
        assert from_file == from_server, question
    exports = []
    for name, store in zip(("file", "server"), stores, strict=True):
        assert run("--store", store, "export", name).code == 0
        exports.append({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()})
    assert exports[0] == exports[1]
    assert set(exports[0]) == {
        *("accounts.csv", "follows.csv", "interactions.csv", "scores.csv", "communities.csv")
    }


def test_scores_where_cypher_finds_them(
    run: Run, url: str, neo4j_server: Any, tmp_path: Path
) -> None:
    write_small_network(tmp_path)
    load(run, url, tmp_path)
    assert run("--store", url, "analyze").code == 0
    ranked = answer(run, url, "top", "-n", 5)["rows"]
    found = neo4j_server.run(
        "MATCH (a:Account) RETURN a.id AS id, a.pagerank AS pagerank, a.community AS community "
        "ORDER BY a.pagerank DESC LIMIT 5"
    )
    assert [row["id"] for row in ranked] == [row["id"] for row in found]
    assert [row["pagerank"] for row in ranked] == [row["pagerank"] for row in found]
    assert [row["community"] for row in ranked] == [row["community"] for row in found]
    (kept,) = neo4j_server.run("MATCH (m:GuanxiMeta) RETURN m.meta AS meta, m.complete AS complete")
    assert kept["complete"]
    assert json.loads(kept["meta"])["parameters"]["damping"] == 0.85


def test_what_another_machine_has_analysed_is_told(
    run: Run, url: str, neo4j_server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_small_network(tmp_path)
    load(run, url, tmp_path)
    first = run("--store", url, "analyze", "--with", "hits", "--fast", "--seed", 7)
    assert first.code == 0, first.err
    ranked = answer(run, url, "top", "--by", "hub")
    monkeypatch.setenv("GUANXI_CACHE", str(tmp_path / "another machine"))
    told = run("--store", url, "top")
    assert told.code == 1
    assert "Version 3 of this network was analysed from another machine on 20" in told.err
    assert any(
        "from another machine" in note for note in answer(run, url, "status")["meta"]["notes"]
    )
    checks = {row["check"]: row["detail"] for row in answer(run, url, "doctor")["rows"]}
    (command,) = re.findall(r"run `guanxi (.*?)` here for the same scores", checks["analysis"])
    assert command == "analyze --with hits --fast --seed 7"
    assert run("--store", url, *command.split()).code == 0
    assert answer(run, url, "top", "--by", "hub") == ranked
    monkeypatch.setenv("GUANXI_CACHE", str(tmp_path / "a third one"))
    neo4j_server.run("CREATE (:Account {id: 'new'})")
    assert "has not been analysed yet" in run("--store", url, "top").err


def test_who_opts_out_in_cypher_is_chosen_no_more(
    run: Run, url: str, neo4j_server: Any, tmp_path: Path
) -> None:
    write_small_network(tmp_path)
    load(run, url, tmp_path)
    assert run("--store", url, "analyze").code == 0
    first = answer(run, url, "seeds", "-k", 1)["rows"][0]["id"]
    neo4j_server.run("MATCH (a:Account {id: $id}) SET a.opted_out = true", id=first)
    assert answer(run, url, "seeds", "-k", 1)["rows"][0]["id"] != first
    shown = answer(run, url, "top", "-n", 50, "--show", "opted_out")["rows"]
    assert next(row["opted_out"] for row in shown if row["id"] == first) is True
    kept = answer(run, url, "top", "-n", 50, "--where", "not opted_out")["rows"]
    assert first not in [row["id"] for row in kept]
    assert run("--store", url, "export", "out").code == 0
    with open(tmp_path / "out" / "accounts.csv", encoding="utf-8", newline="") as file:
        exported = {row["id"]: row["opted_out"] for row in csv.DictReader(file)}
    assert exported[first] == "true"


def test_status_and_doctor(run: Run, url: str, tmp_path: Path) -> None:
    empty = run("--store", url, "status")
    assert empty.code == 1
    assert "There is no store at" in empty.err
    before = answer(run, url, "doctor")["rows"]
    assert {row["state"] for row in before} <= {"ok", "none"}
    write_small_network(tmp_path)
    load(run, url, tmp_path)
    (row,) = answer(run, url, "status")["rows"]
    assert (row["store"], row["store_version"], row["snapshot_version"]) == (url + "", 3, 3)
    checks = {row["check"]: row for row in answer(run, url, "doctor")["rows"]}
    assert checks["server"]["detail"].startswith("Neo4j ")
    assert checks["store"]["state"] == checks["snapshot"]["state"] == "ok"


def test_a_password_is_asked_for_and_shown_nowhere(
    run: Run, neo4j_locked_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = neo4j_locked_server.uri.replace("bolt:", "bolt+ssc:")
    asked = []

    def ask(question: str) -> str | None:
        asked.append(question)
        return answers.pop(0)

    answers: list[str | None] = [None]
    monkeypatch.setattr(cli_shared, "ask_secret", ask)
    silent = run("--store", url, "status")
    assert silent.code == 1
    assert "asks for a password" in silent.err
    answers = ["wrong hoarse battery"]
    wrong = run("--store", url, "status")
    assert wrong.code == 1
    assert "does not accept user neo4j" in wrong.err
    assert "hoarse" not in wrong.err
    answers = [PASSWORD]
    right = run("--store", url, "status")
    assert "There is no store at" in right.err
    assert all(question.startswith("Password of neo4j at 127.0.0.1:") for question in asked)
    monkeypatch.setenv("GUANXI_NEO4J_PASSWORD", PASSWORD)
    done = run("--store", url, "doctor", "--format", "json")
    assert done.code == 0
    assert PASSWORD not in done.out + done.err
    in_address = run("--store", url.replace("//", f"//neo4j:{PASSWORD}@"), "status")
    assert in_address.code == 2
    assert PASSWORD not in in_address.err


def test_a_server_that_is_away(run: Run) -> None:
    for command in (["status"], ["top"], ["seeds"], ["analyze"], ["export", "out"]):
        away = run("--store", "bolt://127.0.0.1:9", *command)
        assert away.code == 1
        assert away.err.startswith("Error: ") or "Nothing answers at 127.0.0.1:9" in away.err
        assert "Traceback" not in away.err
