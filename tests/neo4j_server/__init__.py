"""Real Neo4j servers for the tests, from Maven Central: no Docker, nothing left behind.

    python -m tests.neo4j_server fetch          all releases into the cache (`make neo4j`)
    python -m tests.neo4j_server start 5.26     one server, until Ctrl-C

`releases` says what there is, `tools` finds Java and Maven, `download` fills the cache,
`server` starts, stops and kills, `supervisor` is the process that ends a server when
whoever started it is gone, `plugin` has the fixtures.
"""
