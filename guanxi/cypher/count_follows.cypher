MATCH (:Account)-[f:FOLLOWS]->() RETURN count(f) AS count
