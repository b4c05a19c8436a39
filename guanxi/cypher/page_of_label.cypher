// The nodes of a label among some internal ids. A missing property comes as an empty text.
UNWIND range($low, $high) AS key
MATCH (a) WHERE id(a) = key
WITH a, key WHERE a:{{label}}
RETURN collect(key) AS keys, collect(coalesce(a[$property], '')) AS ids
