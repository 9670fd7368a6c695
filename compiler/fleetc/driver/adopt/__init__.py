"""Edits of output, made by hand or in a running cluster, carried back into the specs that the values come from."""
