// All among some internal ids whose value is anything else than false.
UNWIND range($low, $high) AS key
MATCH (a) WHERE id(a) = key
WITH a WHERE a:{{label}} AND a[$property] <> false
RETURN collect(coalesce(a[$id_property], '')) AS ids, collect(a[$property]) AS values
