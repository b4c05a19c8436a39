// Some relationships of a type, and the labels that they connect.
MATCH (a)-[r:{{type}}]->(b)
WITH a, r, b LIMIT $limit
RETURN collect([name IN labels(a) WHERE name IN labels(b)]) AS labels,
  collect(properties(r)) AS found
