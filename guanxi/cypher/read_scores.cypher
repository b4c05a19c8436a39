MATCH (m:GuanxiMeta {key: 'scores'}) RETURN properties(m) AS meta
