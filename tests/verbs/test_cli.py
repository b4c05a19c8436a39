"""The command line: formats, pipes, exit codes, sentences instead of tracebacks."""

from __future__ import annotations

import csv
import io
import os
import pty
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import openpyxl
import pytest

import guanxi
from guanxi import cli
from guanxi.console import format_cell
from tests.verbs.conftest import Run, write_small_network

GUANXI = [sys.executable, "-m", "guanxi.cli"]


def test_every_format_holds_the_same_rows(run: Run, small_store: Path, tmp_path: Path) -> None:
    rows = run("--store", small_store, "top", "-n", "3", "-f", "json").json()["rows"]
    for ending in ("csv", "jsonl", "parquet", "xlsx", "json"):
        done = run("--store", small_store, "top", "-n", "3", "-o", f"out.{ending}")
        assert done.code == 0, done.err
        assert done.out == ""
        assert f"Wrote 3 rows to out.{ending}" in done.err
    with open("out.csv", newline="", encoding="utf-8") as file:
        found = list(csv.DictReader(file))
    assert [row["id"] for row in found] == [row["id"] for row in rows]
    assert [float(row["pagerank"]) for row in found] == [row["pagerank"] for row in rows]
    assert duckdb.sql("select id from 'out.parquet'").fetchall() == [(row["id"],) for row in rows]
    sheets = openpyxl.load_workbook("out.xlsx")
    assert sheets.sheetnames == ["Rows", "Columns 字段", "About"]
    assert [cell.value for cell in sheets["Rows"]["B"]][1:] == [row["id"] for row in rows]


def test_tables_are_plain_in_a_pipe_and_messages_stay_out(run: Run, small_store: Path) -> None:
    done = run("--store", small_store, "communities")
    lines = done.out.splitlines()
    assert lines[0].split()[:3] == ["community", "size", "share"]
    assert "direction was dropped" in done.err
    assert "\x1b" not in done.out
    assert run("--store", small_store, "communities", "-q").err == ""


def test_the_store_that_is_named_weighs_more_than_the_environment(
    run: Run, small_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUANXI_STORE", "other.duckdb")
    assert run("--store", small_store, "status").code == 0
    assert run("status", "--store", small_store).code == 0
    assert "other.duckdb" in run("status").err


def test_the_store_may_be_named_before_or_after(run: Run, small_store: Path) -> None:
    before = run("--store", small_store, "top", "-f", "csv")
    after = run("top", "--store", small_store, "-f", "csv")
    assert before.out == after.out
    assert len(list(csv.reader(io.StringIO(after.out)))) == 21


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["top"], 1, "There is no store at guanxi.duckdb"),
        (["status"], 1, "There is no store at guanxi.duckdb"),
        (["top", "-f", "pdf"], 2, "Unknown format 'pdf'"),
        (["top", "-o", "out.doc"], 2, "say which format"),
        (["fly"], 2, "No such command"),
        (["top", "-n", "0"], 2, "-n"),
        (["seeds", "--budget", "60,000"], 2, "It has a comma: write 60000 or 60.000."),
        (["seeds", "--target", "1,5"], 2, "'1,5' is not a number. It has a comma: write 1.5."),
        (["seeds", "-k", "1,000"], 2, "'1,000' is not a whole number. It has a comma: write 1000."),
        (["seeds", "-k", "1,5"], 2, "'1,5' is not a whole number."),
        (["analyze", "--resolution", "much"], 2, "'much' is not a number."),
        (["load", "--follows", "."], 1, "folder"),
        (["load"], 2, "There is no store guanxi.duckdb yet"),
        (["load", "--follows", "a.csv", "b.csv"], 2, "What is b.csv?"),
        (["load", "--follows", "missing.csv"], 1, "There is no file missing.csv"),
        (["--settings", "none.toml", "status"], 2, "There is no settings file none.toml"),
    ],
)
def test_mistakes_end_in_a_sentence(run: Run, arguments: list[str], code: int, words: str) -> None:
    done = run(*arguments)
    assert done.code == code, done.err
    assert words in done.err + done.out
    assert "Traceback" not in done.err


def test_mistakes_on_a_store_end_in_a_sentence(run: Run, small_store: Path) -> None:
    for arguments, code, words in [
        (["top", "--where", "city = "], 2, "city"),
        (["account", "tea:head", "--ties", "3"], 2, "--ties 3 is the number of ties of a"),
        (["top", "--where", "city in (select 1)"], 2, "Subqueries are not allowed"),
        (["top", "-o", "no/such/folder/out.csv"], 2, "does not exist"),
        (["account", "tea:haed"], 2, "Did you mean tea:head"),
        (["export", "out", "--format", "pdf"], 2, "csv, jsonl, parquet"),
        (["analyze", "--with", "magic"], 2, "--with knows hits"),
        (["analyze", "--communities", "astrology"], 2, "leiden, louvain"),
        (["analyze", "--resolution", "-1"], 2, "--resolution"),
        (["seeds", "-k", "0"], 2, "at least 1"),
        (["seeds", "--memory", "lots"], 2, "no amount of memory"),
        (["seeds", "--as-of", "soon"], 2, "is no date"),
        (["top", "-f", "table", "-o", "x.csv"], 2, "A table goes to the screen"),
    ]:
        done = run("--store", small_store, *arguments)
        assert done.code == code, (arguments, done.err)
        assert words in done.err, (arguments, done.err)
        assert "Traceback" not in done.err


def test_a_file_that_is_no_store_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "notes.duckdb").write_text("these are my notes\n" * 100)
    (tmp_path / "follows.csv").write_text("source,target\na,b\n")
    done = run("--store", "notes.duckdb", "load", "--follows", "follows.csv")
    assert done.code == 1
    assert "notes.duckdb" in done.err
    assert "Traceback" not in done.err
    assert (tmp_path / "notes.duckdb").read_text().startswith("these are my notes")


def test_account_shows_scores_and_ties(run: Run, small_store: Path) -> None:
    done = run("--store", small_store, "account", "tea:head", "-n", "3", "-f", "json").json()
    facts = done["meta"]["account"]
    assert (facts["city"], facts["in_degree"], facts["price"]) == ("Shanghai", 10, 900)
    influences = [row for row in done["rows"] if row["tie"] == "influences"]
    assert len(influences) == 3
    assert influences[0]["strength"] >= influences[1]["strength"]
    assert all(0 < row["probability"] <= 1 for row in done["rows"])
    shown = run("--store", small_store, "account", "tea:head")
    assert "Tea 头" in shown.out


def test_account_shows_the_ties_that_its_scores_are_made_of(
    run: Run, small_store: Path, tmp_path: Path
) -> None:
    shutil.copytree(small_store.parent, tmp_path, dirs_exist_ok=True)
    small_store = tmp_path / small_store.name

    def shown(*options: str) -> tuple[str, float, str]:
        done = run("--store", small_store, "account", "tea:head", *options, "-f", "json")
        found = done.json()
        return found["meta"]["parameters"]["profile"], found["rows"][0]["strength"], done.err

    profile, strength, told = shown()
    assert profile == "default"
    assert "by the profile default." in told
    assert run("--store", small_store, "analyze", "--profile", "engagement").code == 0
    analysed, weaker, told = shown()
    assert (analysed, "Note" in told) == ("engagement", False)
    assert weaker < strength
    other, same, told = shown("--profile", "default")
    assert (other, same) == ("default", strength)
    assert "The scores are those of the last analysis, by the profile engagement." in told
    aged = shown("--as-of", "2026-05-02")
    assert aged[0] == "engagement"
    assert "by the profile engagement as of 2026-05-02." in aged[2]


def test_status_says_that_another_file_was_put_in_its_place(
    run: Run, small_store: Path, tmp_path: Path
) -> None:
    store = tmp_path / "mine.duckdb"
    shutil.copy(small_store, store)
    shutil.copytree(f"{small_store}.d", f"{store}.d", ignore=shutil.ignore_patterns("*.lock"))
    rows = tmp_path / "more.csv"
    rows.write_text("actor,target\nnew1,new2\n")
    assert run("--store", str(store), "load", "--follows", str(rows)).code == 0
    assert "has changed" not in run("--store", str(store), "status").err
    shutil.copy(small_store, store)
    assert (
        f"{store} has changed since guanxi last closed it"
        in run("--store", str(store), "status").err
    )
    assert run("--store", str(store), "degrees", "--network", "-q").code == 0
    after = run("--store", str(store), "status")
    assert "has changed" not in after.err
    assert "22" in after.out


def test_status_and_doctor(run: Run, small_store: Path) -> None:
    row = run("--store", small_store, "status", "-f", "json").json()["rows"][0]
    assert (row["accounts"], row["follows"], row["interactions"]) == (22, 41, 19)
    assert "pagerank" in row["scores"]
    assert not {"community", "core_rank"} & set(row["scores"])  # `top --by` refuses them
    done = run("--store", small_store, "doctor", "-f", "json")
    assert done.code == 0
    assert {line["state"] for line in done.json()["rows"]} == {"ok"}
    nothing = run("--store", "none.duckdb", "doctor", "-f", "json")
    assert nothing.code == 0
    assert {line["state"] for line in nothing.json()["rows"]} == {"ok", "none"}


def test_doctor_mends_a_damaged_snapshot(run: Run, tmp_path: Path) -> None:
    (tmp_path / "follows.csv").write_text("source,target\na,b\n")
    run("load", "--follows", "follows.csv")
    damaged = tmp_path / "guanxi.duckdb.d" / "snapshots" / "1" / "follows-indices.npy"
    content = bytearray(damaged.read_bytes())
    content[-1] ^= 0xFF
    damaged.write_bytes(content)
    found = run("doctor", "-f", "json")
    assert "follows-indices.npy had been damaged" in found.out
    assert "every file as it was written" in run("doctor", "-f", "json").out


def test_export_comes_back_the_same(run: Run, small_store: Path, tmp_path: Path) -> None:
    done = run("--store", small_store, "export", "out")
    assert done.code == 0, done.err
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "accounts.csv",
        "communities.csv",
        "follows.csv",
        "interactions.csv",
        "scores.csv",
    ]
    with open("out/scores.csv", encoding="utf-8") as file:
        header = file.readline().strip().split(",")
    assert {"id", "pagerank", "community", "core_rank"} <= set(header)
    run(
        *("--store", "again.duckdb", "load", "--accounts", "out/accounts.csv"),
        *("--follows", "out/follows.csv", "--interactions", "out/interactions.csv"),
    )
    first, again = guanxi.open(small_store).snapshot(), guanxi.open("again.duckdb").snapshot()
    assert again.manifest.digest == first.manifest.digest
    for format in ("jsonl", "parquet"):
        assert run("--store", small_store, "export", format, "--format", format).code == 0


def test_analysis_with_everything(run: Run, small_store: Path, tmp_path: Path) -> None:
    write_small_network(tmp_path)
    run("load", "--follows", "follows.csv")
    for method in ("louvain", "label-propagation", "leiden"):
        done = run("analyze", "--communities", method, "--with", "hits", "-f", "json").json()
        assert done["meta"]["method"] == method
        assert run("communities", "-f", "json").json()["meta"]["method"] == method
    assert (
        run("top", "--by", "authority", "-n", "1", "-f", "csv")
        .out.splitlines()[0]
        .endswith("authority")
    )
    run("analyze")
    assert "There is no score 'hub'" in run("top", "--by", "hub").err  # not one of before
    fine = run("analyze", "--resolution", "8", "-f", "json").json()["meta"]
    assert fine["communities"] > done["meta"]["communities"]
    assert run("analyze", "--fast", "-f", "json").json()["meta"]["parameters"]["iterations"] == 1


def test_demo_goes_into_its_own_store(run: Run, tmp_path: Path) -> None:
    done = run("--store", "other.duckdb", "demo")
    assert done.code == 0, done.err
    assert (tmp_path / "demo.duckdb").exists()
    assert not (tmp_path / "other.duckdb").exists()
    for words in ("Communities:", "Seed list:", "what the best possible list", "top in-degree"):
        assert words in done.out, words


def test_reading_half_of_a_pipe_is_no_error(small_store: Path) -> None:
    command = " ".join([*GUANXI, "--store", str(small_store), "communities", "--members", "-q"])
    done = subprocess.run(
        ["sh", "-c", f"{command} -f csv | head -n 1"], capture_output=True, text=True, check=True
    )
    assert done.stdout == "id,community\n"
    assert done.stderr == ""


def test_tables_are_drawn_on_a_terminal(small_store: Path) -> None:
    parent, child = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "120"}
    process = subprocess.Popen(
        [*GUANXI, "--store", str(small_store), "top", "-n", "2"],
        stdout=child,
        stderr=child,
        env=environment,
    )
    os.close(child)
    shown = b""
    while True:
        try:
            part = os.read(parent, 4096)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        shown += part
    os.close(parent)
    assert process.wait() == 0
    assert "─" in shown.decode()
    assert "tea:head" in shown.decode()


def test_ctrl_c_ends_cleanly(tmp_path: Path) -> None:
    with subprocess.Popen(
        [*GUANXI, "load", "--follows", "-"],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write("source,target\na,b\n")
        process.stdin.flush()
        for _ in range(200):  # until it has the store, and waits for more of its standard input
            if list(tmp_path.rglob("lock")):
                break
            time.sleep(0.05)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        message = process.stderr.read()
        assert process.wait() == 130, message
    assert message.strip().endswith("guanxi: stopped.")
    assert "Traceback" not in message


def test_a_file_that_is_no_store_stays_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("source,target\na,b\nb,c\n")
    for command in (["top"], ["load", "--follows", "f.csv"]):
        done = run("--store", "f.csv", *command)
        assert done.code == 1
        assert "f.csv is no DuckDB database that this version can read" in done.err
    assert [path.name for path in tmp_path.iterdir()] == ["f.csv"]


def test_ctrl_c_before_the_command_has_begun(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(**options: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "app", interrupted)
    done = run("top")
    assert (done.code, done.err) == (130, "guanxi: stopped.\n")


def test_numbers_on_the_screen() -> None:
    values = [36.0, 0.5, 1234.5, 1e-7, float("inf"), float("nan"), None, True, 1234, ["a"] * 5]
    shown = ["36", "0.5000", "1,234", "1e-07", "inf", "", "", "yes", "1,234", "a a a +2"]
    assert [format_cell(value) for value in values] == shown
