"""ServiceExports: servers on several clusters are one Service for the gateways of all of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fleetc.catalogue.components import served_in
from fleetc.emission.site import ModelSite
from fleetc_kubernetes.serving.names import model_metadata

if TYPE_CHECKING:
    from fleetc_kubernetes.serving.objects import ServiceExport

_GROUP: Final = "multicluster.x-k8s.io"
_GKE: Final = "net.gke.io/v1"
"""Of GKE's multi-cluster Services, which have no component:
https://docs.cloud.google.com/kubernetes-engine/docs/how-to/multi-cluster-services."""


def service_exports(s: ModelSite) -> Iterator[ServiceExport]:
    """On every cluster of the model, with a gateway or without. Services are the same by namespace and name."""
    api = export_version(s)
    if api is not None:
        yield {"apiVersion": api, "kind": "ServiceExport", "metadata": model_metadata(s, s.model.name)}


def export_version(s: ModelSite) -> str | None:
    """The apiVersion of ServiceExports; None where the model's Service is of its own cluster alone."""
    match s.cluster.network.multicluster.implementation if s.model.routing.shared() else None:
        case "gke":
            return _GKE
        case "mcs":
            return served_in(s.cluster.components, _GROUP, "ServiceExport", "v1beta1", "v1alpha1")
        case None:
            return None
