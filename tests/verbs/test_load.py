"""Loading through the engine and the command line: what users see, and what stays."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import xlsxwriter

import guanxi
from guanxi.errors import InputError, TooManyRejectsError, UsageError
from tests.verbs.conftest import Run, write_small_network


def test_the_same_file_twice_changes_nothing(run: Run, tmp_path: Path) -> None:
    write_small_network(tmp_path)
    files = ("--accounts", "accounts.csv", "--follows", "follows.csv")
    first = run("load", *files, "-f", "json").json()["rows"]
    assert [row["state"] for row in first] == ["loaded", "loaded"]
    assert [row["added"] for row in first] == [22, 41]
    second = run("load", *files, "-f", "json").json()["rows"]
    assert [row["state"] for row in second] == ["already loaded", "already loaded"]
    assert [row["added"] for row in second] == [0, 0]
    assert run("status", "-f", "json").json()["rows"][0]["store_version"] == 2
    again = run("load", *files, "--again", "-f", "json").json()["rows"]
    assert [row["state"] for row in again] == ["loaded", "loaded"]
    assert [row["unchanged"] for row in again] == [22, 41]


def test_rejected_rows_are_said_and_kept(run: Run, tmp_path: Path) -> None:
    rows = [f"a{i},b{i}" for i in range(50)] + ["lonely", ",nobody", "x,y,z"]
    (tmp_path / "bad.csv").write_text("source,target\n" + "\n".join(rows) + "\n")
    done = run("load", "--follows", "bad.csv", "-f", "json")
    (row,) = done.json()["rows"]
    assert (row["rows"], row["accepted"], row["rejected"]) == (53, 50, 3)
    assert "3 of 53 rows rejected" in done.err
    with open(row["rejects_file"], newline="") as file:
        rejected = list(csv.DictReader(file))
    assert [entry["line"] for entry in rejected] == ["52", "53", "54"]
    assert rejected[1]["reason"] == "empty id"


def test_a_file_that_is_plainly_wrong_is_refused_whole(run: Run, tmp_path: Path) -> None:
    rows = [f"a{i},b{i}" for i in range(990)] + [",x"] * 20
    (tmp_path / "wrong.csv").write_text("source,target\n" + "\n".join(rows) + "\n")
    refused = run("load", "--follows", "wrong.csv")
    assert refused.code == 1
    assert "20 of 1,010 rows were rejected (empty id: 20)" in refused.err
    assert "Traceback" not in refused.err
    assert run("status").code == 1 or "Nothing is loaded" in run("status").err
    assert run("load", "--follows", "wrong.csv", "--max-rejects", "2%").code == 0


def test_check_writes_nothing(run: Run, tmp_path: Path) -> None:
    write_small_network(tmp_path)
    before = sorted(tmp_path.iterdir())
    done = run("load", "--check", "--follows", "follows.csv", "-f", "json")
    assert done.json()["rows"][0]["state"] == "checked"
    assert done.json()["rows"][0]["added"] is None
    assert sorted(tmp_path.iterdir()) == before


def test_columns_and_kind_speak_of_the_files_after_them(run: Run, tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text("who,whom,x\na,b,1\n")
    (tmp_path / "two.csv").write_text("c,d\n")
    (tmp_path / "three.csv").write_text("x,y\ne,f\n")
    done = run(
        "load",
        *("--columns", "actor=who,target=whom", "--follows", "one.csv"),
        *("--columns", "target,actor", "--follows", "two.csv"),
        *("--kind", "like", "--columns", "actor=x,target=y", "--interactions", "three.csv"),
    )
    assert done.code == 0, done.err
    assert "one.csv as follows" in done.err
    assert "not used: x" in done.err
    network = guanxi.open(tmp_path / "guanxi.duckdb")
    follows = network.snapshot().follows
    pairs = {
        (network.snapshot().id_of(actor), network.snapshot().id_of(int(target)))
        for actor in range(follows.n)
        for target in follows.indices[follows.indptr[actor] : follows.indptr[actor + 1]]
    }
    assert pairs == {("a", "b"), ("d", "c")}
    assert network.snapshot().kinds == ["like"]
    late = run("load", "--follows", "one.csv", "--columns", "a,b")
    assert late.code == 2
    assert "stands after the last file" in late.err


def test_standard_input_and_patterns(run: Run, tmp_path: Path) -> None:
    for part in (1, 2):
        (tmp_path / f"part-{part}.csv").write_text(f"source,target\na,b{part}\n")
    done = run("load", "--follows", "part-*.csv", "-f", "json")
    assert [row["added"] for row in done.json()["rows"]] == [1, 1]
    nothing = run("load", "--follows", "none-*.csv")
    assert nothing.code != 0
    assert "none-*.csv" in nothing.err


def test_replace_takes_a_file_as_the_whole_truth(run: Run, tmp_path: Path) -> None:
    (tmp_path / "old.csv").write_text("source,target\nweibo:a,weibo:b\nweibo:a,weibo:c\nx:a,x:b\n")
    (tmp_path / "new.csv").write_text("source,target\nweibo:a,weibo:b\nweibo:b,weibo:c\n")
    run("load", "--follows", "old.csv")
    done = run("load", "--follows", "new.csv", "--replace", "-f", "json").json()["rows"][0]
    assert (done["added"], done["removed"], done["unchanged"]) == (1, 1, 1)
    assert run("status", "-f", "json").json()["rows"][0]["follows"] == 3
    assert "had all of this already" in run("load", "--follows", "old.csv").err
    again = run("load", "--follows", "old.csv", "--again", "-f", "json").json()["rows"][0]
    assert (again["state"], again["added"]) == ("loaded", 1)  # what --replace had taken away
    for files in (["--accounts", "old.csv"], ["--follows", "old.csv", "--follows", "new.csv"]):
        wrong = run("load", *files, "--replace")
        assert wrong.code == 2
        assert "--replace takes one follows file" in wrong.err


def test_an_accounts_file_fills_in_what_edges_made(run: Run, tmp_path: Path) -> None:
    (tmp_path / "follows.csv").write_text("source,target\na,b\n")
    (tmp_path / "accounts.csv").write_text("id,name\na,阿花\nc,小明\n")
    first = run("load", "--follows", "follows.csv", "-f", "json").json()["rows"][0]
    assert (first["added"], first["made_accounts"]) == (1, 2)
    second = run("load", "--accounts", "accounts.csv", "-f", "json").json()["rows"][0]
    assert (second["added"], second["updated"]) == (1, 1)


def test_what_was_committed_before_an_error_is_shown(run: Run, tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text("source,target\na,b\n")
    (tmp_path / "bad.csv").write_bytes(b"\x00\x01\x02" * 500)
    done = run("load", "--follows", "good.csv", "--follows", "bad.csv")
    assert done.code == 1
    assert "bad.csv is a binary file" in done.err
    assert "Loaded before the error below: good.csv" in done.err
    assert run("status", "-f", "json").json()["rows"][0]["follows"] == 1


def test_the_engine_raises_what_the_command_line_says(tmp_path: Path) -> None:
    network = guanxi.open(tmp_path / "net.duckdb")
    with pytest.raises(InputError, match=r"missing\.csv"):
        network.load(follows=[tmp_path / "missing.csv"])
    with pytest.raises(UsageError, match="There is no store"):
        guanxi.open(tmp_path / "other.duckdb").load()
    with pytest.raises(UsageError, match="Name the files to check"):
        network.load(check=True)
    (tmp_path / "bad.csv").write_text("source,target\n" + "x,\n" * 5 + "a,b\n")
    with pytest.raises(TooManyRejectsError):
        network.load(follows=[tmp_path / "bad.csv"], max_rejects="4")


def test_timezone_moves_days(run: Run, tmp_path: Path) -> None:
    (tmp_path / "i.csv").write_text("actor,target,kind,time\na,b,like,2026-05-02 03:00:00\n")
    run("--store", "utc.duckdb", "load", "--interactions", "i.csv")
    run("--store", "sh.duckdb", "load", "--interactions", "i.csv", "--timezone", "Asia/Shanghai")
    days = [
        int(guanxi.open(tmp_path / name).snapshot().interactions.day[0])
        for name in ("utc.duckdb", "sh.duckdb")
    ]
    assert days[0] - days[1] == 1


def test_kinds_that_are_not_known_are_said(run: Run, tmp_path: Path) -> None:
    (tmp_path / "i.csv").write_text("actor,target,kind\na,b,打赏\na,b,like\n")
    assert "does not know the kinds 打赏." in run("load", "--interactions", "i.csv").err
    (tmp_path / "guanxi.toml").write_text('[kinds]\n"打赏" = "actor"\n')
    told = run("load", "--interactions", "i.csv", "--again").err
    assert "does not know" not in told


@pytest.mark.parametrize("header", ["粉丝号,博主号", "fan_account,blogger_account"])
def test_a_header_that_is_not_known_is_no_row(run: Run, tmp_path: Path, header: str) -> None:
    rows = "".join(f"weibo:{i},weibo:{i + 1}\n" for i in range(20))
    (tmp_path / "f.csv").write_text(f"{header}\n{rows}")
    done = run("load", "--follows", "f.csv")
    assert done.code == 1
    assert "looks like the names of the columns" in done.err
    actor, target = header.split(",")
    named = run(
        "load", "--columns", f"actor={actor},target={target}", "--follows", "f.csv", "-f", "json"
    )
    assert named.json()["rows"][0]["rows"] == 20
    assert run("load", "--follows", "f.csv", "--no-header").code == 0


def test_undirected_takes_rows_both_ways(run: Run, tmp_path: Path) -> None:
    (tmp_path / "friends.txt").write_text("a b\nb c\n")
    run("load", "--follows", "friends.txt", "--undirected")
    assert run("status", "-f", "json").json()["rows"][0]["follows"] == 4


def test_arrays_are_rejected_as_ids_in_files_and_lists(run: Run, tmp_path: Path) -> None:
    (tmp_path / "f.jsonl").write_text('{"actor": "a", "target": ["b", "c"]}\n' * 2)
    refused = run("load", "--follows", "f.jsonl")
    assert refused.code == 1
    assert "an array or object, not a single value: 2" in refused.err
    (tmp_path / "g.jsonl").write_text('{"actor": "a", "target": "b"}\n')
    assert run("load", "--follows", "g.jsonl", "-q").code == 0
    (tmp_path / "x.jsonl").write_text('{"id": "a"}\n{"id": ["b"]}\n')
    done = run("seeds", "-k", "1", "--exclude", "x.jsonl")
    assert "x.jsonl, line 2: an array or object, not a single value." in done.err


def test_places_of_columns_below_a_header_that_is_not_known(run: Run, tmp_path: Path) -> None:
    rows = "".join(f"weibo:{i},weibo:{i + 1}\n" for i in range(20))
    (tmp_path / "f.csv").write_text(f"粉丝号,博主号\n{rows}")
    done = run("load", "--columns", "actor=1,target=2", "--follows", "f.csv", "-f", "json")
    assert done.json()["rows"][0]["accepted"] == 20
    assert "was taken for the names of the columns" in done.err


def test_a_sheet_is_chosen(run: Run, tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "f.xlsx") as book:
        for title, rows in (("May", 1), ("June", 3)):
            sheet = book.add_worksheet(title)
            sheet.write_row(0, 0, ["source", "target"])
            for row in range(rows):
                sheet.write_row(row + 1, 0, [title, f"{title}{row}"])
    first = run("load", "--follows", "f.xlsx", "-f", "json")
    assert first.json()["rows"][0]["rows"] == 1
    assert "Only the first sheet, May, was read; --sheet takes another (June)." in first.err
    june = run("load", "--follows", "f.xlsx", "--sheet", "June", "-f", "json").json()
    assert june["rows"][0]["added"] == 3
    assert "has no sheet 'July'" in run("load", "--follows", "f.xlsx", "--sheet", "July").err


def test_what_is_said_of_a_file_stays_short(run: Run, tmp_path: Path) -> None:
    names = [f"c{i}" for i in range(300)]
    (tmp_path / "a.csv").write_text(f"id,{','.join(names)}\na{',1' * 300}\n")
    told = run("load", "--accounts", "a.csv", "--check").err
    assert "c17, c18 and 281 more" in told
    assert len(told) < 400


def test_a_load_of_nothing_says_so(run: Run, tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("source,target\n,b\n")
    done = run("load", "--follows", "f.csv", "--max-rejects", "100%")
    assert done.code == 0
    assert "guanxi.duckdb: nothing was loaded, as no row was accepted." in done.err
    assert "Next: guanxi analyze" not in done.err


def test_a_load_of_nothing_catches_up_and_says_so(run: Run, small_store: Path) -> None:
    done = run("--store", small_store, "load")
    assert (done.code, done.out) == (0, "")
    assert "no files were named" in done.err
