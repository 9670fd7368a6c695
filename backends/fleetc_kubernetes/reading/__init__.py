"""Lowerings backwards: from objects to what a spec must say to emit them.

What is read is a guess, never a proof: whoever reads builds the spec, and compares what it emits with the objects.
"""

from fleetc_kubernetes.reading.candidates import candidates
from fleetc_kubernetes.reading.team import read_team

__all__ = ["candidates", "read_team"]
