// A column of the accounts of a page, where there is anything.
MATCH (a) WHERE id(a) IN $keys AND a[$property] IS NOT NULL
RETURN collect(id(a)) AS keys, collect(a[$property]) AS values
