// From the count store, at once.
MATCH ()-[r]->() RETURN count(r) AS count
