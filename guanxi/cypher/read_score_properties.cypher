// Whatever guanxi has written to the nodes of this database, by whichever mapping.
MATCH (m:GuanxiMeta) UNWIND m.properties AS property
RETURN collect(DISTINCT property) AS properties
