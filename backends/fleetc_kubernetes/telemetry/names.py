"""Where what a Telemetry makes is, and how it is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fleetc.emission.site import TelemetrySite
from fleetc_kubernetes.metadata import common_labels

if TYPE_CHECKING:
    from fleetc_kubernetes.objects import Metadata


def namespace(s: TelemetrySite) -> str:
    """The namespace of the cluster's monitoring; that it is said, is checked before."""
    return s.cluster.monitoring.namespace or ""


def metadata(s: TelemetrySite, name: str) -> Metadata:
    """The metadata of an object there."""
    return {"name": name, "namespace": namespace(s), "labels": common_labels(s)}


def prometheus_name(s: TelemetrySite) -> str:
    """The name of Prometheus, its account and its roles."""
    return s.telemetry.name


def runs(s: TelemetrySite) -> bool:
    """Whether a Prometheus is made."""
    return s.telemetry.prometheus.retention is not None
