// The follows that start at some accounts; as many as $limit means that there may be more. Both
// ends come as one number: the place of the actor in $keys times $step, plus the key of the target.
UNWIND range(0, size($keys) - 1) AS i
MATCH (a) WHERE id(a) = $keys[i]
MATCH (a)-[f:FOLLOWS]->(t) WHERE $all_accounts OR t:Account
WITH i, t, f.since AS since LIMIT $limit
RETURN collect(i * $step + id(t)) AS ends, collect(coalesce(since, $none)) AS since
