"""Judges what is emitted: each object by itself, and all of a cluster together."""
