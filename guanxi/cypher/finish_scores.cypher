// The first SET locks the node, before it is asked who began last.
MATCH (m:GuanxiMeta {key: $key}) SET m.complete = false
WITH m WHERE m.writer = $writer
SET m.complete = true, m.scores = $scores, m.properties = $properties, m.meta = $meta,
  m.version = $version, m.written = $written
REMOVE m.writer
RETURN count(m) AS finished
