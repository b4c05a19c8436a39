MATCH (m:GuanxiMeta {key: $key}) WHERE m.writer = $writer RETURN count(m) AS writers
