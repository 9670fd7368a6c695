"""`python -m fleetc`."""

from fleetc.cli.main import entry

entry()
