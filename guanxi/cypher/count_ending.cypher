MATCH ()-[r:{{type}}]->(:{{label}}) RETURN count(r) AS count
