"""HorizontalPodAutoscalers: replicas by the engine's own metrics, which an adapter to Prometheus has to serve."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from fleetc.emission.site import ModelSite
from fleetc_kubernetes.apis import api_version
from fleetc_kubernetes.quantity import Quantity, write
from fleetc_kubernetes.serving.names import part_metadata
from fleetc_kubernetes.serving.scale import Measure, behavior, measures, scaler, target

if TYPE_CHECKING:
    from fleetc_kubernetes.serving.scaling_objects import HorizontalPodAutoscaler, PodsMetric


def autoscalers(s: ModelSite) -> Iterator[HorizontalPodAutoscaler]:
    """An autoscaler for each part of which more may run than are promised, where KEDA does not scale it.

    It keeps one replica at least: at none there is nothing whose queue could be measured.
    """
    for part in s.serving.parts:
        scaled = target(s, part)
        if scaled is not None and scaler(s, part) == "hpa":
            yield {
                "apiVersion": api_version("HorizontalPodAutoscaler", s.cluster),
                "kind": "HorizontalPodAutoscaler",
                "metadata": part_metadata(s, part),
                "spec": {
                    "scaleTargetRef": scaled,
                    "minReplicas": max(part.least, 1),
                    "maxReplicas": part.most,
                    "metrics": [_metric(measure) for measure in measures(s)],
                    "behavior": behavior(),
                },
            }


def _metric(measure: Measure) -> PodsMetric:
    wanted = write(Quantity(Fraction(measure.target, 1000), False))
    return {
        "type": "Pods",
        "pods": {"metric": {"name": measure.metric}, "target": {"type": "AverageValue", "averageValue": wanted}},
    }
