"""The volume that all replicas of a model load its weights from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fleetc.emission.site import ModelSite
from fleetc_kubernetes.apis import api_version
from fleetc_kubernetes.serving import weights
from fleetc_kubernetes.serving.names import model_metadata

if TYPE_CHECKING:
    from fleetc_kubernetes.serving.objects import PersistentVolumeClaim


def weights_claims(s: ModelSite) -> Iterator[PersistentVolumeClaim]:
    """A claim that many nodes can mount, where the weights are kept on a shared volume."""
    if weights.kept(s) == "shared":
        yield {
            "apiVersion": api_version("PersistentVolumeClaim", s.cluster),
            "kind": "PersistentVolumeClaim",
            "metadata": model_metadata(s, weights.claim_name(s)),
            "spec": weights.volume_claim(s, "shared"),
        }
