"""The tables: YAML files, every fact with its source in a comment beside it."""
