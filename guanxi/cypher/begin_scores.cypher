// Until the scores are complete, those of the accounts are partly old and partly new.
MERGE (m:GuanxiMeta {key: $key})
SET m.complete = false, m.properties = $properties
