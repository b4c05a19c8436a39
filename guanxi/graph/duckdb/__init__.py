"""The store in one DuckDB file: loads, reading, scores."""
