// Which events are there already, and whether they say the same. Accounts may be missing.
UNWIND range(0, size($ids) - 1) AS k
OPTIONAL MATCH (a:Account {id: $ids[k]})
WITH k, CASE WHEN a IS NULL THEN [] ELSE [a] END AS there ORDER BY k
WITH collect(there) AS accounts
UNWIND range(0, size($actor) - 1) AS i
UNWIND accounts[$actor[i]] AS actor
UNWIND accounts[$target[i]] AS target
MATCH (actor)-[e:INTERACTION_EVENT]->(target)
WHERE e.id = $event[i] AND e.kind = $kinds[$kind[i]]
RETURN collect(i) AS found, collect(coalesce(
  e.count = $count[i] AND e.weight = $weight[i] AND e.value = $value[i]
  AND (e.at = $at[i] OR e.at IS NULL AND $at[i] IS NULL), false)) AS same
