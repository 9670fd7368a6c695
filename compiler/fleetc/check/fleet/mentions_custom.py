"""The references of custom objects to others, by their kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fleetc.check.fleet.targets import (
    CLUSTER_QUEUE,
    DEVICE_CLASS,
    FLAVOR,
    GATEWAY,
    SERVICE,
    Reference,
    Target,
)
from fleetc.check.rules.access import Map, at, items
from fleetc.source.span import Path

Found = Iterator[Reference]

_EXPORTS: Final = ("multicluster.x-k8s.io ServiceExport", "net.gke.io ServiceExport")


def of_custom(obj: Map, kind: str, namespace: str) -> Found:
    """The references of an object by its "group Kind"."""
    spec = at(obj, "spec")
    match kind:
        case "keda.sh ScaledObject":
            yield from _scaled(spec, namespace)
        case "gateway.networking.k8s.io HTTPRoute":
            yield from _route(spec, namespace)
        case "inference.networking.k8s.io InferencePool":
            yield from _backend(at(spec, "endpointPickerRef"), ("spec", "endpointPickerRef"), namespace)
        case "kueue.x-k8s.io LocalQueue":
            yield from _named(CLUSTER_QUEUE, "", spec, "clusterQueue", ("spec",))
        case "kueue.x-k8s.io ClusterQueue" | "kueue.x-k8s.io Cohort":
            for n, group in items(spec, "resourceGroups"):
                for m, flavor in items(group, "flavors"):
                    yield from _named(FLAVOR, "", flavor, "name", ("spec", "resourceGroups", n, "flavors", m))
        case "kueue.x-k8s.io ResourceFlavor":
            yield from _named("kueue.x-k8s.io Topology", "", spec, "topologyName", ("spec",))
        case "karpenter.sh NodePool":
            ref, path = at(spec, "template", "spec", "nodeClassRef"), ("spec", "template", "spec", "nodeClassRef")
            yield from _named(f"{ref.get('group')} {ref.get('kind')}", "", ref, "name", path)
        case "resource.k8s.io ResourceClaim":
            yield from _devices(at(spec, "devices"), ("spec", "devices"))
        case "resource.k8s.io ResourceClaimTemplate":
            yield from _devices(at(spec, "spec", "devices"), ("spec", "spec", "devices"))
        case _ if kind in _EXPORTS:
            # An export has the name of the Service that it exports.
            yield from _named(SERVICE, namespace, at(obj, "metadata"), "name", ("metadata",))
        case _:
            pass


def _named(kind: str, namespace: str, holder: Map, field: str, path: Path) -> Found:
    name = holder.get(field)
    if isinstance(name, str) and name:
        yield Reference(Target(kind, namespace, name), (*path, field))


def _scaled(spec: Map, namespace: str) -> Found:
    target = at(spec, "scaleTargetRef")
    group = str(target.get("apiVersion") or "apps/v1").rpartition("/")[0]
    kind = f"{group} {target.get('kind') or 'Deployment'}"
    yield from _named(kind, namespace, target, "name", ("spec", "scaleTargetRef"))
    for n, trigger in items(spec, "triggers"):
        ref = at(trigger, "authenticationRef")
        if ref.get("kind", "TriggerAuthentication") == "TriggerAuthentication":
            path: Path = ("spec", "triggers", n, "authenticationRef")
            yield from _named("keda.sh TriggerAuthentication", namespace, ref, "name", path)


def _route(spec: Map, namespace: str) -> Found:
    for n, parent in items(spec, "parentRefs"):
        if parent.get("kind", "Gateway") == "Gateway":
            place = str(parent.get("namespace") or namespace)
            yield from _named(GATEWAY, place, parent, "name", ("spec", "parentRefs", n))
    for n, rule in items(spec, "rules"):
        for m, backend in items(rule, "backendRefs"):
            yield from _backend(backend, ("spec", "rules", n, "backendRefs", m), namespace)


def _backend(ref: Map, path: Path, namespace: str) -> Found:
    """What requests are sent to: a Service at a port, unless it says otherwise."""
    kind = f"{ref.get('group') or ''} {ref.get('kind') or 'Service'}"
    place = str(ref.get("namespace") or namespace)
    for found in _named(kind, place, ref, "name", path):
        yield found
        port = ref.get("port")
        number = port.get("number") if isinstance(port, dict) else port
        if kind == SERVICE and number:
            yield Reference(found.target._replace(key=f"port {number}"), (*path, "port"))


def _devices(devices: Map, path: Path) -> Found:
    for n, request in items(devices, "requests"):
        here: Path = (*path, "requests", n)
        yield from _named(DEVICE_CLASS, "", at(request, "exactly"), "deviceClassName", (*here, "exactly"))
        yield from _named(DEVICE_CLASS, "", request, "deviceClassName", here)
        for m, choice in items(request, "firstAvailable"):
            yield from _named(DEVICE_CLASS, "", choice, "deviceClassName", (*here, "firstAvailable", m))
