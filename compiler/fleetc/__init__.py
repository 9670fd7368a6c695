"""fleetc: a declarative GitOps configuration compiler for AI platforms."""

__version__ = "0.1.0"
