// The interactions that start at some accounts; as many as $limit means that there may be more.
// Both ends come as one number: the place of the actor in $keys times $step, plus the key of the
// target.
UNWIND range(0, size($keys) - 1) AS i
MATCH (a) WHERE id(a) = $keys[i]
MATCH (a)-[r:INTERACTED]->(t) WHERE $all_accounts OR t:Account
WITH i, r, t LIMIT $limit
WITH i, r, t, coalesce(r.count, 1) AS count
RETURN r.kind AS kind, collect(i * $step + id(t)) AS ends,
  collect(coalesce(r.day, $no_day)) AS day, collect(count) AS count,
  collect(coalesce(r.weight, count * 1000000)) AS weight, collect(coalesce(r.value, 0)) AS value,
  collect(coalesce(r.first_at, $none)) AS first_at, collect(coalesce(r.last_at, $none)) AS last_at
