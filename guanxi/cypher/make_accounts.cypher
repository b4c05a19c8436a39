// Accounts that only edges mention; a file of accounts may describe them later.
UNWIND $ids AS id
MERGE (a:Account {id: id})
ON CREATE SET a.guanxi_made = true
