"""What one object says of others: what it makes, what it refers to, which pods it starts, what it selects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fleetc.check.fleet.mentions import mentions
from fleetc.check.fleet.pods import Pods, pods_of
from fleetc.check.fleet.targets import CLAIM, CREDENTIALS, NAMESPACE, STORAGE_CLASS, Port, Reference, Selection, Target
from fleetc.check.rules.access import Map, at, items, whole
from fleetc.check.rules.workloads import POD_PATHS
from fleetc.check.served import scope_of
from fleetc.check.store import Scope
from fleetc.tuples import NamedTuple

__all__ = ["NAMESPACE", "Facts", "Reference", "Selection", "Target", "facts_of"]

_POD_GROUPS: Final = ("", "apps", "batch")
_GROUPS: Final = "leaderworkerset.x-k8s.io LeaderWorkerSet"
_MOST_CLAIMS: Final = 1000


class Facts(NamedTuple):
    """Everything that an object says of others."""

    identity: Target
    scope: Scope | None
    made: tuple[Target, ...]
    references: tuple[Reference, ...]
    pods: tuple[Pods, ...]
    selections: tuple[Selection, ...]


def facts_of(obj: Mapping[str, Any], minor: str) -> Facts:
    """The facts of an object; what is damaged is left out, for its schema says so."""
    api_version, kind = str(obj.get("apiVersion")), str(obj.get("kind"))
    group = api_version.rpartition("/")[0]
    metadata = at(obj, "metadata")
    namespace, name = str(metadata.get("namespace") or ""), str(metadata.get("name") or "")
    identity = Target(f"{group} {kind}", namespace, name)
    built_in = kind in POD_PATHS and group in _POD_GROUPS
    pods = tuple(pods_of(obj, namespace)) if built_in or identity.kind == _GROUPS else ()
    made = (identity, *_makes(obj, identity))
    selections = tuple(_selects(obj, identity))
    return Facts(
        identity, scope_of(api_version, kind, minor), made, tuple(mentions(obj, identity, pods)), pods, selections
    )


def _makes(obj: Map, identity: Target) -> Iterator[Target]:
    """What comes into being with an object, beside itself: other objects, and parts that others name or look for."""
    namespace, spec = identity.namespace, at(obj, "spec")
    match identity.kind:
        case " ConfigMap" | " Secret":
            for field in ("data", "binaryData", "stringData"):
                for key in at(obj, field):
                    yield identity._replace(key=str(key))
        case " Service":
            for _, port in items(spec, "ports"):
                for part in (port.get("port"), port.get("name")):
                    if part:
                        yield identity._replace(key=f"port {part}")
            for label, value in at(obj, "metadata", "labels").items():
                yield identity._replace(key=f"label {label}={value}")
        case "multicluster.x-k8s.io ServiceExport" | "net.gke.io ServiceExport":
            # Implementations make an import on every cluster of the set that has the namespace.
            yield identity._replace(kind=identity.kind.replace("Export", "Import"))
        case "external-secrets.io ExternalSecret":
            yield Target(CREDENTIALS, namespace, str(at(spec, "target").get("name") or identity.name))
        case "cert-manager.io Certificate" if spec.get("secretName"):
            yield Target(CREDENTIALS, namespace, str(spec["secretName"]))
        case "apps StatefulSet":
            yield from _claims(spec, identity)
        case " PersistentVolume" if spec.get("storageClassName"):
            # Claims of a class without provisioner find the volumes that name it; no StorageClass is needed.
            yield Target(STORAGE_CLASS, "", str(spec["storageClassName"]))
        case _:
            pass


def _claims(spec: Map, identity: Target) -> Iterator[Target]:
    first = whole(at(spec, "ordinals"), "start") or 0
    replicas = whole(spec, "replicas")
    for _, claim in items(spec, "volumeClaimTemplates"):
        for n in range(first, first + min(1 if replicas is None else replicas, _MOST_CLAIMS)):
            yield Target(CLAIM, identity.namespace, f"{at(claim, 'metadata').get('name')}-{identity.name}-{n}")


def _selects(obj: Map, identity: Target) -> Iterator[Selection]:
    """Selectors that are of no use when they find nothing."""
    spec, namespace = at(obj, "spec"), identity.namespace
    match identity.kind:
        case " Service" if at(spec, "selector"):
            ports = tuple(_target_ports(spec))
            yield Selection("pods", namespace, {"matchLabels": spec["selector"]}, ("spec", "selector"), ports)
        case "policy PodDisruptionBudget" if at(spec, "selector"):
            yield Selection("pods", namespace, spec["selector"], ("spec", "selector"))
        case "networking.k8s.io NetworkPolicy" if at(spec, "podSelector"):
            yield Selection("pods", namespace, spec["podSelector"], ("spec", "podSelector"))
        case "monitoring.coreos.com ServiceMonitor" if not at(spec, "namespaceSelector"):
            ports = tuple(_scraped(spec, "endpoints"))
            yield Selection("services", namespace, at(spec, "selector"), ("spec", "selector"), ports)
        case "monitoring.coreos.com PodMonitor" if not at(spec, "namespaceSelector"):
            ports = tuple(_scraped(spec, "podMetricsEndpoints"))
            yield Selection("pods", namespace, at(spec, "selector"), ("spec", "selector"), ports)
        case _:
            pass


def _target_ports(spec: Map) -> Iterator[Port]:
    for n, port in items(spec, "ports"):
        name = port.get("targetPort")
        if isinstance(name, str) and name:
            yield Port(name, str(port.get("protocol") or "TCP"), ("spec", "ports", n, "targetPort"))


def _scraped(spec: Map, field: str) -> Iterator[Port]:
    for n, endpoint in items(spec, field):
        name = endpoint.get("port")
        if isinstance(name, str) and name:
            yield Port(name, "", ("spec", field, n, "port"))
