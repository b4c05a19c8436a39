MATCH (s:GuanxiStore {key: 'store'})
SET s.last_load = coalesce(s.last_load, 0) + 1
CREATE (l:GuanxiLoad {number: s.last_load})
SET l += $load
RETURN l.number AS number
