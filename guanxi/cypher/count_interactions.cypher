MATCH (:Account)-[r:INTERACTED]->() RETURN count(r) AS count
