"""RuntimeClasses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fleetc.emission.site import ClusterSite
from fleetc.language import cluster as language
from fleetc_kubernetes.apis import api_version
from fleetc_kubernetes.metadata import cluster_metadata
from fleetc_kubernetes.quantity import canonical

if TYPE_CHECKING:
    from fleetc_kubernetes.objects import RuntimeClass, Scheduling, Toleration


def runtime_classes(s: ClusterSite) -> Iterator[RuntimeClass]:
    """A RuntimeClass for each that the cluster declares."""
    for item in s.cluster.runtime_classes:
        made: RuntimeClass = {
            "apiVersion": api_version("RuntimeClass", s.cluster),
            "kind": "RuntimeClass",
            "metadata": cluster_metadata(s, item.name),
            "handler": item.handler,
        }
        if item.overhead:
            made["overhead"] = {"podFixed": {name: canonical(amount) for name, amount in item.overhead.items()}}
        scheduling = _scheduling(item)
        if scheduling:
            made["scheduling"] = scheduling
        yield made


def _scheduling(item: language.RuntimeClass) -> Scheduling:
    made: Scheduling = {}
    if item.node_selector:
        made["nodeSelector"] = dict(item.node_selector)
    if item.tolerations:
        made["tolerations"] = [_toleration(toleration) for toleration in item.tolerations]
    return made


def _toleration(item: language.Toleration) -> Toleration:
    made: Toleration = {"key": item.key, "operator": "Exists"}
    if item.value is not None:
        made["operator"] = "Equal"
        if item.value:
            made["value"] = item.value  # The API server drops an empty one, which means the same.
    if item.effect:
        made["effect"] = item.effect
    return made
