// From the count store, at once.
MATCH (n) RETURN count(n) AS count
