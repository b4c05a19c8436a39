// From the count store, at once; as are the other counts.
MATCH (a:Account) RETURN count(a) AS count
