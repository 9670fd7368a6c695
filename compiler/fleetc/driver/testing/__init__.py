"""Tests of a platform's own repository: what `fleetc test` runs."""
