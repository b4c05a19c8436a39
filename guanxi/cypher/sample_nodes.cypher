MATCH (a:{{label}}) WITH a LIMIT $limit
RETURN collect(properties(a)) AS found
