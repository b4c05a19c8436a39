UNWIND range(0, size($ids) - 1) AS i
MATCH (a:Account {id: $ids[i]})
FOREACH (c IN range(0, size($properties) - 1) | SET a[$properties[c]] = $values[c][i])
RETURN count(a) AS found
