// As `make_accounts` where there is no account yet: nobody need be looked for.
UNWIND range(0, size($ids) - 1) AS k
CREATE (a:Account {id: $ids[k], guanxi_made: true})
RETURN collect(k) AS places, collect(id(a)) AS keys
