"""Lowerings to Kubernetes objects: one folder a concern, one file an emitted kind."""
