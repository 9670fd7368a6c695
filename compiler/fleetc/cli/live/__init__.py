"""How `fleetc diff --live` and `fleetc adopt` ask for clusters, and print."""
