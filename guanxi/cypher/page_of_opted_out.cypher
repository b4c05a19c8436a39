// Who has opted out by now, whoever noted it: found by the index on that property. Texts and
// numbers come with them, so that nobody is overlooked of whom it says 'yes' or 1.
MATCH (a:Account)
WHERE a.{{property}} = true OR a.{{property}} >= '' OR a.{{property}} >= -1.7e308
WITH a.id AS id, a.{{property}} AS value WHERE id > $after
WITH id, value ORDER BY id LIMIT $limit
RETURN collect(id) AS ids, collect(value) AS values
