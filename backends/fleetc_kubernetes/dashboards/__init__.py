"""What Grafana shows of models, pools, teams and clusters."""

from __future__ import annotations

from typing import Final

from fleetc.emission.site import DashboardSite, Lowering
from fleetc_kubernetes.dashboards.dashboards import dashboards

LOWERINGS: Final[tuple[Lowering[DashboardSite], ...]] = (Lowering("Dashboard", dashboards),)
