"""The commands `serve` and `key`: the HTTP API, and who may use it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from guanxi.cli_options import ANSWER, NETWORK, THREADS
from guanxi.cli_shared import Call, command
from guanxi.console import say
from guanxi.errors import UsageError

if TYPE_CHECKING:
    from guanxi.api.database import Database
    from guanxi.api.keys import Key
    from guanxi.engine import Engine
    from guanxi.results import Result

keys = typer.Typer(
    name="key", no_args_is_help=True, help="Make, list and revoke keys for the HTTP API."
)


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    command(app, THREADS | NETWORK)(serve)
    app.add_typer(keys)


def serve(
    call: Call,
    host: Annotated[
        str, typer.Option("--host", metavar="HOST", help="Address to listen on.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", metavar="PORT", min=0, max=65535, help="Port; 0 is a free one.")
    ] = 8000,
    workers: Annotated[
        int, typer.Option("--workers", metavar="N", min=1, max=64, help="Processes that answer.")
    ] = 1,
    jobs: Annotated[
        int, typer.Option("--jobs", metavar="N", min=1, max=64, help="Jobs that run at a time.")
    ] = 1,
    queue: Annotated[
        int, typer.Option("--queue", metavar="N", min=1, help="Jobs that may wait.")
    ] = 20,
    job_memory: Annotated[
        str | None,
        typer.Option(
            "--job-memory", metavar="SIZE", help="Most memory of a job; else 3/4 of what is free."
        ),
    ] = None,
    keep: Annotated[
        int, typer.Option("--keep", metavar="HOURS", min=1, help="How long results are kept.")
    ] = 24,
    max_upload: Annotated[
        str, typer.Option("--max-upload", metavar="SIZE", help="Largest file that may be sent.")
    ] = "4GB",
    allow_origin: Annotated[
        list[str] | None,
        typer.Option(
            "--allow-origin", metavar="ORIGIN", help="Other site whose pages may call the API."
        ),
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            "--allow-host", metavar="NAME", help="Name of the server; others are refused then."
        ),
    ] = None,
    proxy: Annotated[
        bool, typer.Option("--proxy", help="A proxy on this machine speaks for its clients.")
    ] = False,
    tls_certificate: Annotated[
        str | None, typer.Option("--tls-certificate", metavar="FILE", help="Certificate (PEM).")
    ] = None,
    tls_key: Annotated[
        str | None, typer.Option("--tls-key", metavar="FILE", help="Its private key (PEM).")
    ] = None,
) -> None:
    """Serve the HTTP API.

    Without any key for this machine only; see `guanxi key new`. Ctrl-C ends it, after what
    runs is finished.
    """
    from guanxi.api.config import ServeConfig
    from guanxi.api.server import Supervisor
    from guanxi.memory import parse_size

    if (tls_certificate is None) != (tls_key is None):
        raise UsageError("--tls-certificate and --tls-key belong together.")
    engine = call.engine
    _log_in(engine)
    config = ServeConfig(
        engine.settings,
        host=host,
        port=port,
        workers=workers,
        jobs=jobs,
        queue=queue,
        job_memory=None if job_memory is None else parse_size(job_memory),
        keep=keep * 3600,
        upload=parse_size(max_upload),
        origins=tuple(origin.rstrip("/") for origin in allow_origin or ()),
        hosts=tuple(name.lower() for name in allow_host or ()),
        proxy=proxy,
        certificate=tls_certificate,
        private_key=tls_key,
    )
    Supervisor(config).run(
        lambda address: say(f"guanxi answers at {address} ({address}/docs); Ctrl-C ends it.")
    )


def _log_in(engine: Engine) -> None:
    """Ask for the password of a server once, before workers and jobs need it."""
    if engine.access.is_server:
        engine.access.state()
        password = engine.access.login.password
        engine.settings = replace(engine.settings, neo4j_password=password)


@command(keys, NETWORK, name="new")
def new(
    call: Call,
    scope: Annotated[
        str, typer.Option("--scope", metavar="SCOPE", help="read, plan, write or admin.")
    ] = "read",
    name: Annotated[str, typer.Option("--name", metavar="TEXT", help="Whose key it is.")] = "",
    expires: Annotated[
        str | None,
        typer.Option("--expires", metavar="TIME", help="When it ends: 30d, 12h, or a day."),
    ] = None,
    rate: Annotated[
        int | None, typer.Option("--rate", metavar="N", min=1, help="Requests a minute; 1,200.")
    ] = None,
    rows: Annotated[
        int | None, typer.Option("--rows", metavar="N", min=1, help="Rows of one answer; 1000000.")
    ] = None,
    body: Annotated[
        str | None, typer.Option("--body", metavar="SIZE", help="Largest file that it may send.")
    ] = None,
) -> None:
    """Make a key, and show it this once.

    A key of scope read asks; plan also makes seed lists; write also loads and analyses; admin
    also manages keys.
    """
    from guanxi.api.keys import new_key, parse_expiry
    from guanxi.memory import parse_size

    ends = None if expires is None else parse_expiry(expires)
    limit = None if body is None else parse_size(body)
    database = _database(call)
    key, text = new_key(database, scope, name=name, expires=ends, rate=rate, rows=rows, body=limit)
    say(f"Key {key.id} of scope {key.scope}. It is shown this once; keep it safe:")
    print(text)


@command(keys, ANSWER | NETWORK, name="list")
def list_(call: Call) -> None:
    """List the keys.

    Their texts are not kept, so they cannot be shown.
    """
    from guanxi.api.keys import list_keys

    call.emit(_table(list_keys(_database(call))))


@command(keys, NETWORK, name="revoke")
def revoke(
    call: Call,
    id: Annotated[str, typer.Argument(help="The key's id, as guanxi key list shows it.")],
) -> None:
    """Take a key back.

    At once: a server that runs does not know it any more.
    """
    from guanxi.api.keys import revoke_key

    key = revoke_key(_database(call), id)
    say(f"Key {key.id} is revoked.")


def _database(call: Call) -> Database:
    from guanxi.api.config import ServeConfig
    from guanxi.api.database import Database

    return Database(ServeConfig(call.engine.settings).folder)


def _table(found: list[Key]) -> Result:
    import datetime

    from guanxi.results import Result

    def day(moment: float | None) -> str | None:
        if moment is None:
            return None
        then = datetime.datetime.fromtimestamp(moment, datetime.UTC)
        return then.isoformat(timespec="seconds")

    return Result(
        {
            "id": [key.id for key in found],
            "name": [key.name for key in found],
            "scope": [key.scope for key in found],
            "created": [day(key.created) for key in found],
            "expires": [day(key.expires) for key in found],
            "revoked": [day(key.revoked) for key in found],
        }
    )
