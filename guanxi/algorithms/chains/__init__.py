"""Who leads to whom: chains, the steps between accounts, and how far apart all of them are."""
