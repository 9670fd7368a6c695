"""The Prometheus that the Prometheus Operator runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fleetc.catalogue.components import served_in
from fleetc.emission.site import TelemetrySite
from fleetc.language.telemetry import Receiver
from fleetc_kubernetes.rules import GROUP
from fleetc_kubernetes.telemetry.names import metadata, namespace, prometheus_name

if TYPE_CHECKING:
    from fleetc_kubernetes.telemetry.objects import (
        AlertmanagerEndpoint,
        Prometheus,
        PrometheusClaim,
        PrometheusSpec,
        RemoteWrite,
    )


def prometheuses(s: TelemetrySite) -> Iterator[Prometheus]:
    """One, where a retention is given. Its samples and alerts say of which cluster they are when they leave it."""
    version = served_in(s.cluster.components, GROUP, "Prometheus", "v1")
    asked = s.telemetry.prometheus
    if version is None or asked.retention is None:
        return
    spec: PrometheusSpec = {
        "replicas": asked.replicas,
        "retention": asked.retention,
        "scrapeInterval": s.telemetry.interval,
        "evaluationInterval": s.telemetry.interval,
        "externalLabels": {"cluster": s.cluster.name},
        "serviceAccountName": prometheus_name(s),
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 65534,
            "fsGroup": 65534,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "resources": {"requests": {"cpu": asked.cpu, "memory": asked.memory}, "limits": {"memory": asked.memory}},
        "serviceMonitorSelector": {},
        "serviceMonitorNamespaceSelector": {},
        "podMonitorSelector": {},
        "podMonitorNamespaceSelector": {},
        "ruleSelector": {},
        "ruleNamespaceSelector": {},
    }
    if asked.storage.size is not None:
        spec["storage"] = {"volumeClaimTemplate": {"spec": _claim(asked.storage.size, asked.storage.storage_class)}}
    if asked.remote_write:
        spec["remoteWrite"] = [_receiver(receiver) for receiver in asked.remote_write]
    if s.telemetry.alertmanagers:
        spec["alerting"] = {"alertmanagers": list(_alertmanagers(s))}
    yield {"apiVersion": version, "kind": "Prometheus", "metadata": metadata(s, prometheus_name(s)), "spec": spec}


def _claim(size: str, storage_class: str | None) -> PrometheusClaim:
    made: PrometheusClaim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}}
    if storage_class is not None:
        made["storageClassName"] = storage_class
    return made


def _receiver(receiver: Receiver) -> RemoteWrite:
    made: RemoteWrite = {"name": receiver.name, "url": receiver.url}
    secret = receiver.secret
    if secret is not None and receiver.login == "basic":
        made["basicAuth"] = {
            "username": {"name": secret, "key": "username"},
            "password": {"name": secret, "key": "password"},
        }
    elif secret is not None:
        made["authorization"] = {"credentials": {"name": secret, "key": "token"}}
    return made


def _alertmanagers(s: TelemetrySite) -> Iterator[AlertmanagerEndpoint]:
    for one in s.telemetry.alertmanagers:
        yield {"namespace": one.namespace or namespace(s), "name": one.name, "port": one.port}
