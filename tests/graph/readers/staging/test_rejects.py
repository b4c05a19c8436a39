import csv
import stat
from pathlib import Path

import pytest

from guanxi.errors import InputError, TooManyRejectsError, UsageError
from guanxi.graph.readers.raw import Reject
from guanxi.graph.readers.rejects import COLUMNS, RejectsFile, refuse_too_many, reject_limit
from guanxi.graph.schema import LoadSummary, Role


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_rows_are_written_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "follows.rejects.csv"
    rejects = RejectsFile(path, "follows.csv")
    rejects.add(7, "target", "empty id", "")
    rejects.extend([Reject(9, "since", "not a time", 'so, "soon"\n关')])
    assert not path.exists()
    assert rejects.publish() == str(path)
    assert rows_of(path) == [
        list(COLUMNS),
        ["follows.csv", "7", "target", "empty id", ""],
        ["follows.csv", "9", "since", "not a time", 'so, "soon"\n关'],
    ]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]
    assert rejects.counts == {"empty id": 1, "not a time": 1}
    assert rejects.total == 2


def test_rows_can_be_added_after_publishing(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    rejects = RejectsFile(path, "f")
    for line in (1, 2):
        rejects.add(line, "a", "empty id", "")
        rejects.publish()
        assert [row[1] for row in rows_of(path)[1:]] == [str(n + 1) for n in range(line)]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_nothing_rejected_leaves_no_file(tmp_path: Path) -> None:
    assert RejectsFile(tmp_path / "r.csv", "f").publish() is None
    unwritten = RejectsFile(None, "f")
    unwritten.add(1, "a", "empty id", "x" * 999)
    assert unwritten.publish() is None
    assert unwritten.total == 1
    assert len(unwritten.examples[0][3]) == 200
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_published_can_be_discarded(tmp_path: Path) -> None:
    rejects = RejectsFile(tmp_path / "r.csv", "f")
    rejects.add(1, "a", "empty id", "")
    rejects.discard()
    assert list(tmp_path.iterdir()) == []


def test_only_the_first_rows_are_examples() -> None:
    rejects = RejectsFile(None, "f")
    for line in range(100):
        rejects.add(line, "a", "empty id", "")
    assert [line for line, *_ in rejects.examples] == list(range(10))


def test_a_folder_that_is_not_there_is_made(tmp_path: Path) -> None:
    rejects = RejectsFile(tmp_path / "a" / "b" / "r.csv", "f")
    rejects.add(1, "a", "empty id", "")
    rejects.publish()
    assert len(rows_of(tmp_path / "a" / "b" / "r.csv")) == 2


def test_a_folder_that_cannot_be_written_to_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    rejects = RejectsFile(tmp_path / "file" / "r.csv", "f")
    with pytest.raises(InputError, match=r"cannot be written: (Not a directory|File exists)"):
        rejects.add(1, "a", "empty id", "")


@pytest.mark.parametrize(
    ("text", "rows", "rejected", "exceeded"),
    [
        (None, 999, 998, False),
        (None, 999, 999, True),
        (None, 0, 0, False),
        (None, 1000, 10, False),
        (None, 1000, 11, True),
        ("5", 10, 5, False),
        ("5", 10**9, 6, True),
        ("0", 10, 1, True),
        ("0", 10, 0, False),
        ("50%", 10, 5, False),
        ("50 %", 10, 6, True),
        ("0.5%", 1000, 5, False),
        ("0.5%", 1000, 6, True),
        ("100%", 10, 10, False),
    ],
)
def test_limits(text: str | None, rows: int, rejected: int, exceeded: bool) -> None:
    assert reject_limit(text).exceeded(rows, rejected) is exceeded


@pytest.mark.parametrize(
    ("text", "rows", "rejected", "left", "certain"),
    [
        ("5", 6, 6, None, True),
        ("5", 6, 5, 0, False),
        (None, 999, 999, 0, False),
        (None, 1000, 1000, 99_000, False),
        (None, 1000, 1000, 98_999, True),
        (None, 1000, 1000, None, False),
        ("50%", 10, 10, 9, True),
        ("50%", 10, 10, 10, False),
        ("100%", 10, 10, 0, False),
    ],
)
def test_what_no_further_row_can_mend(
    text: str | None, rows: int, rejected: int, left: int | None, certain: bool
) -> None:
    assert reject_limit(text).certain(rows, rejected, left) is certain


@pytest.mark.parametrize("text", ["", "%", "many", "-1", "-1%", "101%", "1/0%", "1.5", "１"])
def test_limits_that_are_none(text: str) -> None:
    with pytest.raises(UsageError, match="--max-rejects takes a count"):
        reject_limit(text)


def test_too_many_rejects_are_named_by_reason() -> None:
    summary = LoadSummary("f.csv", Role.FOLLOWS, rows=2000, rejected=30)
    summary.reject_reasons = {"empty id": 10, "not a time": 20}
    summary.examples = [(2, "since", "not a time", "soon")]
    with pytest.raises(TooManyRejectsError) as error:
        refuse_too_many(reject_limit(None), summary)
    assert "30 of 2,000 rows were rejected (not a time: 20, empty id: 10)" in str(error.value)
    assert "line 2, since: 'soon'" in str(error.value)
    summary.rejects_path = "/x/f.rejects.csv"
    with pytest.raises(TooManyRejectsError, match=r"They are in /x/f\.rejects\.csv"):
        refuse_too_many(reject_limit(None), summary)
