"""YAML as it was written: values with their style, and every comment with what it belongs to."""
