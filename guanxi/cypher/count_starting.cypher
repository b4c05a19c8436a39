MATCH (:{{label}})-[r:{{type}}]->() RETURN count(r) AS count
