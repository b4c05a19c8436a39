MATCH (a:Account) WHERE a[$property] IS NOT NULL
WITH a LIMIT $limit
SET a[$property] = null
RETURN count(a) AS removed
