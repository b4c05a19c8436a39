// A node that has one of some properties, and which.
MATCH (a:{{label}})
WITH a, [name IN $properties WHERE a[name] IS NOT NULL] AS found
WHERE size(found) > 0
RETURN found[0] AS property, toString(a[$id_property]) AS id LIMIT 1
