MATCH (a) WHERE id(a) IN $keys
MATCH (a)-[f:FOLLOWS]->(t:Account)
RETURN collect(id(a)) AS actors, collect(id(t)) AS targets, collect(coalesce(f.since, $none)) AS since
