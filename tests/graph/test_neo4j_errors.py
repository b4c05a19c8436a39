"""What Neo4j and its driver report, as sentences; the errors are made here, not met."""

from __future__ import annotations

import socket
import ssl

import pytest
from neo4j.exceptions import (
    ConfigurationError,
    ConnectionAcquisitionTimeoutError,
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
from guanxi.graph.neo4j.address import parse_address
from guanxi.graph.neo4j.errors import explain, is_wrong_password, may_pass, reasons
from guanxi.graph.neo4j.login import Login

ADDRESS = parse_address("neo4j+s://graph.example/sales")
LOGIN = Login("reader", "secret")


def by_server(code: str, message: str = "it says so") -> Neo4jError:
    """An error as the driver makes it of what a server answers."""
    return Neo4jError._hydrate_neo4j(code=code, message=message)


def caused(error: Exception, *causes: BaseException) -> Exception:
    nearest: BaseException = error
    for cause in causes:
        nearest.__cause__ = cause
        nearest = cause
    return error


def certificate_error() -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_message = "self-signed certificate"
    return error


_CONSTRAINT = "Neo.ClientError.Schema.ConstraintValidationFailed"
FORBIDDEN = "Neo.ClientError.Security.Forbidden"


@pytest.mark.parametrize(
    ("code", "message", "kind", "said"),
    [
        ("Neo.ClientError.Security.Unauthorized", "x", StoreAccessError, "user reader with this"),
        (
            "Neo.ClientError.Security.AuthenticationRateLimit",
            "x",
            StoreAccessError,
            "for a few seconds, since a wrong password was given too often",
        ),
        (
            "Neo.ClientError.Security.CredentialsExpired",
            "x",
            StoreAccessError,
            "has to be changed before it can be used",
        ),
        (
            "Neo.ClientError.Security.TokenExpired",
            "The token is old",
            StoreAccessError,
            "refuses user reader (TokenExpired): The token is old.",
        ),
        (
            FORBIDDEN,
            "Schema operation 'create_constraint' on database 'sales' is not allowed",
            StoreAccessError,
            "The user reader may not make constraints in neo4j+s://graph.example:7687/sales, and",
        ),
        (FORBIDDEN, "Create node is not allowed", StoreAccessError, "may not do this in neo4j+s"),
        (
            "Neo.ClientError.Database.DatabaseNotFound",
            "x",
            StoreError,
            "The server graph.example:7687 has no database sales",
        ),
        (
            "Neo.TransientError.General.DatabaseUnavailable",
            "It is starting",
            StoreUnavailableError,
            "is not available: It is starting.",
        ),
        (
            "Neo.DatabaseError.Transaction.TransactionCommitFailed",
            "java.io.IOException: No space left on device",
            ResourceError,
            "The disk of the Neo4j server graph.example:7687 is full: java.io",
        ),
        (
            "Neo.TransientError.General.MemoryPoolOutOfMemoryError",
            "x",
            ResourceError,
            "raise dbms.memory.transaction.total.max",
        ),
        ("Neo.TransientError.General.OutOfMemoryError", "x", ResourceError, "too little memory"),
        (
            "Neo.ClientError.General.ForbiddenOnReadOnlyDatabase",
            "x",
            StoreAccessError,
            "can only be read",
        ),
        ("Neo.ClientError.General.ReadOnly", "x", StoreAccessError, "can only be read"),
        ("Neo.ClientError.Cluster.NotALeader", "x", StoreAccessError, "can only be read"),
        (
            "Neo.TransientError.Transaction.DeadlockDetected",
            "x",
            StoreError,
            "Others kept changing the same accounts",
        ),
        (
            "Neo.DatabaseError.Schema.ConstraintCreationFailed",
            "Both Node(0) and Node(1) have the label `Account`",
            StoreError,
            "What the database holds does not fit a constraint of guanxi: Both Node(0)",
        ),
        (
            "Neo.ClientError.Transaction.TransactionTimedOut",
            "It took too long",
            StoreError,
            "The server ended the transaction: It took too long.",
        ),
        (
            "Neo.ClientError.Statement.SyntaxError",
            "Invalid input\nand more",
            StoreVersionError,
            "needs Neo4j 5.26 or newer: Invalid input.",
        ),
        ("Neo.ClientError.Statement.ArithmeticError", "x", StoreError, "64-bit integers"),
        (
            "Neo.ClientError.Statement.ArgumentError",
            "Odd.",
            StoreError,
            "Neo4j refused (Neo.ClientError.Statement.ArgumentError): Odd.",
        ),
    ],
)
def test_what_a_server_answers(code: str, message: str, kind: type[StoreError], said: str) -> None:
    found = explain(by_server(code, message), ADDRESS, LOGIN)
    assert type(found) is kind
    assert said in str(found)


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (
            caused(ServiceUnavailable("x"), RuntimeError(), certificate_error()),
            StoreUnavailableError,
            "The certificate of graph.example:7687 is not trusted (self-signed certificate).",
        ),
        (
            caused(ServiceUnavailable("x"), ssl.SSLEOFError(8, "EOF")),
            StoreUnavailableError,
            "does not speak TLS. If that is as it should be, leave out the encryption: neo4j://g",
        ),
        (
            caused(ServiceUnavailable("x"), socket.gaierror(-2, "Name or service not known")),
            StoreUnavailableError,
            "There is no host graph.example: its name is not known here.",
        ),
        (
            caused(ServiceUnavailable("x"), ConnectionRefusedError(111, "refused")),
            StoreUnavailableError,
            "Nothing answers at graph.example:7687. Is Neo4j running there",
        ),
        (
            ServiceUnavailable("Timed out trying to establish connection"),
            StoreUnavailableError,
            "graph.example:7687 does not answer.",
        ),
        (
            caused(ServiceUnavailable("No connection (looks like HTTP)"), TimeoutError()),
            StoreUnavailableError,
            "What answers at graph.example:7687 does not speak Bolt, as Neo4j 5 and newer do.",
        ),
        (UnsupportedServerProduct("x"), StoreUnavailableError, "does not speak Bolt"),
        (
            ConnectionAcquisitionTimeoutError("busy"),
            StoreUnavailableError,
            "No connection to neo4j+s://graph.example:7687/sales could be had: busy.",
        ),
        (
            ConfigurationError("odd"),
            StoreError,
            "The Neo4j driver failed (ConfigurationError): odd.",
        ),
    ],
)
def test_what_the_driver_meets(error: Exception, kind: type[StoreError], said: str) -> None:
    found = explain(error, ADDRESS, LOGIN)
    assert type(found) is kind
    assert said in str(found)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (SessionExpired("server went away"), "server went away."),
        (IncompleteCommit("no answer"), "no answer."),
        (ConnectionAcquisitionTimeoutError("busy"), "busy."),
        (caused(ServiceUnavailable("handshake"), ConnectionResetError("reset")), "reset."),
        (
            caused(ServiceUnavailable("x"), ConnectionRefusedError()),
            "nothing answers there any more.",
        ),
    ],
)
def test_a_server_that_was_there(error: Exception, said: str) -> None:
    found = explain(error, ADDRESS, LOGIN, was_there=True)
    assert type(found) is StoreUnavailableError
    assert str(found) == f"The connection to {ADDRESS} was lost: {said}"


def test_reasons_hide_in_groups() -> None:
    group = ExceptionGroup(
        "all failed", [caused(ServiceUnavailable("a"), ConnectionRefusedError())]
    )
    error = caused(ServiceUnavailable("Unable to retrieve routing information"), group)
    assert "Nothing answers" in str(explain(error, ADDRESS, LOGIN))
    refused = by_server("Neo.ClientError.Security.Unauthorized")
    error = caused(ServiceUnavailable("no routing"), ExceptionGroup("all failed", [refused]))
    assert type(explain(error, ADDRESS, LOGIN)) is StoreAccessError


def test_reasons_may_go_in_circles() -> None:
    one, other = ValueError("one"), ValueError("other")
    one.__cause__, other.__cause__ = other, one
    assert list(reasons(one)) == [one, other]


def test_hints_fit_the_address() -> None:
    def said(url: str, error: Exception) -> str:
        return str(explain(error, parse_address(url), Login()))

    no_bolt = ServiceUnavailable("handshake failed")
    assert "Port 7474 is for web browsers" in said("neo4j://h:7474", no_bolt)
    assert "If it wants TLS: bolt+s://h." in said("bolt://h", no_bolt)
    assert "If it wants TLS" not in said("bolt+s://h", no_bolt)
    unauthorized = by_server("Neo.ClientError.Security.Unauthorized")
    assert "asks for a password: set GUANXI_NEO4J_USER and" in said("bolt://h", unauthorized)
    unknown = by_server("Neo.ClientError.Database.DatabaseNotFound")
    assert "has no database by default" in said("bolt://h", unknown)
    untrusted = caused(ServiceUnavailable("x"), certificate_error())
    assert "accept any certificate with bolt+ssc://h." in said("bolt+s://h", untrusted)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (by_server("Neo.TransientError.Transaction.DeadlockDetected"), True),
        (by_server("Neo.TransientError.General.DatabaseUnavailable"), True),
        (by_server("Neo.ClientError.Cluster.NotALeader"), True),
        (by_server("Neo.ClientError.Schema.EquivalentSchemaRuleAlreadyExists"), True),
        (by_server(_CONSTRAINT, "Node(1) already exists with … property `id` = 'a'"), True),
        (by_server(_CONSTRAINT, "Node(1) already exists with … property `name` = 'a'"), False),
        (ServiceUnavailable(), True),
        (SessionExpired(), True),
        (IncompleteCommit(), True),
        (by_server("Neo.TransientError.General.MemoryPoolOutOfMemoryError"), False),
        (by_server("Neo.ClientError.General.ForbiddenOnReadOnlyDatabase"), False),
        (by_server("Neo.ClientError.Security.Unauthorized"), False),
        (by_server("Neo.ClientError.Statement.SyntaxError"), False),
        (ConnectionAcquisitionTimeoutError(), False),
        (ConfigurationError(), False),
        (GuanxiError(), False),
    ],
)
def test_what_may_pass(error: Exception, expected: bool) -> None:
    assert may_pass(error) is expected


def test_which_errors_are_wrong_passwords() -> None:
    assert is_wrong_password(by_server("Neo.ClientError.Security.Unauthorized"))
    assert not is_wrong_password(by_server(FORBIDDEN))
    assert not is_wrong_password(ServiceUnavailable())


def test_every_sentence_is_one_and_holds_no_secret() -> None:
    codes = [
        f"Neo.{kind}.{title}"
        for kind in ("ClientError", "TransientError", "DatabaseError")
        for title in (
            "Security.Unauthorized", "Security.Forbidden", "Security.Other", "General.Unknown",
            "Transaction.Other", "Statement.Other", "Schema.Other", "Database.DatabaseNotFound",
        )
    ]  # fmt: skip
    for error in [*map(by_server, codes), ServiceUnavailable(), ServiceUnavailable("")]:
        said = str(explain(error, ADDRESS, LOGIN))
        assert said.endswith("."), said
        assert "secret" not in said
        assert "\n" not in said
