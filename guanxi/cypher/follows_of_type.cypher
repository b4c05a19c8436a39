// Relationships that start at some nodes; as many as $limit means that there may be more. Dates
// and times become microseconds, without a zone in UTC; what is something else stands in `raw`.
UNWIND $keys AS key
MATCH (a) WHERE id(a) = key
MATCH (a)-[r:{{type}}]->(t) WHERE t:{{label}}
WITH a, t, r[$at_property] AS at LIMIT $limit
WITH a, t, at, CASE
    WHEN at IS NULL THEN $none
    WHEN at IS :: ZONED DATETIME THEN at
    WHEN at IS :: LOCAL DATETIME THEN datetime({datetime: at, timezone: 'Z'})
    WHEN at IS :: DATE THEN datetime({date: at, timezone: 'Z'})
    ELSE $raw
  END AS time
WITH a, t, at, CASE WHEN time IS :: INTEGER THEN time
    ELSE time.epochSeconds * 1000000 + time.microsecond END AS time
RETURN collect(id(a)) AS actor, collect(id(t)) AS target, collect(time) AS at,
  collect(CASE WHEN time = $raw THEN at END) AS raw
