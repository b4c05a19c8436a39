UNWIND range(0, size($ids) - 1) AS i
MATCH (a:Account {id: $ids[i]})
CALL (a, i) {
  UNWIND range(0, size($properties) - 1) AS c
  SET a[$properties[c]] = $values[c][i]
}
RETURN count(a) AS found
