"""A graph that plain Cypher wrote, read as a mapping says: the bytes of the same rows in files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mapped_graph import NETWORK, PLAIN, Network, files_of, mapped, shown, whole_graph
from neo4j_raw import LOGINS, admit
from store_helpers import DAY

import guanxi.kernels  # noqa: F401  (it finds its cache before the tests move the user's)
from guanxi.errors import StoreError, UsageError
from guanxi.graph.neo4j.mapping import parse_mapping
from guanxi.graph.opted_out import opted_out_now
from guanxi.graph.snapshot_open import open_snapshot
from guanxi.graph.store_open import open_store


@pytest.fixture(autouse=True)
def server(neo4j_server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("GUANXI_CACHE", str(tmp_path / "cache"))
    return neo4j_server


@pytest.fixture
def url(server: Any) -> str:
    return admit(server)


def test_the_bytes_of_the_same_rows_in_files(url: str, server: Any, tmp_path: Path) -> None:
    network = Network()
    wanted = files_of(network.load(tmp_path / "net.duckdb"))
    network.write(server.run)
    before = whole_graph(server)
    seen: list[tuple[int, int]] = []
    store = mapped(url, NETWORK, progress=lambda done, total: seen.append((done, total)))
    found = files_of(store)
    assert {name for name in wanted if wanted[name] != found.get(name)} == set()
    assert found.keys() == wanted.keys()
    assert seen == sorted(seen)
    assert seen[-1][0] == seen[-1][1]
    with shown(url, NETWORK) as snapshot:
        (warning,) = snapshot.warnings
        assert warning == "The property tags is left out: it holds list<string not null>."
        mask = opted_out_now(url, snapshot, LOGINS.get(url), parse_mapping(NETWORK))
        assert np.array_equal(mask, snapshot.opted_out)
    assert whole_graph(server) == before


def test_records_of_any_size_give_the_same(
    url: str, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    Network(60).write(server.run)
    whole = files_of(mapped(url, NETWORK))
    monkeypatch.setattr("guanxi.graph.neo4j.chunks.LINKS", 7)
    for module in ("chunks", "columns", "read", "mapped_columns"):
        monkeypatch.setattr(f"guanxi.graph.neo4j.{module}.PAGE", 9)
    assert files_of(mapped(url, NETWORK)) == whole


HOSTILE = ("La`bel `) DETACH DELETE (n", "ty`pe;=<>", "id '\"`$x\\ 编号", "since 😀", "we=ight; x")


def test_hostile_names(url: str, server: Any) -> None:
    label, kind, ids, since, weight = (name.replace("`", "``") for name in HOSTILE)
    server.run(
        f"CREATE (a:`{label}` {{`{ids}`: 'a'}})-[:`{kind}` {{`{since}`: date('1970-01-03'), "
        f"`{weight}`: 2.5}}]->(:`{label}` {{`{ids}`: 'b', opted_out: true}})"
    )
    words = (f"`{name}`" for name in (label, kind, ids, since, weight))
    label, kind, ids, since, weight = words
    mapping = (
        f"label={label}; id={ids}; follows=<{kind} since={since}; "
        f"interactions={kind} kind=like weight={weight}; prefix=`x`` `"
    )
    with shown(url, mapping) as snapshot:
        assert snapshot.follows.indptr.tolist() == [0, 0, 1]  # b follows a
        assert snapshot.follows_since is not None
        assert snapshot.follows_since.tolist() == [2 * DAY]
        assert snapshot.interactions.weight.tolist() == [2_500_000]
        assert snapshot.opted_out is not None
        mask = opted_out_now(url, snapshot, LOGINS.get(url), parse_mapping(mapping))
        assert np.array_equal(mask, [False, True])
        with mapped(url, mapping, write_back=True) as store:
            store.write_scores(snapshot.ids, {"score": np.array([0.5, np.nan])}, {"version": 1})
    assert server.run("MATCH (n) WHERE n[$p] IS NOT NULL RETURN n[$p] AS s", p="x` score") == [
        {"s": 0.5}
    ]


def test_ids_of_any_kind(url: str, server: Any) -> None:
    """Integers become text; what is no id is left out with its relationships, and counted."""
    server.run(
        "UNWIND [7, -1, ' b ', 'é', null, '', 1.5, true, 'x' + $long, 'a\n'] AS id "
        "CREATE (:User {uid: id})", long="y" * 256,
    )  # fmt: skip
    server.run("MATCH (a:User), (b:User) WHERE a <> b CREATE (a)-[:FOLLOWS]->(b)")
    server.run("MATCH (a:User {uid: 7}) CREATE (a)-[:FOLLOWS]->(a), (a)-[:FOLLOWS]->(:Page)")
    with shown(url) as snapshot:
        assert snapshot.ids.to_strings() == ["-1", "7", "b", "é"]
        assert snapshot.follows.m == 12
        assert not snapshot.made.any()
        unusable, outside = snapshot.warnings
    assert "6 of 10 nodes User have no usable id in uid" in unusable
    assert outside == (
        "1 relationship FOLLOWS between a node User and one without that label is left out."
    )
    with shown(url) as snapshot:  # made before, and still told
        assert snapshot.warnings == [unusable, outside]


@pytest.mark.parametrize(
    ("nodes", "sentence"),
    [
        ("UNWIND [1, '1', 'b'] AS id CREATE (:User {uid: id})", r"is no id: 1 of its .* '1'"),
        ("UNWIND [1, 2] AS id CREATE (:User {id: id})", "2 of 2 nodes User have no usable id in"),
        ("UNWIND range(1, 1500) AS i CREATE (:User {uid: CASE WHEN i % 50 > 0 THEN i END})",
         "30 of 1,500 nodes User have no usable id"),
    ],
)  # fmt: skip
def test_ids_that_are_none(url: str, server: Any, nodes: str, sentence: str) -> None:
    server.run(nodes)
    server.run("MATCH (a:User), (b:User) WITH a, b LIMIT 1 CREATE (a)-[:FOLLOWS]->(b)")
    with pytest.raises(StoreError, match=sentence):
        shown(url)


def test_directions_and_kinds(url: str, server: Any) -> None:
    server.run(
        "CREATE (a:User {uid: 'a'}), (b:User {uid: 'b'}), (a)-[:FRIEND]->(b), "
        "(a)-[:FRIEND {since: 5}]->(b), (a)-[:INVITED_BY {n: 2}]->(b), (b)-[:INVITED_BY]->(a), "
        "(a)-[:DID {what: ' Like '}]->(b), (a)-[:DID]->(b)"
    )
    mapping = "label=User; id=uid; follows=<>FRIEND since=since; interactions=<INVITED_BY count=n; "
    with shown(url, mapping + "interactions=<>DID kind_from=what kind=wave") as snapshot:
        rows = snapshot.interactions
        assert snapshot.follows.indices.tolist() == [1, 0]
        assert snapshot.follows_since is not None
        assert snapshot.follows_since.tolist() == [5_000_000] * 2
        assert snapshot.kinds == ["invite", "like", "wave"]
        found = zip(rows.actor, rows.target, rows.kind, rows.count, rows.weight, strict=True)
        assert [tuple(map(int, row)) for row in found] == [
            (0, 1, 0, 1, 10**6), (0, 1, 1, 1, 10**6), (0, 1, 2, 1, 10**6),
            (1, 0, 0, 2, 2 * 10**6), (1, 0, 1, 1, 10**6), (1, 0, 2, 1, 10**6),
        ]  # fmt: skip


def test_times_of_any_type(url: str, server: Any) -> None:
    """All of these are the same moment; a bare time is one of UTC."""
    server.run(
        "CREATE (a:User {uid: 'a'}), (b:User {uid: 'b'}) WITH a, b "
        "UNWIND [datetime('2024-05-01T08:00:00+08:00'), localdatetime('2024-05-01T00:00:00'), "
        "date('2024-05-01'), 1714521600, 1714521600000, '2024-05-01T00:00:00Z', '2024-05-01', "
        "1714521600.0, null] AS t CREATE (a)-[:LIKES {t: t}]->(b)"
    )
    with shown(url, "label=User; id=uid; interactions=LIKES at=t") as snapshot:
        rows = snapshot.interactions
        assert rows.count.tolist() == [1, 8]
        assert rows.first_at.tolist() == rows.last_at.tolist()
        assert rows.first_at[1] == 1_714_521_600_000_000


LIKES = "label=User; id=uid; interactions=LIKES "


@pytest.mark.parametrize(
    ("properties", "words", "sentence"),
    [
        ("w: -0.5", "weight=w", "'a' to 'b' has the weight -0.5, which is below zero"),
        ("w: 'many'", "weight=w", "the weight 'many', which is no number"),
        ("w: 1.0 / 0", "value=w", "the value inf, which is no number"),
        ("w: 9223372036854775807", "value=w", "the value 9223372036854775807, which is no number"),
        ("n: 1.5", "count=n", "the count 1.5, which is no whole number"),
        ("n: -1", "count=n", "the count -1, which is no whole number"),
        ("t: 'May'", "at=t", "the time 'May' in t, which is none"),
        ("t: 20260105", "at=t", "the time 20260105 in t, which is none"),
        ("k: 5", "kind_from=k", "the kind 5, which is no word"),
        ("z: 1", "kind_from=k", "no kind in k; a kind=… in the mapping"),
    ],
)
def test_values_that_cannot_be_taken(
    url: str, server: Any, properties: str, words: str, sentence: str
) -> None:
    server.run(
        "CREATE (a:User {uid: 'a'}), (b:User {uid: 'b'}), (b)-[:LIKES {w: 1, n: 1, t: 1, k: 'x'}]"
        f"->(a), (a)-[:LIKES {{{properties}}}]->(b)"
    )
    with pytest.raises(StoreError, match=sentence):
        shown(url, LIKES + words)


def test_what_is_left_out_is_told(url: str, server: Any) -> None:
    server.run(
        "CREATE (a:User {uid: 'a', rank: 3, price: -5, stage: [1], home: 'x', homeTown: 'y', "
        "home_town: 'z'})-[:LIKES {t: datetime() + duration('P3D')}]->(:User {uid: 'b', "
        "price: 2}), (a)-[:LIKES {t: 5}]->(:User {uid: 'c'})"
    )
    with shown(url, LIKES + "at=t weight=none; columns=* nick=gone") as snapshot:
        assert len(snapshot.interactions.actor) == 1
        assert list(snapshot.column_types) == ["home", "home_town", "price"]
        assert snapshot.columns(["price"])["price"] == [None, 2.0, None]
        assert sorted(snapshot.warnings) == [
            "1 relationship with a time later than a day from now is left out.",
            "No node User has the property gone, which the mapping names.",
            "No relationship LIKES has the property none, which the mapping names.",
            "The property home_town is left out: there is another column home_town.",
            "The property rank is left out: guanxi keeps that name for itself.",
            "The property stage is left out: it holds list<integer not null>.",
            "Values of price below zero are left out.",
        ]


def test_columns_and_their_types(url: str, server: Any) -> None:
    server.run(
        "CREATE (:User {uid: 'a', n: 1, mixed: 1, day: date('2024-05-01'), yes: true, phone: "
        "1234567890123456, name: '  ', other: 5})-[:FOLLOWS]->(:User {uid: 'b', n: 2.5, "
        "mixed: 'x', day: datetime('2024-05-01T00:00:01Z'), name: 'B'})"
    )
    with shown(url) as snapshot:
        assert {name: str(kind) for name, kind in snapshot.column_types.items()} == {
            "day": "date", "mixed": "text", "n": "number", "name": "text", "other": "number",
            "phone": "text", "yes": "boolean",
        }  # fmt: skip
        found = snapshot.columns(["name", "mixed", "phone", "n"])
        assert found["name"] == [None, "B"]
        assert found["mixed"] == ["1", "x"]
        assert found["phone"] == ["1234567890123456", None]
        assert found["n"] == [1.0, 2.5]
    with shown(url, PLAIN + "; columns=n who=name") as snapshot:
        assert list(snapshot.column_types) == ["n", "who"]
    with shown(url, PLAIN + "; columns=") as snapshot:
        assert list(snapshot.column_types) == []


def test_names_that_are_not_there(url: str, server: Any) -> None:
    server.run("CREATE (:User {uid: 1})-[:FOLLOWS]->(:User {uid: 2}), (:Tweet)-[:BY]->(:Tweet)")
    for mapping, sentence in (
        ("label=Users; id=uid; follows=FOLLOWS", "no node with the label Users. Is it User[?]"),
        ("label=User; id=uid; follows=FOLLOW", "of the type FOLLOW. Is it FOLLOWS[?] `guanxi doc"),
        ("label=User; id=uid; follows=BY", "of the type BY. Is it BY[?]"),
        ("label=User; id=uid; follows=xyz", "of the type xyz. There are BY, FOLLOWS."),
    ):
        with pytest.raises(StoreError, match=sentence):
            shown(url, mapping)
    with pytest.raises(StoreError, match="that guanxi did not load: `guanxi doctor --store bolt"):
        open_snapshot(url, login=LOGINS.get(url))


def test_a_mapping_is_for_servers(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"belongs to a graph in Neo4j, and .* is a file"):
        open_store(tmp_path / "net.duckdb", mapping=parse_mapping(PLAIN))
