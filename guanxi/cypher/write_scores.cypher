// By internal ids. A node that was removed since they were read, and whose internal id another
// took over, is told by its own id.
UNWIND range(0, size($ids) - 1) AS k
MATCH (a) WHERE id(a) = $keys[k]
WITH k, a ORDER BY k
WHERE a:{{label}} AND coalesce(a[$property], '') = $ids[k]
FOREACH (c IN range(0, size($properties) - 1) | SET a[$properties[c]] = $values[c][k])
RETURN collect(k) AS places
