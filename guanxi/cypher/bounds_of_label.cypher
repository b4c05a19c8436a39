MATCH (a:{{label}}) RETURN min(id(a)) AS low, max(id(a)) AS high
