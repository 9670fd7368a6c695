"""Kubernetes AI Conformance: what of it a cluster meets, decided by what is emitted for it and by its spec."""
