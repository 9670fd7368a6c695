"""The PodDisruptionBudget of a model: nodes are drained one replica after the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fleetc.emission.site import ModelSite
from fleetc_kubernetes.apis import api_version
from fleetc_kubernetes.serving.names import COMPONENT, MODEL, model_metadata

if TYPE_CHECKING:
    from fleetc_kubernetes.serving.objects import PodDisruptionBudget


def disruption_budgets(s: ModelSite) -> Iterator[PodDisruptionBudget]:
    """One budget for all parts: they serve the same requests.

    A drain always gets on: with one replica there is none to wait for, and pods that are not ready may always go. By
    that, the rest of a group whose first pod went may follow it at once, while other groups may not.
    """
    yield {
        "apiVersion": api_version("PodDisruptionBudget", s.cluster),
        "kind": "PodDisruptionBudget",
        "metadata": model_metadata(s, s.model.name),
        "spec": {
            "maxUnavailable": 1,
            "selector": {
                "matchLabels": {MODEL: s.model.name},
                "matchExpressions": [{"key": COMPONENT, "operator": "In", "values": ["server", "worker"]}],
            },
            "unhealthyPodEvictionPolicy": "AlwaysAllow",
        },
    }
