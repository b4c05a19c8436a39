"""A small network behind an API, in process; with the dispatcher where jobs shall run."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

import guanxi
from guanxi.api import guard, shortcut
from guanxi.api.app import create_app
from guanxi.api.config import ServeConfig
from guanxi.api.database import Database
from guanxi.api.dispatcher import Dispatcher
from guanxi.api.keys import new_key
from guanxi.api.service import Service
from guanxi.settings import Settings
from tests.verbs.conftest import write_small_network

ADDRESS = "http://127.0.0.1:8000"


@dataclass
class Api:
    """An API in this process, and what a test needs of it."""

    config: ServeConfig
    client: TestClient
    folder: Path
    dispatcher: Dispatcher | None = None

    @property
    def service(self) -> Service:
        service: Service = self.client.app.state.service
        return service

    @property
    def database(self) -> Database:
        return self.service.database

    def key(self, scope: str, **limits: Any) -> dict[str, str]:
        """The header of a new key."""
        _, text = new_key(self.database, scope, **limits)
        return {"Authorization": f"Bearer {text}"}

    def upload(self, name: str, content: bytes | str, **options: Any) -> str:
        """Send a file; the id of the upload."""
        content = content.encode() if isinstance(content, str) else content
        sent = self.client.post("/v1/uploads", params={"name": name}, content=content, **options)
        assert sent.status_code == 201, sent.text
        return str(sent.json()["id"])

    def run(self, verb: str, body: dict[str, Any], **options: Any) -> dict[str, Any]:
        """Ask for a job and wait for its end."""
        asked = self.client.post(f"/v1/{verb}", json=body, **options)
        assert asked.status_code == 202, asked.text
        return self.wait(asked.headers["location"])

    def wait(self, address: str, seconds: float = 60.0) -> dict[str, Any]:
        """The job after its end."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            job: dict[str, Any] = self.client.get(address).json()
            if job["state"] not in ("queued", "running", "cancelling"):
                return job
            time.sleep(0.05)
        raise AssertionError(f"the job did not end: {job}")


Serve = Callable[..., Api]


@pytest.fixture(scope="session")
def made_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small network, loaded and analysed; tests get copies of it."""
    folder = tmp_path_factory.mktemp("made")
    write_small_network(folder)
    network = guanxi.open(folder / "net.duckdb", threads=1)
    network.load(
        accounts=[folder / "accounts.csv"],
        follows=[folder / "follows.csv"],
        interactions=[folder / "interactions.csv"],
    )
    network.analyze()
    network.forget_snapshot()
    return folder


@pytest.fixture
def store(made_store: Path, tmp_path: Path) -> Path:
    """A copy of the small network, with the files that it was loaded from."""
    shutil.copytree(made_store, tmp_path / "data", dirs_exist_ok=True)
    return tmp_path / "data" / "net.duckdb"


@pytest.fixture
def serve(store: Path) -> Iterator[Serve]:
    """Starts an API over the small network (or another store)."""
    with ExitStack() as stack:

        def start(
            *,
            jobs: bool = False,
            path: Path = store,
            settings: Settings | None = None,
            **options: Any,
        ) -> Api:
            config = ServeConfig(settings or Settings(store=str(path), threads=1), **options)
            dispatcher = Dispatcher(config) if jobs else None
            if dispatcher is not None:
                dispatcher.start()
                stack.callback(dispatcher.stop)
            app = create_app(config)
            client = stack.enter_context(TestClient(app, base_url=ADDRESS))
            return Api(config, client, path.parent, dispatcher)

        yield start


@pytest.fixture
def api(serve: Serve) -> Api:
    """An API over the small network, open to this machine; no jobs run."""
    return serve()


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For each request, whether it went the short way."""
    taken: list[bool] = []

    async def noted(*asked: Any) -> Any:
        found = await shortcut.answer_at_once(*asked)
        taken.append(found is not None)
        return found

    monkeypatch.setattr(guard, "answer_at_once", noted)
    return taken
