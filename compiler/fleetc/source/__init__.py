"""Source text: files, documents, and where in them a value stands. The bottom layer."""
