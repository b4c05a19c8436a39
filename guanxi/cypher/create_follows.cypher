// Accounts that somebody removed meanwhile are made again.
UNWIND range(0, size($ids) - 1) AS k
MERGE (a:Account {id: $ids[k]})
ON CREATE SET a.guanxi_made = true
WITH k, a ORDER BY k
WITH collect(a) AS accounts
UNWIND range(0, size($actor) - 1) AS i
WITH i, accounts[$actor[i]] AS actor, accounts[$target[i]] AS target
CREATE (actor)-[:FOLLOWS {since: $since[i]}]->(target)
