// Who has opted out by now, whoever noted it. The page is cut by the index of the ids.
MATCH (a:Account) USING INDEX a:Account(id)
WHERE a.id > $after AND a[$property] = true
WITH a.id AS id ORDER BY a.id LIMIT $limit
RETURN collect(id) AS ids
