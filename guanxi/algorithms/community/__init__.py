"""Who belongs together: Leiden, Louvain, label propagation."""
