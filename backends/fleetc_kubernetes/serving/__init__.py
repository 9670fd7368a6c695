"""What serves a model on a cluster: its servers, how they are reached, scaled and measured, and its weights."""

from __future__ import annotations

from typing import Final

from fleetc.emission.site import Lowering, ModelSite
from fleetc_kubernetes.serving.autoscaler import autoscalers
from fleetc_kubernetes.serving.claim_template import claim_templates
from fleetc_kubernetes.serving.deployment import deployments
from fleetc_kubernetes.serving.disruption_budget import disruption_budgets
from fleetc_kubernetes.serving.http_route import http_routes
from fleetc_kubernetes.serving.leader_worker_set import leader_worker_sets
from fleetc_kubernetes.serving.network_policy import network_policies
from fleetc_kubernetes.serving.picker import LOWERINGS as OF_PICKERS
from fleetc_kubernetes.serving.scaled_object import scaled_objects
from fleetc_kubernetes.serving.service import services
from fleetc_kubernetes.serving.service_account import service_accounts
from fleetc_kubernetes.serving.service_export import service_exports
from fleetc_kubernetes.serving.service_monitor import service_monitors
from fleetc_kubernetes.serving.weights_claim import weights_claims
from fleetc_kubernetes.serving.weights_job import weights_jobs

LOWERINGS: Final[tuple[Lowering[ModelSite], ...]] = (
    Lowering("ServiceAccount", service_accounts),
    Lowering("PersistentVolumeClaim of weights", weights_claims),
    Lowering("Job that loads weights", weights_jobs),
    Lowering("ResourceClaimTemplate", claim_templates),
    Lowering("Deployment", deployments),
    Lowering("LeaderWorkerSet", leader_worker_sets),
    Lowering("Service", services),
    Lowering("ServiceExport", service_exports),
    Lowering("NetworkPolicy", network_policies),
    Lowering("PodDisruptionBudget", disruption_budgets),
    Lowering("HorizontalPodAutoscaler", autoscalers),
    Lowering("ScaledObject", scaled_objects),
    Lowering("ServiceMonitor", service_monitors),
    Lowering("HTTPRoute", http_routes),
    *OF_PICKERS,
)
