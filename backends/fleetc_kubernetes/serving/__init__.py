"""What serves a model on a cluster: its servers, how they are reached, scaled and measured, and its weights."""

from __future__ import annotations

from typing import Final

from fleetc.emission.site import Lowering, ModelSite
from fleetc_kubernetes.serving.deployment import deployments
from fleetc_kubernetes.serving.disruption_budget import disruption_budgets
from fleetc_kubernetes.serving.leader_worker_set import leader_worker_sets
from fleetc_kubernetes.serving.service import services
from fleetc_kubernetes.serving.service_account import service_accounts

LOWERINGS: Final[tuple[Lowering[ModelSite], ...]] = (
    Lowering("ServiceAccount", service_accounts),
    Lowering("Deployment", deployments),
    Lowering("LeaderWorkerSet", leader_worker_sets),
    Lowering("Service", services),
    Lowering("PodDisruptionBudget", disruption_budgets),
)
