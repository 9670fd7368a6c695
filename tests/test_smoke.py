"""The package imports."""

import fleetc


def test_version() -> None:
    assert fleetc.__version__
