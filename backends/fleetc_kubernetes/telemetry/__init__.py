"""What Prometheus reads on a cluster, the one that reads it, and what is recorded of devices."""

from __future__ import annotations

from typing import Final

from fleetc.emission.site import Lowering, TelemetrySite
from fleetc_kubernetes.telemetry.access import cluster_role_bindings, cluster_roles, service_accounts
from fleetc_kubernetes.telemetry.device_rules import device_rules
from fleetc_kubernetes.telemetry.monitors import monitors
from fleetc_kubernetes.telemetry.prometheus import prometheuses

LOWERINGS: Final[tuple[Lowering[TelemetrySite], ...]] = (
    Lowering("ServiceAccount", service_accounts),
    Lowering("ClusterRole", cluster_roles),
    Lowering("ClusterRoleBinding", cluster_role_bindings),
    Lowering("Prometheus", prometheuses),
    Lowering("ServiceMonitor", monitors),
    Lowering("PrometheusRule of devices", device_rules),
)
