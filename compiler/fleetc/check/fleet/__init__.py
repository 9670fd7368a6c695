"""Checks of a whole cluster: what its objects say of each other, and of what the specs declare."""
