MATCH (m:GuanxiMeta {key: $key})
SET m.complete = true, m.scores = $scores, m.properties = $properties, m.meta = $meta,
  m.version = $version, m.written = $written
