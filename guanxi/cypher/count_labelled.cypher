// From the count store, at once; as are the other counts.
MATCH (a:{{label}}) RETURN count(a) AS count
