// The interactions that start at some accounts; as many as $limit means that there may be more.
UNWIND $keys AS key
MATCH (a) WHERE id(a) = key
MATCH (a)-[r:INTERACTED]->(t) WHERE t:Account
WITH a, r, t LIMIT $limit
WITH a, r, t, coalesce(r.count, 1) AS count
RETURN r.kind AS kind, collect(id(a)) AS actor, collect(id(t)) AS target,
  collect(coalesce(r.day, $no_day)) AS day, collect(count) AS count,
  collect(coalesce(r.weight, count * 1000000)) AS weight, collect(coalesce(r.value, 0)) AS value,
  collect(coalesce(r.first_at, $none)) AS first_at, collect(coalesce(r.last_at, $none)) AS last_at
