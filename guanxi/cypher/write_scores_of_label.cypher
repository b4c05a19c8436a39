// A node that was removed since `keys` were read, and whose internal id another took over, is
// told by its own id.
UNWIND range(0, size($keys) - 1) AS i
MATCH (a) WHERE id(a) = $keys[i]
WITH a, i WHERE a:{{label}} AND coalesce(a[$property], '') = $ids[i]
FOREACH (c IN range(0, size($properties) - 1) | SET a[$properties[c]] = $values[c][i])
RETURN count(a) AS found
