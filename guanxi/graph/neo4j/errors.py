"""What Neo4j and its driver report, as sentences for people.

The driver hides its reasons in chains of causes and in groups of errors; `reasons` gathers
them. Sentences name the address and the user, never a password.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

from neo4j.exceptions import (
    AuthError,
    ConnectionAcquisitionTimeoutError,
    DatabaseUnavailable,
    DriverError,
    ForbiddenOnReadOnlyDatabase,
    IncompleteCommit,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
    UnsupportedServerProduct,
)

from guanxi.errors import (
    GuanxiError,
    ResourceError,
    StoreAccessError,
    StoreError,
    StoreUnavailableError,
    StoreVersionError,
)
from guanxi.graph.neo4j.address import PORT, Address
from guanxi.graph.neo4j.login import Login

_WEB_PORTS = (7473, 7474)
_FULL_DISK = ("No space left on device", "disk is full", "not enough space on the disk")
_NO_MEMORY = ("OutOfMemory", "MemoryPool", "StackOverFlow")
_AWAY = (ServiceUnavailable, SessionExpired, ConnectionAcquisitionTimeoutError)
_AUTH = "Neo.ClientError.Security."
#: `IF NOT EXISTS` does not help where two make the same index in one moment.
_MADE_MEANWHILE = "Neo.ClientError.Schema.EquivalentSchemaRuleAlreadyExists"
#: A constraint holds: that on ids where somebody else made the same account in one moment.
_NOT_ALLOWED = "Neo.ClientError.Schema.ConstraintValidationFailed"
_SET = "GUANXI_NEO4J_USER and GUANXI_NEO4J_PASSWORD (or neo4j_user and neo4j_password in settings)"


def reasons(error: BaseException) -> Iterator[BaseException]:
    """The error, and all that caused it, nearest first."""
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        each = waiting.pop(0)
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        # (The driver gives groups a base class of its own under Python 3.10.)
        waiting += [*getattr(each, "exceptions", ()), each.__cause__, each.__context__]


def may_pass(error: BaseException) -> bool:
    """Whether the same transaction may succeed a little later.

    So it is after a lost connection (also in the middle of a commit), a deadlock, a database
    that is just starting, and where somebody else made the same index or the same account in
    that moment; not where memory is short or nobody may write.
    """
    if isinstance(error, ForbiddenOnReadOnlyDatabase) or _lacks_room(error):
        return False
    if isinstance(error, IncompleteCommit):
        return True
    if isinstance(error, Neo4jError) and _was_made_meanwhile(error):
        return True
    return isinstance(error, Neo4jError | DriverError) and error.is_retryable()


def _was_made_meanwhile(error: Neo4jError) -> bool:
    if error.code == _NOT_ALLOWED:  # other constraints than that on ids hold later, too
        return "already exists" in error.message and "property `id`" in error.message
    return error.code == _MADE_MEANWHILE


def is_wrong_password(error: BaseException) -> bool:
    """Whether the server did not accept who came."""
    return isinstance(error, AuthError) and error.code.startswith(_AUTH)


def explain(
    error: BaseException, address: Address, login: Login, *, was_there: bool = False
) -> GuanxiError:
    """The error as one of ours, with a sentence that says what to do.

    `was_there`: the server has answered before, so that the address is no riddle.
    """
    for reason in reasons(error):  # a server of a cluster may have said more than the driver
        if isinstance(reason, Neo4jError):
            return _by_server(reason, address, login)
    if isinstance(error, UnsupportedServerProduct):
        return StoreUnavailableError(_no_bolt(address))
    if not isinstance(error, _AWAY):
        return StoreError(f"The Neo4j driver failed ({type(error).__name__}): {_sentence(error)}")
    if was_there:
        return StoreUnavailableError(f"The connection to {address} was lost: {_last(error)}")
    return StoreUnavailableError(_unreachable(error, address))


def _last(error: BaseException) -> str:
    *_, last = reasons(error)
    if isinstance(last, ConnectionRefusedError):
        return "nothing answers there any more."
    return _sentence(last)


def _unreachable(error: BaseException, address: Address) -> str:
    """Why a server cannot be reached, from the first reason that says so."""
    place = address.place
    for reason in reasons(error):
        if isinstance(reason, ssl.SSLCertVerificationError):
            return (
                f"The certificate of {place} is not trusted ({reason.verify_message}). Have it "
                "signed by an authority that this machine trusts (SSL_CERT_FILE names a file of "
                f"them), or accept any certificate with {address.with_scheme('+ssc')}."
            )
        if isinstance(reason, ssl.SSLError):
            return (
                f"{place} does not speak TLS. If that is as it should be, leave out the "
                f"encryption: {address.with_scheme('')}."
            )
        if isinstance(reason, socket.gaierror):
            return f"There is no host {address.host}: its name is not known here."
        if isinstance(reason, ConnectionRefusedError):
            return (
                f"Nothing answers at {place}. Is Neo4j running there, and is {address.port} its "
                f"Bolt port (usually {PORT})?"
            )
        said = str(reason)
        if "handshake" in said or "looks like HTTP" in said:
            return _no_bolt(address)
        if isinstance(reason, TimeoutError) or "Timed out" in said:
            return (
                f"{place} does not answer. Is the host right, and does a firewall let through "
                f"port {address.port}?"
            )
    return f"No connection to {address} could be had: {_last(error)}"


def _no_bolt(address: Address) -> str:
    sentence = f"What answers at {address.place} does not speak Bolt, as Neo4j 5 and newer do."
    if address.port in _WEB_PORTS:
        return f"{sentence} Port {address.port} is for web browsers; Bolt is usually at {PORT}."
    sentence += f" Is {address.port} its Bolt port (usually {PORT})?"
    if not address.is_encrypted:
        sentence += f" If it wants TLS: {address.with_scheme('+s')}."
    return sentence


def _by_server(error: Neo4jError, address: Address, login: Login) -> GuanxiError:
    """What the server itself says, by its code."""
    code, said = error.code, _sentence(error)
    if code.startswith(_AUTH):
        return StoreAccessError(_refused(code, said, address, login))
    if any(sign in said for sign in _FULL_DISK):
        return ResourceError(f"The disk of the Neo4j server {address.place} is full: {said}")
    if _lacks_room(error):
        return ResourceError(
            f"The Neo4j server has too little memory for this: {said} Its administrator can "
            "raise dbms.memory.transaction.total.max and server.memory.heap.max_size."
        )
    if code.endswith((".DatabaseNotFound", ".UnableToRouteToDatabase")):
        return StoreError(
            f"The server {address.place} has no database {address.database or 'by default'}; "
            "SHOW DATABASES lists those that it has. The address (neo4j://host/database) or the "
            "setting neo4j_database names one."
        )
    if isinstance(error, DatabaseUnavailable) or code.endswith("DatabaseUnavailable"):
        return StoreUnavailableError(f"The database at {address} is not available: {said}")
    if isinstance(error, ForbiddenOnReadOnlyDatabase) or code.endswith(
        (".ReadOnly", ".NotALeader")
    ):
        return StoreAccessError(f"The database at {address} can only be read: {said}")
    if ".Transaction.Deadlock" in code or ".Transaction.LockAcquisition" in code:
        return StoreError(f"Others kept changing the same accounts for too long: {said}")
    if code.endswith(".ConstraintCreationFailed"):
        return StoreError(f"What the database holds does not fit a constraint of guanxi: {said}")
    if code.endswith(".ArithmeticError"):
        from guanxi.graph.neo4j.interactions import too_large

        return too_large()
    if ".Transaction." in code:
        return StoreError(f"The server ended the transaction: {said}")
    if code.endswith((".SyntaxError", ".ProcedureNotFound")):
        return StoreVersionError(
            f"The server at {address.place} does not understand guanxi, which needs Neo4j 5.26 or "
            f"newer: {said}"
        )
    return StoreError(f"Neo4j refused ({code}): {said}")


def _refused(code: str, said: str, address: Address, login: Login) -> str:
    """Why the server does not let somebody in, or does not let them do something."""
    title = code.removeprefix(_AUTH)
    if title == "AuthenticationRateLimit":
        return (
            f"The server {address.place} lets nobody in as {login.user} for a few seconds, since "
            "a wrong password was given too often. Try again later."
        )
    if title == "CredentialsExpired":
        return (
            f"The password of {login.user} at {address.place} has to be changed before it can be "
            "used: log in with Neo4j Browser, which asks for a new one, or run ALTER CURRENT USER "
            "SET PASSWORD FROM '…' TO '…' on the database system."
        )
    if title == "Forbidden" and "create_constraint" in said:
        return (
            f"The user {login.user} may not make constraints in {address}, and guanxi needs "
            f"unique ids before it loads. Ask an administrator for the role architect. ({said})"
        )
    if title == "Forbidden":
        return f"The user {login.user} may not do this in {address}: {said}"
    if title == "Unauthorized" and login.password is None:
        return f"The server {address.place} asks for a password: set {_SET}."
    if title == "Unauthorized":
        return (
            f"The server {address.place} does not accept user {login.user} with this password. "
            f"They come from {_SET}."
        )
    return f"The server {address.place} refuses user {login.user} ({title}): {said}"


def _lacks_room(error: BaseException) -> bool:
    return isinstance(error, Neo4jError) and any(sign in error.code for sign in _NO_MEMORY)


def _sentence(error: BaseException) -> str:
    """The first line of what an error says, with a full stop."""
    said = error.message if isinstance(error, Neo4jError) else str(error)
    line = (said or type(error).__name__).strip().splitlines()[0][:300].rstrip()
    return line if line.endswith((".", "?", "!")) else f"{line}."
