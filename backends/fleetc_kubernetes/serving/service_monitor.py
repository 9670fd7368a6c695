"""ServiceMonitors: Prometheus reads what the engine tells of itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fleetc.catalogue.components import served_in
from fleetc.emission.site import ModelSite
from fleetc.language.measures import ENGINE_INTERVAL
from fleetc_kubernetes.serving.names import HTTP, MODEL, POOL, model_metadata, release_of

if TYPE_CHECKING:
    from fleetc_kubernetes.serving.objects import ServiceMonitor

GROUP: Final = "monitoring.coreos.com"


def service_monitors(s: ModelSite) -> Iterator[ServiceMonitor]:
    """A ServiceMonitor where the Prometheus Operator is; series have the model and the pool of their pod as labels."""
    api = served_in(s.cluster.components, GROUP, "ServiceMonitor", "v1")
    if api is not None:
        yield {
            "apiVersion": api,
            "kind": "ServiceMonitor",
            "metadata": model_metadata(s, s.model.name),
            "spec": {
                "podTargetLabels": [MODEL, POOL],
                "selector": {"matchLabels": {MODEL: s.model.name}},
                "endpoints": [{"port": HTTP, "path": release_of(s).metrics_path, "interval": f"{ENGINE_INTERVAL}s"}],
            },
        }
