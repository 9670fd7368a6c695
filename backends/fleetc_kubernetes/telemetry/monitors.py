"""ServiceMonitors: what Prometheus reads beside models."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fleetc.catalogue.components import served_in
from fleetc.emission.site import TelemetrySite
from fleetc.language.intents import DEVICES
from fleetc.language.telemetry import Target
from fleetc_kubernetes.rules import GROUP
from fleetc_kubernetes.telemetry.names import metadata

if TYPE_CHECKING:
    from fleetc_kubernetes.telemetry.objects import ScrapedEndpoint, TargetMonitor

_TOKEN: Final = "/var/run/secrets/kubernetes.io/serviceaccount/token"  # noqa: S105 - where it is, not what it is


def monitors(s: TelemetrySite) -> Iterator[TargetMonitor]:
    """One for each target, and one for kubelets.

    Their own labels stay as they are (`honorLabels`): of what an exporter says of a pod, `pod` is that pod.
    """
    version = served_in(s.cluster.components, GROUP, "ServiceMonitor", "v1")
    if version is None:
        return
    for target in s.telemetry.targets:
        yield _monitor(s, version, target.source, target.namespace, dict(target.selector), _endpoint(s, target))
    if s.telemetry.kubelet:
        yield _monitor(s, version, "kubelet", "kube-system", {"app.kubernetes.io/name": "kubelet"}, _kubelet(s))


def _monitor(
    s: TelemetrySite, version: str, source: str, namespace: str, labels: dict[str, str], endpoint: ScrapedEndpoint
) -> TargetMonitor:
    return {
        "apiVersion": version,
        "kind": "ServiceMonitor",
        "metadata": metadata(s, f"{s.telemetry.name}-{source}"),
        "spec": {
            "namespaceSelector": {"matchNames": [namespace]},
            "selector": {"matchLabels": labels},
            "endpoints": [endpoint],
        },
    }


def _endpoint(s: TelemetrySite, target: Target) -> ScrapedEndpoint:
    made: ScrapedEndpoint = {
        "port": target.port,
        "path": target.path,
        "interval": target.interval or s.telemetry.interval,
        "honorLabels": True,
    }
    if target.source == DEVICES:
        # Of a device that no pod holds, only the exporter's own pod tells on which node it is.
        made["relabelings"] = [{"sourceLabels": ["__meta_kubernetes_pod_node_name"], "targetLabel": "node"}]
    return _secured(made) if target.scheme == "https" else made


def _kubelet(s: TelemetrySite) -> ScrapedEndpoint:
    """The Service that the Prometheus Operator keeps of all kubelets (--kubelet-service), and its port: pkg/kubelet of
    v0.93.0. Their certificates are mostly their own."""
    return _secured(
        {"port": "https-metrics", "path": "/metrics/cadvisor", "interval": s.telemetry.interval, "honorLabels": True}
    )


def _secured(endpoint: ScrapedEndpoint) -> ScrapedEndpoint:
    endpoint["scheme"] = "https"
    endpoint["bearerTokenFile"] = _TOKEN
    endpoint["tlsConfig"] = {"insecureSkipVerify": True}
    return endpoint
