"""Placement: which pools promise room to which workloads, with the proof that the promises hold.

A library of its own: it knows no spec kinds. `solve` places, `explain` says why (and what would work), `lose` and
`drain` ask what if. Everything is a pure function over frozen values and integers, whatever the order of its inputs.
"""

from fleetc.plan.placement.again import again
from fleetc.plan.placement.explain import explain
from fleetc.plan.placement.solve import solve
from fleetc.plan.placement.whatif import LostCluster, LostPool, LostZone, drain, locked, lose

__all__ = ["LostCluster", "LostPool", "LostZone", "again", "drain", "explain", "locked", "lose", "solve"]
