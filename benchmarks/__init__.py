"""Measurements of guanxi beside its peers: `python -m benchmarks`."""
