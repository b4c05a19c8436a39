MATCH (a) WHERE id(a) IN $keys AND a[$property] IS NOT NULL
WITH id(a) AS key, a[$property] AS at
RETURN collect(key) AS keys, collect(at.epochSeconds * 1000000 + at.microsecond) AS values
