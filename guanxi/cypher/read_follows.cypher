// The follows that start at some accounts; as many as $limit means that there may be more.
UNWIND $keys AS key
MATCH (a) WHERE id(a) = key
MATCH (a)-[f:FOLLOWS]->(t) WHERE t:Account
WITH a, f, t LIMIT $limit
RETURN collect(id(a)) AS actor, collect(id(t)) AS target,
  collect(coalesce(f.since, $none)) AS since
