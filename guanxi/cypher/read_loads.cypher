MATCH (l:GuanxiLoad)
WHERE l.number = coalesce($number, l.number) AND l.name = coalesce($name, l.name)
RETURN properties(l) AS load ORDER BY l.number
