"""The routes, a file for each kind; each is a list of endpoints with the scope that it needs."""
