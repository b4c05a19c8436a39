"""Whom to win: reverse-reachable sets, seed selection, reach."""
