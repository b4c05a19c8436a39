"""Small functions that kernels of several files call."""
