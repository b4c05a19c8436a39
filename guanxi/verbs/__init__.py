"""The verbs of the engine, a file each. They join store, snapshot and algorithms into results."""
