"""Addresses of Neo4j databases: what they may be, and that no message repeats a password."""

from __future__ import annotations

import pytest

from guanxi.errors import UsageError
from guanxi.graph.neo4j.address import SCHEMES, Address, parse_address
from guanxi.graph.neo4j.login import Login


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("neo4j://host", Address("neo4j", "host")),
        ("bolt://127.0.0.1:7000", Address("bolt", "127.0.0.1", 7000)),
        ("NEO4J+S://Graph.Example/Sales", Address("neo4j+s", "graph.example", 7687, "sales")),
        ("bolt+ssc://[::1]:99/a.b-1/", Address("bolt+ssc", "::1", 99, "a.b-1")),
        ("neo4j://h/db?region=eu", Address("neo4j", "h", 7687, "db", "region=eu")),
        (" neo4j://h ", Address("neo4j", "h")),
    ],
)
def test_addresses(url: str, address: Address) -> None:
    assert parse_address(url) == address
    assert parse_address(str(address)) == address


def test_what_the_driver_gets() -> None:
    address = parse_address("neo4j://host/sales?region=eu")
    assert address.server == "neo4j://host:7687?region=eu"
    assert str(address) == "neo4j://host:7687/sales?region=eu"
    assert parse_address("bolt://[::1]").server == "bolt://[::1]:7687"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_schemes(scheme: str) -> None:
    address = parse_address(f"{scheme}://h")
    assert address.is_routed == scheme.startswith("neo4j")
    assert address.is_encrypted == ("+" in scheme)
    assert address.with_scheme("") == f"{scheme.split('+')[0]}://h"


def test_the_database_may_come_from_elsewhere() -> None:
    assert parse_address("neo4j://h", "Sales").database == "sales"
    assert parse_address("neo4j://h/sales", "sales").database == "sales"
    assert parse_address("neo4j://h", "").database is None
    with pytest.raises(UsageError, match="names the database sales, and the setting"):
        parse_address("neo4j://h/sales", "other")


@pytest.mark.parametrize(
    "url",
    [
        "neo4j://user:secret@host",
        "neo4j://user:sec/ret@host:1",
        "neo4j://user:sec#ret@host",
        "neo4j://user:secret@",
        "bolt+s://secret@host",
        "neo4j://user:secret",  # no host: the password stands where the port should be
        "neo4j://user:secret/db",
        "http://user:secret@host:7474",
        "neo4j://[user:secret",
    ],
)
def test_passwords_are_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_address(url)
    assert "secret" not in str(caught.value)
    assert "ret" not in str(caught.value).replace("Set ", "")
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_the_reason_for_refusing_a_password() -> None:
    with pytest.raises(UsageError) as caught:
        parse_address("neo4j://user:secret@host")
    assert "whoever lists the running programs could read it" in str(caught.value)
    assert "GUANXI_NEO4J_PASSWORD" in str(caught.value)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://host:7473", "begins with neo4j:// or bolt://"),
        ("bolt+routing://host", "begins with neo4j:// or bolt://"),
        ("host:7687", "begins with neo4j:// or bolt://"),
        ("neo4j://", "lacks a host"),
        ("neo4j://:7687", "lacks a host"),
        ("neo4j://host:0", "must be a port"),
        ("neo4j://host:70000", "must be a port"),
        ("bolt://host?a=b", "must end after the database"),
        ("neo4j://host#a", "must end after the database"),
        ("neo4j://host/1st", "no name of a Neo4j database"),
        ("neo4j://host/a/b", "no name of a Neo4j database"),
        ("neo4j://host/ein%20name", "no name of a Neo4j database"),
        ("neo4j://host/" + "a" * 64, "no name of a Neo4j database"),
    ],
)
def test_what_an_address_must_not_be(url: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        parse_address(url)


# -------------------------------------------------------------------------------- login


def test_a_password_is_never_shown() -> None:
    login = Login("someone", "secret", ask=lambda question: "secret")
    assert "secret" not in repr(login)
    assert login.auth == ("someone", "secret")
    assert Login().auth is None


def test_a_person_is_asked_once() -> None:
    asked: list[str] = []

    def ask(question: str) -> str:
        asked.append(question)
        return "secret"

    login = Login(ask=ask)
    assert login.ask_for_password("host:7687")
    assert login.ask_for_password("host:7687")
    assert asked == ["Password of neo4j at host:7687: "]
    assert login.auth == ("neo4j", "secret")
    login.was_refused()
    assert login.auth is None
    assert login.ask_for_password("host:7687")
    assert len(asked) == 2


def test_a_password_that_was_set_is_not_asked_for() -> None:
    login = Login(password="set", ask=lambda question: pytest.fail("asked"))
    login.was_refused()
    assert login.ask_for_password("host:7687")
    assert login.password == "set"


@pytest.mark.parametrize("answer", [None, ""])
def test_nobody_answers(answer: str | None) -> None:
    assert not Login(ask=lambda question: answer).ask_for_password("host:7687")
    assert not Login().ask_for_password("host:7687")
