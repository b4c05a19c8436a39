// The write lock lasts until the transaction ends: one batch at a time, whoever loads.
MATCH (s:GuanxiStore {key: 'store'}) SET s.locked = timestamp()
