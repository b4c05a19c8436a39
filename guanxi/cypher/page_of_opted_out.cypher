// Who has opted out by now, whoever noted it: found by the index on that property.
MATCH (a:Account) WHERE a.{{property}} = true
WITH a.id AS id WHERE id > $after
WITH id ORDER BY id LIMIT $limit
RETURN collect(id) AS ids
