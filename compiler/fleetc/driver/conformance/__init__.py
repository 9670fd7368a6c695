"""The evidence of Kubernetes AI Conformance: what clusters are seen as, and the files that tell of it."""
