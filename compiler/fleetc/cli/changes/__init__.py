"""How `fleetc diff` prints: text, JSON, and Markdown for a pull request."""
