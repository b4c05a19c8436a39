UNWIND range(0, size($actors) - 1) AS i
MATCH (a) WHERE id(a) = $actors[i]
MATCH (a)-[f:FOLLOWS]->(t) WHERE id(t) = $targets[i]
DELETE f
