// The accounts among some internal ids: several times as fast as by the index of their ids.
UNWIND range($low, $high) AS key
MATCH (a) WHERE id(a) = key
WITH a, key, a.id AS id WHERE a:Account AND id > ''
RETURN collect(key) AS keys, collect(id) AS ids, collect(a.guanxi_made IS NOT NULL) AS made
