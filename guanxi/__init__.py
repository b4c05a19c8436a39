"""guanxi (关系): find the core users of a social network."""

__version__ = "0.1.0"
