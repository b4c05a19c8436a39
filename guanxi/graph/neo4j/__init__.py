"""The store in a Neo4j database, its own or of others: loads, reading, scores, bulk files."""
