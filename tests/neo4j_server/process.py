"""A server of our own on 127.0.0.1: start, stop, kill, start again on the same data."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.neo4j_server import supervisor
from tests.neo4j_server.certificate import make_certificate
from tests.neo4j_server.releases import Release
from tests.neo4j_server.server import USER, Server

FIRST_PASSWORD = "neo4j"  # what a new server takes, once
PATIENCE = 300.0  # seconds for a start, on a machine that is busy with others
PORT_TRIES = 3
STARTED = "Started."
PORT_TAKEN = "Address already in use"
JVM = (
    "-XX:+UseSerialGC",
    "-XX:+ExitOnOutOfMemoryError",
    "-Djol.skipHotspotSAAttach=true",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
    "--enable-native-access=ALL-UNNAMED",
    "-Dio.netty.tryReflectionSetAccessible=true",
)
#: Compiles less, and so is up in half the time; what runs for long is slower by it.
QUICK = "-XX:TieredStopAtLevel=1"


@dataclass(frozen=True)
class Installation:
    """A release on disk (`lib/`, `plugins/`), the Java to run it with, and its class archive."""

    release: Release
    folder: Path
    java: Path
    archive: Path | None = None


@dataclass(frozen=True)
class Options:
    """How a server is set up.

    `full_speed`: let Java compile all that it can, for what is measured. `settings`:
    further lines of neo4j.conf. `jvm`: further options of Java.
    """

    password: str | None = None
    gds: bool = False
    tls: bool = False
    full_speed: bool = False
    heap: str = "1g"
    page_cache: str = "256m"
    settings: dict[str, str] = field(default_factory=dict)
    jvm: tuple[str, ...] = ()


class ServerError(Exception):
    """The server did not do what it should; the message ends with what its log says."""


class ServerProcess(Server):
    """A server in a throw-away folder, which a supervising process removes in any case."""

    def __init__(self, installation: Installation, options: Options | None = None) -> None:
        super().__init__()
        self.installation = installation
        self.options = options or Options()
        if self.options.password is not None:
            self.settings["GUANXI_NEO4J_USER"] = USER
            self.settings["GUANXI_NEO4J_PASSWORD"] = self.options.password
        self.port = 0
        self.folder = Path(tempfile.mkdtemp(prefix="guanxi-neo4j-"))
        self._log = self.folder / "console.log"
        self._password_is_set = self.auth is None
        self._supervisor = subprocess.Popen(
            [sys.executable, "-I", supervisor.__file__, str(self.folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    @property
    def uri(self) -> str:
        """Its address."""
        return f"bolt://127.0.0.1:{self.port}"

    @property
    def certificate(self) -> Path:
        """The certificate that a server with `tls` shows, for `localhost` and 127.0.0.1."""
        return self.folder / "certificates" / "public.crt"

    @property
    def is_running(self) -> bool:
        """Whether there is a process."""
        return self._order("state") == "running"

    def start(self) -> Self:
        """Start it, the second time on the same data and port, and wait until it answers."""
        for _ in range(PORT_TRIES):
            self.port = self.port or _free_port()
            seen = self._log.stat().st_size if self._log.exists() else 0
            self._configure()
            self._order("start", str(self._log), *self._command())
            if self._wait_for_start(seen):
                break
            self.port = 0
        else:
            raise ServerError(f"No port could be had. {self._end_of_log()}")
        if not self._password_is_set:
            self._set_password()
        with self.driver() as driver:
            driver.verify_connectivity()
        return self

    def stop(self) -> None:
        """Stop it in good order."""
        self._order("stop")

    def kill(self) -> None:
        """kill -9."""
        self._order("kill")

    def close(self) -> None:
        """End it and remove all that it has written."""
        for pipe in (self._supervisor.stdin, self._supervisor.stdout):
            if pipe is not None:
                pipe.close()
        self._supervisor.wait()

    def admin(self, *arguments: str, cwd: Path | None = None) -> str:
        """Run neo4j-admin; its output. For most of what it does the server must not run."""
        if not self._conf.exists():
            self._configure()
        done = subprocess.run(
            [*self._program("org.neo4j.cli.AdminTool"), *arguments],
            cwd=cwd,
            capture_output=True,
            text=True,
            errors="replace",
            env=os.environ | {"NEO4J_HOME": str(self.folder), "NEO4J_CONF": str(self._conf)},
        )
        if done.returncode != 0:
            raise ServerError(f"neo4j-admin {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def _conf(self) -> Path:
        return self.folder / "conf"

    def _program(self, main: str) -> list[str]:
        libraries = self.installation.folder
        classes = f"{libraries}/lib/*"
        if self.options.gds:
            classes += f":{libraries}/plugins/*"
        options = [f"-Xms{self.options.heap}", f"-Xmx{self.options.heap}", *JVM, *self.options.jvm]
        if not self.options.full_speed:
            options.append(QUICK)
        if self.installation.archive is not None:
            options.append(f"-XX:SharedArchiveFile={self.installation.archive}")
        return [str(self.installation.java), *options, "-cp", classes, main]

    def _command(self) -> list[str]:
        folders = [f"--home-dir={self.folder}", f"--config-dir={self._conf}"]
        return [*self._program(self.installation.release.main), *folders, "--console-mode"]

    def _configure(self) -> None:
        address = f"127.0.0.1:{self.port}"
        settings = {
            "server.bolt.enabled": "true",
            "server.bolt.listen_address": address,
            "server.bolt.advertised_address": address,
            "server.http.enabled": "false",
            "server.https.enabled": "false",
            "dbms.usage_report.enabled": "false",
            "db.tx_log.preallocate": "false",
            "server.memory.pagecache.size": self.options.page_cache,
            "dbms.security.auth_enabled": "true" if self.auth else "false",
            "server.directories.transaction.logs.root": f"{self.folder}/data/transactions",
        }
        for name in ("data", "logs", "run", "import", "plugins", "licenses"):
            (self.folder / name).mkdir(exist_ok=True)
            settings[f"server.directories.{name}"] = str(self.folder / name)
        if self.options.gds:
            settings["server.directories.plugins"] = str(self.installation.folder / "plugins")
            settings["dbms.security.procedures.unrestricted"] = "gds.*"
        if self.options.tls:
            settings |= self._tls()
        settings |= self.options.settings
        self._conf.mkdir(exist_ok=True)
        lines = "".join(f"{name}={value}\n" for name, value in settings.items())
        (self._conf / "neo4j.conf").write_text(lines)

    def _tls(self) -> dict[str, str]:
        make_certificate(self.certificate.parent)
        policy = "dbms.ssl.policy.bolt"
        return {
            "server.bolt.tls_level": "OPTIONAL",
            f"{policy}.enabled": "true",
            f"{policy}.base_directory": str(self.certificate.parent),
            f"{policy}.private_key": "private.key",
            f"{policy}.public_certificate": self.certificate.name,
            f"{policy}.client_auth": "NONE",
        }

    def _wait_for_start(self, seen: int) -> bool:
        """Until the log says so; False where another program has taken the port meanwhile."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with open(self._log, "rb") as log:
                log.seek(seen)
                said = log.read().decode(errors="replace")
            if STARTED in said:
                return True
            state = self._order("state")
            if state != "running":
                if PORT_TAKEN in said:
                    return False
                raise ServerError(
                    f"Neo4j {self.installation.release.version} {state}. {self._end_of_log()}"
                )
            time.sleep(0.1)
        self.kill()
        raise ServerError(f"Neo4j did not start in {PATIENCE:.0f} seconds. {self._end_of_log()}")

    def _set_password(self) -> None:
        with (
            self.driver(auth=(USER, FIRST_PASSWORD)) as driver,
            driver.session(database="system") as session,
        ):
            session.run(
                "ALTER CURRENT USER SET PASSWORD FROM $old TO $new",
                old=FIRST_PASSWORD,
                new=self.options.password,
            ).consume()
        self._password_is_set = True

    def _order(self, *command: str) -> str:
        pipes = self._supervisor
        assert pipes.stdin is not None
        assert pipes.stdout is not None
        pipes.stdin.write(json.dumps(command) + "\n")
        pipes.stdin.flush()
        return pipes.stdout.readline().strip()

    def _end_of_log(self) -> str:
        text = self._log.read_text(errors="replace") if self._log.exists() else ""
        return f"The end of its log:\n{text[-2000:]}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
