// Adds to the cells (actor, target, kind, day) that are there; which rows those are.
UNWIND range(0, size($ids) - 1) AS k
OPTIONAL MATCH (a:Account {id: $ids[k]})
WITH k, CASE WHEN a IS NULL THEN [] ELSE [a] END AS there ORDER BY k
WITH collect(there) AS accounts
UNWIND range(0, size($actor) - 1) AS i
UNWIND accounts[$actor[i]] AS actor
UNWIND accounts[$target[i]] AS target
MATCH (actor)-[r:INTERACTED]->(target)
WHERE r.kind = $kinds[$kind[i]] AND (r.day = $day[i] OR r.day IS NULL AND $day[i] IS NULL)
SET r.count = r.count + $count[i], r.weight = r.weight + $weight[i],
  r.value = r.value + $value[i],
  r.first_at = CASE WHEN r.first_at <= $first_at[i] THEN r.first_at ELSE $first_at[i] END,
  r.last_at = CASE WHEN r.last_at >= $last_at[i] THEN r.last_at ELSE $last_at[i] END
RETURN collect(i) AS found
