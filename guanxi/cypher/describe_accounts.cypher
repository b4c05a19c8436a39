// `guanxi_made` is true for accounts that only edges mention, false for those made just now
// (until the end of this statement), and absent otherwise.
UNWIND range(0, size($ids) - 1) AS i
MERGE (a:Account {id: $ids[i]})
ON CREATE SET a.guanxi_made = false
WITH a, i, a.guanxi_made AS made
CALL (a, i) {
  UNWIND range(0, size($properties) - 1) AS c
  WITH a, $properties[c] AS property, $values[c][i] AS value
  WHERE value IS NOT NULL AND (a[property] IS NULL OR a[property] <> value)
  SET a[property] = value
  RETURN count(*) AS set_values
}
CALL (a, i) {
  UNWIND range(0, size($dates) - 1) AS c
  WITH a, $dates[c] AS property, $seconds[c][i] AS seconds, $micros[c][i] AS micros
  WHERE seconds IS NOT NULL
  WITH a, property, datetime({epochSeconds: seconds, nanosecond: micros * 1000}) AS value
  WHERE a[property] IS NULL OR a[property] <> value
  SET a[property] = value
  RETURN count(*) AS set_dates
}
REMOVE a.guanxi_made
RETURN count(CASE WHEN made = false THEN 1 END) AS new, count(CASE WHEN made THEN 1 END) AS filled,
  count(CASE WHEN made IS NULL AND set_values + set_dates > 0 THEN 1 END) AS updated
