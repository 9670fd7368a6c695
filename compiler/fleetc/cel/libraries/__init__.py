"""The functions of CEL and those that Kubernetes adds, each with what it takes, gives and does."""
