"""What uploads leave in their folder: complete ones and nothing else."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from guanxi.api.uploads import Uploads
from guanxi.errors import UsageError
from guanxi.graph.file_lock import FileLock
from tests.api.conftest import Api
from tests.threads import in_own_thread


@pytest.fixture
def uploads(api: Api) -> Uploads:
    return api.service.uploads


def names(uploads: Uploads) -> list[str]:
    return sorted(place.name for place in uploads.folder.iterdir())


def abandoned(uploads: Uploads, id: str, *, locked_once: bool = True) -> Path:
    """The folder of an upload whose server was killed."""
    place = uploads.folder / id
    place.mkdir(parents=True)
    (place / "follows.csv").write_text("a,b\n")
    if locked_once:
        (place / ".arrives").touch()
    return place


async def parts(*contents: bytes) -> AsyncIterator[bytes]:
    for content in contents:
        yield content


@in_own_thread
def test_what_arrives_stays_and_what_was_left_goes(uploads: Uploads) -> None:
    async def several() -> str:
        complete = await uploads.take("a.csv", parts(b"a\n"), "local")
        left = {abandoned(uploads, "0" * 16).name}
        left.add(abandoned(uploads, "1" * 16, locked_once=False).name)
        seen = []

        async def slow() -> AsyncIterator[bytes]:
            yield b"b\n"
            uploads.clear_abandoned()
            seen.append(set(names(uploads)))
            yield b"c\n"

        arrived = await uploads.take("b.csv", slow(), "local")
        assert seen == [{complete["id"], arrived["id"]}]
        assert left.isdisjoint(names(uploads))
        return str(arrived["id"])

    arrived = asyncio.run(several())
    assert uploads.path(arrived).read_bytes() == b"b\nc\n"
    assert os.listdir(uploads.folder / arrived) == ["b.csv"]


@in_own_thread
def test_an_upload_that_breaks_off_leaves_nothing(uploads: Uploads) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"a"
        raise RuntimeError("cut")

    with pytest.raises(RuntimeError, match="cut"):
        asyncio.run(uploads.take("a.csv", broken(), "local"))
    with pytest.raises(UsageError):
        asyncio.run(uploads.take("a.csv", parts(), "local"))
    assert names(uploads) == []


def test_while_a_server_runs_only_what_is_old_enough_to_be_locked_goes(uploads: Uploads) -> None:
    new, old = abandoned(uploads, "0" * 16), abandoned(uploads, "1" * 16)
    long_ago = time.time() - 3600
    os.utime(old, (long_ago, long_ago))
    uploads.clear(before=0.0, needed=set())
    assert names(uploads) == [new.name]


@in_own_thread
def test_no_file_is_removed_while_it_is_open(
    uploads: Uploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Windows refuses it.
    removed = []

    def unlink(path: Path, missing_ok: bool = False) -> None:
        removed.append(FileLock(path).acquire())
        os.unlink(path)

    monkeypatch.setattr(Path, "unlink", unlink)
    arrived = asyncio.run(uploads.take("a.csv", parts(b"a\n"), "local"))
    assert removed == [True]
    assert os.listdir(uploads.folder / arrived["id"]) == ["a.csv"]
