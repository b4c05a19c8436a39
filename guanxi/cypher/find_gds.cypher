SHOW FUNCTIONS YIELD name
WHERE name = 'gds.version'
RETURN count(*) AS count
