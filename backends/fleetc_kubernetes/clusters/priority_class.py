"""PriorityClasses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fleetc.emission.site import ClusterSite
from fleetc_kubernetes.apis import api_version
from fleetc_kubernetes.metadata import cluster_metadata

if TYPE_CHECKING:
    from fleetc_kubernetes.objects import PriorityClass


def priority_classes(s: ClusterSite) -> Iterator[PriorityClass]:
    """A PriorityClass for each that the cluster declares."""
    for item in s.cluster.priority_classes:
        made: PriorityClass = {
            "apiVersion": api_version("PriorityClass", s.cluster),
            "kind": "PriorityClass",
            "metadata": cluster_metadata(s, item.name),
            "value": item.value,
            "preemptionPolicy": item.preemption,
        }
        if item.default:
            made["globalDefault"] = True  # The API server drops a false one.
        if item.description:
            made["description"] = item.description
        yield made
