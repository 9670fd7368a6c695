"""What runs where. Placement is decided here, once; lowerings read the result."""

from fleetc.plan.plan import CLUSTER_SUBJECT, Plan, Subject, plan

__all__ = ["CLUSTER_SUBJECT", "Plan", "Subject", "plan"]
