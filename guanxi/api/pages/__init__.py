"""The page: HTML for growth teams and planners, made on the server.

A page only reads; whatever changes something (a job, an upload, a log-in) is asked of the API
by a small script, with the same words as everybody else uses. Each module makes what its
template shows; `routes` says at which address.
"""
