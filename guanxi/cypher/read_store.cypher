MATCH (s:GuanxiStore {key: 'store'}) RETURN properties(s) AS store
