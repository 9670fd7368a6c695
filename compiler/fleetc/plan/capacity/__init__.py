"""From specs to the planner's question: pools as nodes, models as replicas with the ways in which they fit.

`capacity` makes the placement problem of a whole fleet, `placed` solves it, `findings` says what cannot be kept. Pure:
the locks that hold are an argument.
"""

from fleetc.plan.capacity.capacity import Capacity, capacity
from fleetc.plan.capacity.findings import findings

__all__ = ["Capacity", "capacity", "findings"]
