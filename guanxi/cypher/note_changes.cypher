MATCH (s:GuanxiStore {key: 'store'})
SET s.revision = s.revision + 1, s.version = s.version + $versions,
  s.token = coalesce($token, s.token),
  s.seen_accounts = s.seen_accounts + $accounts, s.seen_follows = s.seen_follows + $follows,
  s.seen_interactions = s.seen_interactions + $interactions
