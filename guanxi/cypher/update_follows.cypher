// The earliest `since` wins; which rows are there already. Accounts may be missing.
UNWIND range(0, size($ids) - 1) AS k
OPTIONAL MATCH (a:Account {id: $ids[k]})
WITH k, CASE WHEN a IS NULL THEN [] ELSE [a] END AS there ORDER BY k
WITH collect(there) AS accounts
UNWIND range(0, size($actor) - 1) AS i
UNWIND accounts[$actor[i]] AS actor
UNWIND accounts[$target[i]] AS target
MATCH (actor)-[f:FOLLOWS]->(target)
WITH i, f, $since[i] AS since
WITH i, f, since, since IS NOT NULL AND (f.since IS NULL OR since < f.since) AS earlier
FOREACH (_ IN CASE WHEN earlier THEN [1] ELSE [] END | SET f.since = since)
RETURN collect(i) AS found, count(CASE WHEN earlier THEN 1 END) AS updated
