// A column of dates and times of any type, in microseconds; without a zone they are in UTC.
UNWIND $keys AS key
MATCH (a) WHERE id(a) = key AND a[$property] IS NOT NULL
WITH key, a[$property] AS at
WITH key, CASE
    WHEN at IS :: ZONED DATETIME THEN at
    WHEN at IS :: LOCAL DATETIME THEN datetime({datetime: at, timezone: 'Z'})
    WHEN at IS :: DATE THEN datetime({date: at, timezone: 'Z'})
  END AS at
WHERE at IS NOT NULL
RETURN collect(key) AS keys, collect(at.epochSeconds * 1000000 + at.microsecond) AS values
