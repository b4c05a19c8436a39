// A column of some accounts, where there is anything.
UNWIND $keys AS key
MATCH (a) WHERE id(a) = key AND a[$property] IS NOT NULL
RETURN collect(key) AS keys, collect(a[$property]) AS values
