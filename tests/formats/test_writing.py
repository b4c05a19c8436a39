"""Where results are written: paths, standard output, open files, and what goes wrong."""

from __future__ import annotations

import errno
import io
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from guanxi.errors import GuanxiError, ResourceError, UsageError
from guanxi.formats import targets
from guanxi.results import FORMATS, Result

RESULT = Result({"rank": [1], "id": ["关系"]}, {"seed": 7})


@pytest.mark.parametrize("format", FORMATS)
def test_the_ending_says_the_format(tmp_path: Path, format: str) -> None:
    RESULT.write(tmp_path / f"by_ending.{format.upper()}")
    RESULT.write(tmp_path / "named", format)
    head = {"parquet": b"PAR1", "xlsx": b"PK", "json": b'{"meta"', "jsonl": b'{"rank"'}
    expected = head.get(format, b"rank,id\n")
    for path in tmp_path.iterdir():
        assert path.read_bytes().startswith(expected)
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("format", FORMATS)
def test_standard_output_and_open_files(tmp_path: Path, format: str) -> None:
    code = (
        "import sys; from guanxi.results import Result\n"
        "Result({'rank': [1], 'id': ['关系']}, {'seed': 7}).write('-', sys.argv[1])"
    )
    environ = {**os.environ, "PYTHONIOENCODING": "ascii"}  # the bytes are UTF-8 all the same
    printed = subprocess.run(
        [sys.executable, "-c", code, format], capture_output=True, check=True, env=environ
    ).stdout
    buffer = io.BytesIO()
    RESULT.write(buffer, format)
    RESULT.write(tmp_path / "file", format)
    if format != "xlsx":  # which holds the time at which it was made
        assert printed == buffer.getvalue() == (tmp_path / "file").read_bytes()
    assert printed[:2] == buffer.getvalue()[:2]


def test_an_open_text_file() -> None:
    file = io.StringIO()
    RESULT.write(file, "csv")
    assert file.getvalue() == "rank,id\n1,关系\n"
    with pytest.raises(UsageError, match="binary"):
        RESULT.write(file, "parquet")


def test_no_binary_format_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.BytesIO):
        def isatty(self) -> bool:
            return True

    with pytest.raises(UsageError, match="-o"):
        RESULT.write(Terminal(), "xlsx")


@pytest.mark.parametrize(
    ("target", "format", "excel", "said"),
    [
        ("result.txt", None, False, "result.txt"),
        ("-", None, False, "--format"),
        ("result.csv", "html", False, "no format 'html'"),
        ("result.json", None, True, "--excel goes with the format csv"),
    ],
)
def test_formats_that_are_not(
    tmp_path: Path, target: str, format: str | None, excel: bool, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        RESULT.write(target if target == "-" else tmp_path / target, format, excel)


@pytest.mark.parametrize("format", FORMATS)
def test_a_missing_folder_and_a_folder_in_the_way(tmp_path: Path, format: str) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        RESULT.write(tmp_path / "nowhere" / "file", format)
    with pytest.raises(UsageError, match="is a folder"):
        RESULT.write(tmp_path, format)
    (tmp_path / "plain").touch()
    with pytest.raises(UsageError, match="does not exist"):
        RESULT.write(tmp_path / "plain" / "file", format)


@pytest.mark.parametrize(
    ("code", "kind", "said"),
    [
        (errno.ENOSPC, ResourceError, "no room left"),
        (errno.EACCES, UsageError, "no permission"),
        (errno.EROFS, UsageError, "no permission"),
        (errno.EIO, GuanxiError, "Input/output error"),
    ],
)
def test_what_the_system_refuses_is_said_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, kind: type[Exception], said: str
) -> None:
    path = tmp_path / "file.csv"
    path.write_text("before")

    def refuse(*args: Any) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(targets.os, "fsync", refuse)
    with pytest.raises(kind, match=said):
        RESULT.write(path)
    assert [found.name for found in tmp_path.iterdir()] == ["file.csv"]
    assert path.read_text() == "before"


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("before")

    class Broken(list[Any]):
        def __getitem__(self, key: Any) -> Any:
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        Result({"id": Broken(["a"])}).write(path)
    assert path.read_text() == "before"
    assert len(list(tmp_path.iterdir())) == 1


def test_modes_of_files(tmp_path: Path) -> None:
    old, new = tmp_path / "old.csv", tmp_path / "new.csv"
    old.touch()
    old.chmod(0o640)
    umask = os.umask(0o027)
    try:
        RESULT.write(old)
        RESULT.write(new)
    finally:
        os.umask(umask)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (old, new)] == [0o640, 0o640]
    old.chmod(0o604)
    RESULT.write(old)
    assert stat.S_IMODE(old.stat().st_mode) == 0o604


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "file.csv").write_text("before")
    link = tmp_path / "link.csv"
    link.symlink_to(tmp_path / "real" / "file.csv")
    RESULT.write(link)
    assert link.is_symlink()
    assert (tmp_path / "real" / "file.csv").read_text() == "rank,id\n1,关系\n"


@pytest.mark.parametrize("format", FORMATS)
def test_a_device_is_written_to_and_not_replaced(format: str) -> None:
    RESULT.write("/dev/null", format)
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("format", FORMATS)
def test_a_full_disk(format: str) -> None:
    large = Result({"id": [f"{number * 7919 % 100_003}:x" for number in range(30_000)]})
    with pytest.raises(ResourceError, match="no room left"):
        large.write("/dev/full", format)
