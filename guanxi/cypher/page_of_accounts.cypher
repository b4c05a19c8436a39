// A page of accounts, by the index of their ids; `links` is what hangs on each of them.
MATCH (a:Account) USING INDEX a:Account(id)
WHERE a.id > $after
WITH a ORDER BY a.id LIMIT $limit
WITH a, a.id AS id, COUNT { (a)-[:FOLLOWS]->() } AS follows,
  COUNT { (a)-[:INTERACTED]->() } AS interactions
RETURN collect(id(a)) AS keys, collect(id) AS ids, collect(a.guanxi_made IS NOT NULL) AS made,
  collect(follows) AS follows, collect(interactions) AS interactions
