// Until the scores are complete, those of the accounts are partly old and partly new; whoever
// began last goes on, and others find out by `writer`.
MERGE (m:GuanxiMeta {key: $key})
SET m.complete = false, m.properties = $properties, m.writer = $writer
