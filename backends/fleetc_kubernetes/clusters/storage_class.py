"""StorageClasses, named by purpose."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fleetc.emission.site import ClusterSite
from fleetc_kubernetes.apis import api_version
from fleetc_kubernetes.metadata import cluster_metadata

if TYPE_CHECKING:
    from fleetc_kubernetes.objects import StorageClass

IS_DEFAULT: Final = "storageclass.kubernetes.io/is-default-class"


def storage_classes(s: ClusterSite) -> Iterator[StorageClass]:
    """A StorageClass for each of the cluster's purposes of storage."""
    for item in s.cluster.storage.classes:
        metadata = cluster_metadata(s, item.name)
        if item.default:
            metadata["annotations"] = {IS_DEFAULT: "true"}
        made: StorageClass = {
            "apiVersion": api_version("StorageClass", s.cluster),
            "kind": "StorageClass",
            "metadata": metadata,
            "provisioner": item.provisioner,
            "parameters": dict(item.parameters),
            "reclaimPolicy": item.reclaim_policy,
            "volumeBindingMode": item.volume_binding_mode,
            "allowVolumeExpansion": item.allow_volume_expansion,
        }
        if not item.parameters:
            del made["parameters"]  # The API server drops an empty one.
        if item.mount_options:
            made["mountOptions"] = list(item.mount_options)
        yield made
