"""Whole files: what is shown, what is named, and what goes wrong."""

import csv
import gzip
import io
import os
import stat
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guanxi.errors import GuanxiError, InputError, TooManyRejectsError, UsageError
from guanxi.formats.excel_guard import guard
from guanxi.graph.arrays import NO_TIME
from guanxi.graph.readers.raw import SourceOptions
from guanxi.graph.readers.stage import StageOptions, stage_file
from guanxi.graph.schema import LoadSummary, Role, StagedFile, StagedFollows, StagedInteractions

Stage = Callable[..., Any]


def write(folder: Path, text: str, name: str = "rows.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_text(text, encoding=encoding, newline="")
    return path


def test_a_file_from_disk(tmp_path: Path) -> None:
    path = write(tmp_path, "# made today\nfollower,followee,since\nb,a,2024-01-01\nb,a\na,c,\n")
    seen: list[LoadSummary] = []
    done: list[tuple[int, int]] = []
    staged = stage_file(
        path,
        Role.FOLLOWS,
        StageOptions(),
        progress=lambda *now: done.append(now),
        recognised=seen.append,
    )
    assert isinstance(staged, StagedFollows)
    assert staged.ids.to_strings() == ["a", "b", "c"]
    assert staged.actor.tolist() == [0, 1]
    summary = staged.summary
    assert (summary.rows, summary.accepted, summary.rejected) == (3, 2, 1)
    assert summary.columns == {"actor": "follower", "target": "followee", "since": "since"}
    assert summary.recognised["format"] == "csv"
    assert summary.examples[0][0] == 4
    assert seen == [summary]
    size = path.stat().st_size
    assert done[-1] == (size, size)


def test_what_was_recognised_is_told_before_a_row_is_read(stage: Stage, tmp_path: Path) -> None:
    def look(summary: LoadSummary) -> None:
        assert summary.rows == 0
        assert summary.columns == {"actor": "src", "target": "dst"}
        assert summary.unused == ["colour"]
        raise KeyboardInterrupt

    path = write(tmp_path, "src,dst,colour\na,b,red\n")
    with pytest.raises(KeyboardInterrupt):
        stage_file(path, Role.FOLLOWS, StageOptions(), recognised=look)


def test_rejected_rows_land_in_a_private_file(tmp_path: Path) -> None:
    path = write(tmp_path, "source,target\na,b\n,b\na,\n")
    folder = tmp_path / "rejects"
    folder.mkdir()
    staged = stage_file(path, Role.FOLLOWS, StageOptions(rejects_folder=folder))
    (found,) = folder.iterdir()
    assert staged.summary.rejects_path == str(found)
    assert found.name.startswith("rows.csv-")
    assert stat.S_IMODE(found.stat().st_mode) == 0o600
    with found.open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file))[1:] == [
            [str(path), "3", "source", "empty id", ""],
            [str(path), "4", "target", "empty id", ""],
        ]
    # The store may refuse rows as well.
    staged.rejects.add(2, "event_id", "differs", "e")
    assert staged.rejects.publish() == str(found)
    assert len(found.read_text().splitlines()) == 4


def test_the_rejects_of_a_refused_file_stay(tmp_path: Path) -> None:
    path = write(tmp_path, "source,target\n" + ",b\n" * 20)
    with pytest.raises(TooManyRejectsError, match=f"They are in {tmp_path}/rows.csv-"):
        stage_file(path, Role.FOLLOWS, StageOptions(rejects_folder=tmp_path))
    (found,) = tmp_path.glob("*.rejects.csv")
    assert len(found.read_text().splitlines()) == 21


def test_an_interrupted_read_leaves_no_file_behind(tmp_path: Path) -> None:
    path = write(tmp_path, "source,target\na,b\n,b\n")

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stage_file(path, Role.FOLLOWS, StageOptions(rejects_folder=tmp_path), progress=stop)
    assert list(tmp_path.iterdir()) == [path]


def test_files_for_excel_come_back(tmp_path: Path) -> None:
    ids = ["=1+1", "007", "123456789012345678", "'quoted", "plain", "1e5", "3-4"]
    out = io.StringIO()
    csv.writer(out).writerows([("id", "name"), *((guard(text), guard(text)) for text in ids)])
    marked = write(tmp_path, out.getvalue(), encoding="utf-8-sig")
    staged = stage_file(marked, Role.ACCOUNTS, StageOptions())
    assert staged.ids.to_strings() == sorted(ids)
    unmarked = write(tmp_path, out.getvalue(), name="unmarked.csv")
    staged = stage_file(unmarked, Role.ACCOUNTS, StageOptions())
    assert staged.ids.to_strings() == sorted(ids)


def test_the_load_is_named_by_content_and_meaning(tmp_path: Path) -> None:
    text = "actor,target,time,kind\na,b,2024-01-01,like\n"
    path = write(tmp_path, text)
    elsewhere = tmp_path / "copy.csv.gz"
    elsewhere.write_bytes(gzip.compress(text.encode()))

    def name(path: Path = path, role: Role = Role.INTERACTIONS, **options: Any) -> str:
        return stage_file(path, role, StageOptions(**options)).name

    usual = name()
    assert usual == name(elsewhere)
    assert usual == name(max_rejects="5", now=2 * 10**18)
    assert usual == name(columns="actor,target,time,kind")
    assert usual == name(source=SourceOptions(header=True, encoding="utf-8"))
    others = [
        name(role=Role.FOLLOWS),
        name(kind="gift"),
        name(timezone="Asia/Shanghai"),
        name(undirected=True),
        name(columns="actor=target,target=actor"),
        name(columns="_=time"),
        name(write(tmp_path, text + "a,c,2024-01-01,like\n", name="longer.csv")),
    ]
    assert len({usual, *others}) == 1 + len(others)
    # The time zone means nothing where there are no times.
    columns = "_=time"
    assert name(columns=columns) == name(columns=columns, timezone="Asia/Shanghai")


def test_skipped_lines_change_the_name(tmp_path: Path) -> None:
    path = write(tmp_path, "3 2\n1 2\n2 3\n", name="g.txt")
    every = stage_file(path, Role.FOLLOWS, StageOptions())
    some = stage_file(path, Role.FOLLOWS, StageOptions(source=SourceOptions(skip_lines=1)))
    assert (len(every.ids), every.summary.rows) == (3, 3)
    assert some.summary.rows == 2
    assert every.name != some.name


def test_a_header_that_is_not_known_is_not_taken_for_data(tmp_path: Path) -> None:
    path = write(tmp_path, "uid_a,uid_b\n1,2\n2,3\n3,1\n")
    with pytest.raises(InputError, match=r"first row of .* \(uid_a, uid_b\) looks like the names"):
        stage_file(path, Role.FOLLOWS, StageOptions())
    data = stage_file(path, Role.FOLLOWS, StageOptions(source=SourceOptions(header=False)))
    assert data.summary.rows == 4
    named = stage_file(path, Role.FOLLOWS, StageOptions(columns="actor=uid_a,target=uid_b"))
    assert named.summary.rows == 3
    told = SourceOptions(header=True)
    named = stage_file(path, Role.FOLLOWS, StageOptions(columns="actor,target", source=told))
    assert named.summary.rows == 3


def test_a_header_alone_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no rows"):
        stage_file(write(tmp_path, "source,target\n"), Role.FOLLOWS, StageOptions())


def test_wrong_options_are_refused_before_the_rows_are_read(tmp_path: Path) -> None:
    path = write(tmp_path, "source,target\n,\n")
    for options in ({"timezone": "X"}, {"max_rejects": "x"}, {"columns": "x=y"}):
        with pytest.raises(UsageError):
            stage_file(path, Role.FOLLOWS, StageOptions(**options))


def test_every_format_stages_the_same(tmp_path: Path) -> None:
    rows = [("007", "关系", "like", "2024-01-01"), ("a", "007", "1e5", "")]
    texts = {
        "r.csv": "actor,target,kind,time\n" + "".join(",".join(row) + "\n" for row in rows),
        "r.tsv": "actor\ttarget\tkind\ttime\r\n" + "".join("\t".join(r) + "\r\n" for r in rows),
        "r.jsonl": '{"actor": "007", "target": "\\u5173系", "kind": "like", "time": "2024-01-01"}\n'
        '{"actor": "a", "target": "007", "kind": 1e5}\n',
    }
    paths = [write(tmp_path, text, name) for name, text in texts.items()]
    paths.append(write(tmp_path, texts["r.csv"], "gb.csv", encoding="gb18030"))
    paths += [tmp_path / "r.parquet", tmp_path / "r.xlsx"]
    names = "actor varchar, target varchar, kind varchar, time date"
    with duckdb.connect() as connection:
        connection.execute(f"create table r ({names})")
        connection.executemany("insert into r values (?, ?, ?, nullif(?, '')::date)", rows)
        connection.execute(f"copy r to '{paths[-2]}'")
    with xlsxwriter.Workbook(paths[-1]) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([("actor", "target", "kind", "time"), *rows]):
            for column, text in enumerate(row):
                sheet.write_string(number, column, text)
    for path in paths:
        staged = stage_file(path, Role.INTERACTIONS, StageOptions())
        assert isinstance(staged, StagedInteractions)
        assert staged.ids.to_strings() == ["007", "a", "关系"]
        assert staged.kinds == ["1e5", "like"]
        assert staged.actor.tolist() == [0, 1]
        assert staged.target.tolist() == [2, 0]
        assert staged.first_at.tolist() == [1704067200000000, NO_TIME]


@pytest.mark.parametrize("role", list(Role))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    text=st.text(st.sampled_from("ab1,,\n\r\"'\t =#-é\x00\ufeff关"), max_size=60),
    header=st.sampled_from(
        ["", "id,name,x\n", "source,target,since\n", "actor,target,kind,count\n"]
    ),
    undirected=st.booleans(),
)
def test_nasty_files_end_as_rows_or_as_an_error_of_ours(
    tmp_path: Path, role: Role, text: str, header: str, undirected: bool
) -> None:
    path = write(tmp_path, header + text)
    options = StageOptions(max_rejects="100%", kind="x", undirected=undirected)
    with suppress(GuanxiError):
        check(stage_file(path, role, options))


def check(staged: StagedFile) -> None:
    summary = staged.summary
    assert summary.rows == summary.accepted + summary.rejected
    assert summary.duplicates + summary.self_loops <= summary.accepted
    assert sum(summary.reject_reasons.values()) == summary.rejected
    names = staged.ids.to_strings()
    assert names == sorted(set(names), key=str.encode)
    assert all(name.strip(" \t") == name and 0 < len(name.encode()) <= 256 for name in names)


def test_a_pipe_is_spooled_into_the_folder_asked_for(tmp_path: Path) -> None:
    pipe, spool = tmp_path / "pipe", tmp_path / "spool"
    os.mkfifo(pipe)
    spool.mkdir()
    writer = threading.Thread(target=pipe.write_text, args=["source,target\na,b\n"])
    writer.start()
    seen: list[int] = []
    staged = stage_file(
        pipe,
        Role.FOLLOWS,
        StageOptions(spool_folder=spool),
        recognised=lambda summary: seen.append(len(list(spool.iterdir()))),
    )
    writer.join()
    assert seen == [1]
    assert list(spool.iterdir()) == []
    assert staged.ids.to_strings() == ["a", "b"]


@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_arrays_and_objects_are_no_ids_and_no_values(tmp_path: Path, ending: str) -> None:
    lines = [
        '{"id": "a", "name": "A", "tags": ["x", "y"]}',
        '{"id": "b", "name": null, "tags": []}',
    ]
    nested = ['{"id": ["c"], "name": "C"}', '{"id": "d", "name": {"first": "D"}}']
    path = write(tmp_path, "\n".join(lines + nested if ending == "jsonl" else lines), "a.jsonl")
    if ending == "parquet":
        path = tmp_path / "a.parquet"
        with duckdb.connect() as connection:
            connection.execute(
                "copy (select 'a' as id, 'A' as name, ['x', 'y'] as tags union all "
                f"select 'b', null, []) to '{path}'"
            )
    staged = stage_file(path, Role.ACCOUNTS, StageOptions(max_rejects="100%"))
    assert staged.ids.to_strings() == ["a", "b"]
    tags = next(column for column in staged.columns if column.name == "tags")
    assert [text.replace(" ", "") for text in tags.values.to_strings()] == ['["x","y"]', "[]"]
    assert [(line, field, reason) for line, field, reason, _ in staged.summary.examples] == [
        (3, "id", "an array or object, not a single value"),
        (4, "name", "an array or object, not a single value"),
    ][: 2 * (ending == "jsonl")]


def test_a_nested_parquet_column_is_no_id(tmp_path: Path) -> None:
    path = tmp_path / "f.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select {{'id': i}} as actor, 't' || i as target from range(4) r(i)) to '{path}'"
        )
    with pytest.raises(TooManyRejectsError, match=r"an array or object, not a single value: 4"):
        stage_file(path, Role.FOLLOWS, StageOptions())


@pytest.mark.parametrize("columns", ["actor=1,target=2", "actor,target"])
@pytest.mark.parametrize("head", ["uid_a,uid_b,x", "粉丝号,博主号,x"])
def test_places_say_what_the_columns_of_an_unknown_header_are(
    tmp_path: Path, columns: str, head: str
) -> None:
    ids = "".join(f"{i},{i + 1},z\n" for i in range(4))
    path = write(tmp_path, f"{head}\n{ids}")
    staged = stage_file(path, Role.FOLLOWS, StageOptions(columns=columns))
    assert staged.summary.rows == 4
    assert staged.summary.columns == dict(zip(("actor", "target"), head.split(","), strict=False))
    assert "taken for the names of the columns; --no-header" in staged.summary.warnings[0]
    told = StageOptions(columns=columns, source=SourceOptions(header=True))
    assert stage_file(path, Role.FOLLOWS, told).name == staged.name
    data = StageOptions(columns=columns, source=SourceOptions(header=False))
    assert stage_file(path, Role.FOLLOWS, data).summary.rows == 5
    bare = stage_file(write(tmp_path, ids), Role.FOLLOWS, StageOptions(columns=columns)).summary
    assert (bare.rows, bare.warnings) == (4, [])


def test_the_question_about_an_unknown_header_names_both_ways(tmp_path: Path) -> None:
    path = write(tmp_path, "no,alias\n1,2\n2,3\n3,1\n")
    with pytest.raises(InputError, match=r"--columns id=no or by their places, --columns id=1;"):
        stage_file(path, Role.ACCOUNTS, StageOptions())


def test_another_sheet_is_another_load_and_the_first_is_told(tmp_path: Path) -> None:
    path = tmp_path / "f.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for title in ("May", "June"):
            book.add_worksheet(title).write_row(0, 0, ["source", "target"])
            book.get_worksheet_by_name(title).write_row(1, 0, [title, "b"])
    first = stage_file(path, Role.FOLLOWS, StageOptions())
    assert first.summary.warnings == [
        "Only the first sheet, May, was read; --sheet takes another (June)."
    ]
    named = [
        stage_file(path, Role.FOLLOWS, StageOptions(source=SourceOptions(sheet=sheet)))
        for sheet in ("May", "June")
    ]
    assert [staged.ids.to_strings() for staged in named] == [["May", "b"], ["June", "b"]]
    assert first.name == named[0].name != named[1].name
    assert named[0].summary.warnings == []


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("f.csv", "\n\n\n", "has no rows, or no field in them"),
        ("f.jsonl", "{}\n{}\n", "has no rows, or no field in them"),
        ("f.jsonl", '{"source": NaN}\n' * 3, r"fails at line 1 \(broken JSON\)"),
        ("f.jsonl", "[1]\n" * 3, "is one JSON array"),
        ("f.csv", "id" + ",c" * 5000 + "\n", "line 1: more than 4,096 columns"),
    ],
)
def test_files_without_a_single_row_say_why(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        stage_file(write(tmp_path, text, name), Role.ACCOUNTS, StageOptions())
