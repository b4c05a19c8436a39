MATCH (m:GuanxiMeta {key: $key}) RETURN properties(m) AS meta
