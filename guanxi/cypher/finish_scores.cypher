MATCH (m:GuanxiMeta {key: 'scores'})
SET m.complete = true, m.scores = $scores, m.properties = $properties, m.meta = $meta,
  m.version = $version, m.written = $written
