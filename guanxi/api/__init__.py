"""The HTTP API: it only translates, as the command line does; the engine has the behaviour.

`guanxi serve` starts a supervisor (`server`), which keeps worker processes (`app`) alive and
runs each job in a process of its own (`dispatcher`, `job_process`).
"""
