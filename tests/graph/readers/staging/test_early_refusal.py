"""A file that is plainly wrong is refused before its end, and only where that is certain."""

import gzip
from pathlib import Path

import pytest

from guanxi.errors import TooManyRejectsError
from guanxi.graph.readers import textfile
from guanxi.graph.readers.stage import StageOptions, stage_file
from guanxi.graph.schema import Role


def wrong_file(folder: Path, rows: int, good: int = 0, name: str = "f.csv") -> Path:
    """`rows` rows without an actor, then `good` good ones."""
    bad = ",bbbbbbbbbbbbbbbb\n" if name == "f.csv" else '{"target": "bbbbbbbbbbbbb"}\n'
    head = "source,target\n" if name == "f.csv" else '{"actor": "a", "target": "b"}\n'
    path = folder / name
    path.write_text(head + bad * rows + "a,b\n" * good)
    return path


@pytest.mark.parametrize(
    ("name", "limit", "rows"),
    [("f.csv", None, 9000), ("f.csv", "50%", 9000), ("f.csv", "50", 250), ("f.jsonl", "50", 250)],
)
def test_a_file_that_is_plainly_wrong_is_not_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, limit: str | None, rows: int
) -> None:
    monkeypatch.setattr(textfile, "BLOCK", 400)
    path = wrong_file(tmp_path, rows, name=name)
    options = StageOptions(max_rejects=limit, rejects_folder=tmp_path)
    with pytest.raises(TooManyRejectsError, match=r"[\d,]+ of the first [\d,]+ rows were") as error:
        stage_file(path, Role.FOLLOWS, options)
    (found,) = tmp_path.glob("*.rejects.csv")
    read = int(str(error.value).split(" of the first ")[0].rsplit(" ", 1)[1].replace(",", ""))
    assert len(found.read_text().splitlines()) == read + 1 < rows


def test_a_share_that_may_still_come_right_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(textfile, "BLOCK", 400)
    path = wrong_file(tmp_path, 1000, good=110_000)
    assert stage_file(path, Role.FOLLOWS, StageOptions()).summary.rejected == 1000
    packed = tmp_path / "f.csv.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert stage_file(packed, Role.FOLLOWS, StageOptions()).summary.rejected == 1000
