// Which properties some nodes have, of which types, and which whole numbers a float cannot hold.
UNWIND $keys AS key
MATCH (a) WHERE id(a) = key
UNWIND [name IN keys(a) WHERE $properties IS NULL OR name IN $properties] AS property
WITH property, a[property] AS value
WITH property, valueType(value) AS type,
  count(CASE WHEN value IS :: INTEGER THEN
    CASE WHEN abs(value) >= 1000000000000000 THEN 1 END END) AS long
RETURN collect(property) AS properties, collect(type) AS types, collect(long) AS long
