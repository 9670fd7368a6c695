"""What carries dashboards, as TypedDicts: the fields that are emitted, in the order of emission. For type checkers
only."""

from __future__ import annotations

from typing import Literal, TypedDict

from fleetc_kubernetes.objects import LabelSelector, Metadata


class GrafanaDashboardSpec(TypedDict):
    """A dashboard as JSON, and the Grafanas that show it."""

    instanceSelector: LabelSelector
    allowCrossNamespaceImport: bool
    json: str


class GrafanaDashboard(TypedDict):
    """grafana.integreatly.org GrafanaDashboard."""

    apiVersion: str
    kind: Literal["GrafanaDashboard"]
    metadata: Metadata
    spec: GrafanaDashboardSpec


class DashboardMap(TypedDict):
    """v1 ConfigMap that the sidecar of Grafana reads."""

    apiVersion: str
    kind: Literal["ConfigMap"]
    metadata: Metadata
    data: dict[str, str]
