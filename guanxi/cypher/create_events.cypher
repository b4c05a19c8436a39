// By internal ids, which is several times as fast as by index. Where one of them has become
// another account's, or nobody's, nothing is created.
UNWIND range(0, size($ids) - 1) AS k
MATCH (a) WHERE id(a) = $keys[k]
WITH k, a ORDER BY k
WHERE a:Account AND a.id = $ids[k]
WITH collect(a) AS accounts WHERE size(accounts) = size($ids)
UNWIND range(0, size($actor) - 1) AS i
WITH i, accounts[$actor[i]] AS actor, accounts[$target[i]] AS target
CREATE (actor)-[:INTERACTION_EVENT {id: $event[i], kind: $kinds[$kind[i]], at: $at[i],
  count: $count[i], weight: $weight[i], value: $value[i]}]->(target)
