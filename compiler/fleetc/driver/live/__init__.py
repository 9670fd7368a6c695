"""Running clusters, read only: what is there, and how it differs from what the specs give."""
