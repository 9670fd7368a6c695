"""ScaledObjects: replicas by what Prometheus tells of the engine, where KEDA is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fleetc.catalogue.components import served_in
from fleetc.emission.site import ModelSite
from fleetc.language.serving import ServingPart
from fleetc_kubernetes.serving.names import namespace, part_metadata
from fleetc_kubernetes.serving.scale import Measure, behavior, measures, scaler, target

if TYPE_CHECKING:
    from fleetc_kubernetes.serving.scaling_objects import ScaledObject, Trigger

GROUP: Final = "keda.sh"

# What Prometheus makes of the pod labels that the ServiceMonitor hands on.
_MODEL: Final = "fleetc_dev_model"
_POOL: Final = "fleetc_dev_pool"


def scaled_objects(s: ModelSite) -> Iterator[ScaledObject]:
    """A ScaledObject for each part of which more may run than are promised."""
    api = served_in(s.cluster.components, GROUP, "ScaledObject", "v1alpha1")
    for part in s.serving.parts if api is not None else ():
        scaled = target(s, part)
        if api is not None and scaled is not None and scaler(s, part) == "keda":
            yield {
                "apiVersion": api,
                "kind": "ScaledObject",
                "metadata": part_metadata(s, part),
                "spec": {
                    "scaleTargetRef": scaled,
                    "pollingInterval": 15,
                    "minReplicaCount": part.least if part.least or _others(s, part) else 1,
                    "maxReplicaCount": part.most,
                    "advanced": {"horizontalPodAutoscalerConfig": {"behavior": behavior()}},
                    "triggers": [_trigger(s, part, measure) for measure in measures(s)],
                },
            }


def _others(s: ModelSite, part: ServingPart) -> bool:
    """Whether others serve while this part has no replica, and have a queue by which it is woken."""
    return any(other.least for other in s.serving.parts if other.pool != part.pool)


def _trigger(s: ModelSite, part: ServingPart, measure: Measure) -> Trigger:
    labels = [f'namespace="{namespace(s)}"', f'{_MODEL}="{s.model.name}"']
    if part.least:
        labels.append(f'{_POOL}="{part.pool}"')
    address = s.cluster.monitoring.address
    return {
        "type": "prometheus",
        "metricType": "AverageValue",
        "metadata": {
            "serverAddress": address or "",
            "query": f"sum({measure.metric}{{{','.join(labels)}}})",
            "threshold": f"{measure.target / 1000:g}",
        },
    }
