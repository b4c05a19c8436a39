// The earliest `since` wins; which rows are there already.
UNWIND range(0, size($ids) - 1) AS k
MATCH (a:Account {id: $ids[k]})
WITH k, a ORDER BY k
WITH collect(a) AS accounts
UNWIND range(0, size($actor) - 1) AS i
WITH i, accounts[$actor[i]] AS actor, accounts[$target[i]] AS target
MATCH (actor)-[f:FOLLOWS]->(target)
WITH i, f, $since[i] AS since
WITH i, f, since, since IS NOT NULL AND (f.since IS NULL OR since < f.since) AS earlier
FOREACH (_ IN CASE WHEN earlier THEN [1] ELSE [] END | SET f.since = since)
RETURN collect(i) AS found, count(CASE WHEN earlier THEN 1 END) AS updated
