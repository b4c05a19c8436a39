UNWIND range(0, size($ids) - 1) AS k
MATCH (a:Account {id: $ids[k]})
WITH k, a ORDER BY k
WITH collect(a) AS accounts
UNWIND range(0, size($actor) - 1) AS i
WITH i, accounts[$actor[i]] AS actor, accounts[$target[i]] AS target
CREATE (actor)-[:FOLLOWS {since: $since[i]}]->(target)
