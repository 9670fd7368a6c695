"""Completions of each shell, from the grammar."""
