"""What every cluster has for itself: classes of storage, priority and runtime."""

from __future__ import annotations

from typing import Final

from fleetc.emission.site import ClusterSite, Lowering
from fleetc_kubernetes.clusters.priority_class import priority_classes
from fleetc_kubernetes.clusters.runtime_class import runtime_classes
from fleetc_kubernetes.clusters.storage_class import storage_classes

LOWERINGS: Final[tuple[Lowering[ClusterSite], ...]] = (
    Lowering("StorageClass", storage_classes),
    Lowering("PriorityClass", priority_classes),
    Lowering("RuntimeClass", runtime_classes),
)
