"""What runs where. Placement is decided here, once; lowerings read the result."""

from fleetc.plan.findings import plan
from fleetc.plan.plan import CLUSTER_SUBJECT, Plan, Subject

__all__ = ["CLUSTER_SUBJECT", "Plan", "Subject", "plan"]
