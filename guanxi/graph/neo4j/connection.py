"""Connections to a Neo4j database: how they are opened, kept up, and given back.

`open_connection` checks address, password, database and version at once, so that what is
wrong is said before the work. Then work is done in managed transactions (see
`guanxi.graph.neo4j.database`); what may pass is tried again for a while.
"""

from __future__ import annotations

import asyncio
import logging
import random
import re
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from neo4j import READ_ACCESS, WRITE_ACCESS, Driver, GraphDatabase, ManagedTransaction, Session
from neo4j.exceptions import DriverError, Neo4jError

from guanxi import __version__
from guanxi.cypher import statement
from guanxi.errors import GuanxiError, StoreAccessError, StoreVersionError, UsageError
from guanxi.graph.closing import Closing
from guanxi.graph.neo4j.address import Address, parse_address
from guanxi.graph.neo4j.errors import explain, is_wrong_password, may_pass
from guanxi.graph.neo4j.login import Login

T = TypeVar("T")

#: Seconds to keep trying after a connection was lost or a transaction gave way to another;
#: a server that was killed is back by then.
PATIENCE = 90.0
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 8.0
CONNECT_TIMEOUT = 10.0
ACQUIRE_TIMEOUT = 20.0
#: Seconds after which an idle connection is tested before it is used.
IDLE = 30.0
OLDEST = (5, 26)
INTACT = "What was committed is intact, and the same command goes on after it."

Tell = Callable[[str], None]


class Connection(Closing):
    """One database of a server, over one driver; a context manager.

    Every error is one of `guanxi.errors`. Ctrl-C ends a transaction at once, without
    waiting for the server. May be used by several threads.
    """

    def __init__(
        self,
        driver: Driver,
        address: Address,
        login: Login,
        *,
        tell: Tell | None = None,
        patience: float = PATIENCE,
    ) -> None:
        self.address = address
        self.login = login
        self._driver = driver
        self._tell = tell
        self._patience = patience
        self._was_there = False
        # What one transaction has written the next one sees, on whatever server it runs.
        self._bookmarks = GraphDatabase.bookmark_manager()

    def read(self, work: Callable[[ManagedTransaction], T]) -> T:
        """Run `work` in a transaction that only reads; again where that may help."""
        return self._persist(READ_ACCESS, work)

    def write(self, work: Callable[[ManagedTransaction], T]) -> T:
        """Run `work` in a transaction and commit; again where that may help.

        Also where the answer to a commit was lost: `work` must see what it did before.
        """
        return self._persist(WRITE_ACCESS, work)

    def check(self) -> str:
        """The version of the server, such as 5.26.25, if it and the database answer.

        Tries once. Raises as `open_connection`, but does not ask for a password.
        """
        try:
            agent = self._driver.get_server_info().agent
            self._once(READ_ACCESS, ping)
        except (DriverError, Neo4jError) as error:
            raise self._explain(error) from error
        self._was_there = True
        version = agent.partition("/")[2]
        numbers = re.match(r"(\d+)\.(\d+)", version)
        if numbers and (int(numbers[1]), int(numbers[2])) < OLDEST:
            raise StoreVersionError(
                f"The server {self.address.place} is Neo4j {version}; guanxi needs "
                f"{OLDEST[0]}.{OLDEST[1]} or newer."
            )
        return version

    def close(self) -> None:
        """Close the driver. A second call does nothing."""
        self._driver.close()

    def _persist(self, mode: str, work: Callable[[ManagedTransaction], T]) -> T:
        begun: float | None = None
        pause = FIRST_PAUSE
        while True:
            try:
                return self._once(mode, work)
            except (DriverError, Neo4jError) as error:
                spent = 0.0 if begun is None else time.monotonic() - begun
                if not may_pass(error) or spent + pause > self._patience:
                    raise self._give_up(error, mode, spent) from error
                if begun is None:
                    begun = time.monotonic()
                    self._say_that_it_waits(error)
            time.sleep(pause * random.uniform(0.75, 1.25))  # so that two that collide part ways
            pause = min(2 * pause, LONGEST_PAUSE)

    def _once(self, mode: str, work: Callable[[ManagedTransaction], T]) -> T:
        """One try, as one managed transaction."""
        session = self._driver.session(
            database=self.address.database,
            default_access_mode=mode,
            bookmark_manager=self._bookmarks,
        )
        try:
            execute = session.execute_write if mode == WRITE_ACCESS else session.execute_read
            return execute(work)
        except BaseException as error:
            if not isinstance(error, Exception):
                _abandon(session)
            raise
        finally:
            session.close()

    def _explain(self, error: Exception, *more: str) -> GuanxiError:
        found = explain(error, self.address, self.login, was_there=self._was_there)
        if is_wrong_password(error):
            self.login.was_refused()
        return type(found)(" ".join([str(found), *more]))

    def _give_up(self, error: Exception, mode: str, spent: float) -> GuanxiError:
        more = [f"It was tried for {spent:.0f} seconds."] if spent >= 1 else []
        if mode == WRITE_ACCESS and may_pass(error):
            more.append(INTACT)
        return self._explain(error, *more)

    def _say_that_it_waits(self, error: Exception) -> None:
        if self._tell is not None and isinstance(error, DriverError):
            self._tell(
                f"The connection to {self.address} was lost; trying again for "
                f"{self._patience:.0f} seconds."
            )


def ping(tx: ManagedTransaction) -> None:
    """Ask the database for nothing."""
    tx.run(statement("ping")).consume()


def open_connection(
    url: str,
    login: Login | None = None,
    *,
    database: str | None = None,
    tell: Tell | None = None,
    patience: float = PATIENCE,
) -> Connection:
    """A connection to the database at `url` (see `parse_address`), which answers.

    `login`: by default nobody, as for a server that asks for no password. Its `ask` is
    called where the server wants a password and there is none. `tell` hears once in each
    outage that guanxi waits; `patience`: for how many seconds it does.

    Raises UsageError for an address that cannot be, StoreUnavailableError where nothing
    answers, StoreAccessError for a wrong password, StoreError for an unknown database,
    StoreVersionError for a server that is too old.
    """
    address = parse_address(url, database)
    login = login or Login()
    try:
        return _open(address, login, tell, patience)
    except StoreAccessError:
        if login.password is not None or not login.ask_for_password(address.place):
            raise
    return _open(address, login, tell, patience)


def _open(address: Address, login: Login, tell: Tell | None, patience: float) -> Connection:
    logger = logging.getLogger("neo4j")
    if not logger.handlers:  # else its warnings go to the screen, between progress bars
        logger.addHandler(logging.NullHandler())
    try:
        driver = GraphDatabase.driver(
            address.server,
            auth=login.auth,
            user_agent=f"guanxi/{__version__}",
            connection_timeout=CONNECT_TIMEOUT,
            connection_acquisition_timeout=ACQUIRE_TIMEOUT,
            liveness_check_timeout=IDLE,
            max_transaction_retry_time=0,  # `Connection` does it, and can be heard
            notifications_min_severity="OFF",
            telemetry_disabled=True,
        )
    except (DriverError, ValueError) as error:
        raise UsageError(f"The address {address} cannot be used: {error}") from error
    connection = Connection(driver, address, login, tell=tell, patience=patience)
    try:
        connection.check()
    except BaseException:
        connection.close()
        raise
    return connection


def _abandon(session: Session) -> None:
    """Cut the session's connection, which also ends its transaction on the server.

    An ordinary `close` would wait until the running statement is done. A session whose
    block a cancellation ends does not, in the driver for threads as in the one for asyncio.
    """
    with suppress(asyncio.CancelledError), session:
        raise asyncio.CancelledError
