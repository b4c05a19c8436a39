import io
import os
import stat
import threading

import pytest

from guanxi.errors import InputError, ResourceError
from guanxi.graph.readers.files import InputFile, expand_paths


def test_globs_stand_for_files_by_name_and_come_once(tmp_path):
    for name in ("b.csv", "a.csv", "c.txt", "d[1].csv"):
        (tmp_path / name).write_text("x")
    (tmp_path / "folder.csv").mkdir()
    named = [str(tmp_path / "d[1].csv"), str(tmp_path / "*.csv"), "-", "gone.csv"]
    expected = [tmp_path / "d[1].csv", tmp_path / "a.csv", tmp_path / "b.csv", "-", "gone.csv"]
    assert expand_paths(named) == [str(path) for path in expected]


def test_a_glob_that_matches_nothing_is_an_error(tmp_path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError, match="matches no file"):
        expand_paths([str(tmp_path / "*.csv")])
    with pytest.raises(InputError, match="matches only folders"):
        expand_paths([str(tmp_path / "*")])


def test_what_is_no_file_is_named(tmp_path):
    (tmp_path / "empty").touch()
    for path, said in [
        (tmp_path / "gone", "does not exist"),
        (tmp_path, "is a folder"),
        (tmp_path / "empty", "is empty"),
        ("/dev/null", "is a device"),
        ("a\0b", "is no path"),
        (tmp_path / "empty" / "x", "could not be read: Not a directory"),
    ]:
        with pytest.raises(InputError, match=said):
            InputFile(path)


def test_a_file_without_permission_is_named(tmp_path, monkeypatch):
    path = tmp_path / "secret"
    path.write_text("x")

    def refuse(*_args, **_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(InputError, match="permission denied"):
        InputFile(path)


@pytest.mark.parametrize("change", ["grow", "rewrite", "replace"])
def test_a_file_that_changes_is_noticed(tmp_path, change):
    path = tmp_path / "f"
    path.write_text("a,b\n")
    file = InputFile(path)
    with file.open() as raw:
        file.check_unchanged(raw)
    if change == "grow":
        path.write_text("a,b\nc,d\n")
    elif change == "rewrite":
        os.utime(path, ns=(1, 1))
    else:
        (tmp_path / "g").write_text("a,b\n")
        os.replace(tmp_path / "g", path)
    with pytest.raises(InputError, match="changed while it was read"), file.open():
        pass


def test_standard_input_is_spooled_in_private_and_deleted(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"a,b\n")))
    file = InputFile("-", tmp_path)
    (spool,) = tmp_path.iterdir()
    assert stat.S_IMODE(spool.stat().st_mode) == 0o600
    assert (file.name, file.size) == ("standard input", 4)
    for _ in range(2):
        with file.open() as raw:
            assert raw.read() == b"a,b\n"
    file.close()
    assert list(tmp_path.iterdir()) == []


def test_empty_standard_input_is_an_error_and_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"")))
    with pytest.raises(InputError, match="standard input is empty"):
        InputFile("-", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_spool_folder_that_cannot_be_written_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"a")))
    with pytest.raises(ResourceError, match="could not be copied to"):
        InputFile("-", tmp_path / "gone")


def test_a_pipe_is_spooled(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(b"a,b\n",))
    writer.start()
    file = InputFile(path, tmp_path)
    writer.join()
    with file.open() as raw:
        assert raw.read() == b"a,b\n"
    file.close()
