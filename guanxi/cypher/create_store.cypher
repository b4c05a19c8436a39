// `seen_*` are the counts that guanxi knows of; others than these were made by somebody else.
MERGE (s:GuanxiStore {key: 'store'})
ON CREATE SET s.schema = $schema, s.store_id = $store_id, s.version = 0, s.token = $token,
  s.revision = 0, s.seen_accounts = 0, s.seen_follows = 0, s.seen_interactions = 0
