CALL db.propertyKeys() YIELD propertyKey RETURN collect(propertyKey) AS properties
