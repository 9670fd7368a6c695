"""What follows from an Objective: recorded indicators and budgets, alerts, what is unusual, and who is told."""

from __future__ import annotations

from typing import Final

from fleetc.emission.site import Lowering, ObjectiveSite
from fleetc_kubernetes.objectives.notices import alertmanager_configs
from fleetc_kubernetes.objectives.rules import prometheus_rules

LOWERINGS: Final[tuple[Lowering[ObjectiveSite], ...]] = (
    Lowering("PrometheusRule", prometheus_rules),
    Lowering("AlertmanagerConfig", alertmanager_configs),
)
