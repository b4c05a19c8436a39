"""Readers, stores and the snapshot: from files to arrays."""
