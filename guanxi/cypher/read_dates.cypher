UNWIND $keys AS key
MATCH (a) WHERE id(a) = key AND a[$property] IS NOT NULL
WITH key, a[$property] AS at
RETURN collect(key) AS keys, collect(at.epochSeconds * 1000000 + at.microsecond) AS values
