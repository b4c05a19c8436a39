"""Algorithms over arrays: the folder is the question, the file is the algorithm."""
