// A column of some nodes as texts, where there is anything that can be one.
UNWIND $keys AS key
MATCH (a) WHERE id(a) = key AND a[$property] IS NOT NULL
WITH key, btrim(toStringOrNull(a[$property]), ' \t') AS text WHERE text <> ''
RETURN collect(key) AS keys, collect(text) AS values
