// A page of accounts, in the order and by the index of their ids.
MATCH (a:Account) USING INDEX a:Account(id)
WHERE a.id > $after
WITH a, a.id AS id ORDER BY id LIMIT $limit
RETURN collect(id(a)) AS keys, collect(id) AS ids, collect(a.guanxi_made IS NOT NULL) AS made
