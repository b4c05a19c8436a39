// Accounts that only edges mention; a file of accounts may describe them later.
UNWIND range(0, size($ids) - 1) AS k
MERGE (a:Account {id: $ids[k]})
ON CREATE SET a.guanxi_made = true
RETURN collect(k) AS places, collect(id(a)) AS keys
