MATCH (c:GuanxiColumn)
RETURN c.name AS name, c.type AS type, c.property AS property ORDER BY c.position
