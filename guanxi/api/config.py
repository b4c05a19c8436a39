"""How a server is set up. Read once by the supervisor, and handed to each worker as it is."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from guanxi.access import StoreAccess

if TYPE_CHECKING:
    from guanxi.settings import Settings

MEGABYTE = 1 << 20


@dataclass(frozen=True)
class ServeConfig:
    """What `guanxi serve` was called with, and the limits that hold for everybody.

    Sizes are in bytes, times in seconds.
    """

    settings: Settings
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    #: Jobs that run at a time, and those that may wait.
    jobs: int = 1
    queue: int = 20
    #: Memory of one job beyond the snapshot; None is three quarters of what is free.
    job_memory: int | None = None
    #: How long a finished job, its result and an upload are kept.
    keep: int = 24 * 3600
    body: int = 8 * MEGABYTE
    upload: int = 4096 * MEGABYTE
    #: A request is answered within this time, and a silent client is left alone after it.
    request_seconds: float = 30.0
    #: What a stop waits for.
    grace: float = 30.0
    #: Other origins whose pages may call the API.
    origins: tuple[str, ...] = ()
    #: Names under which the server is reached, besides its own.
    hosts: tuple[str, ...] = ()
    certificate: str | None = None
    private_key: str | None = None
    #: Whether a reverse proxy on this machine speaks for its clients.
    proxy: bool = False

    @property
    def access(self) -> StoreAccess:
        """The store, as the settings name it."""
        return StoreAccess(self.settings.store, self.settings)

    @property
    def folder(self) -> Path:
        """Where the server keeps what is its own: beside the store."""
        return self.access.home.root / "server"

    @property
    def is_private(self) -> bool:
        """Whether nobody but this machine can reach the server."""
        return is_loopback(self.host)


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine and nothing else.

    >>> is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
