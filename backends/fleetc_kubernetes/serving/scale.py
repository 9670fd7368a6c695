"""Who decides how many replicas of a part there are: an autoscaler where more may run than are promised."""

from __future__ import annotations

from typing import Literal, NamedTuple

from fleetc.emission.site import ModelSite
from fleetc.language.serving import ServingPart
from fleetc_kubernetes.served import custom_version
from fleetc_kubernetes.serving.names import release_of

Scaler = Literal["keda", "hpa"]


class Measure(NamedTuple):
    """A metric of the engine, and its value for one replica above which another one is added, in thousandths."""

    metric: str
    target: int


def measures(s: ModelSite) -> list[Measure]:
    """What replicas are added by."""
    asked, metrics = s.model.autoscaling, release_of(s).metrics
    out: list[Measure] = []
    if asked.queue is not None:
        out.append(Measure(metrics["waiting"], asked.queue * 1000))
    if asked.kv_cache is not None:
        # Engines tell the share that is used, from 0 to 1.
        out.append(Measure(metrics["kvCache"], asked.kv_cache * 10))
    return out


def scaler(s: ModelSite, part: ServingPart) -> Scaler | None:
    """KEDA, which asks Prometheus itself, where both are there; else the API server's own, which needs an adapter."""
    if part.most <= part.least or not measures(s):
        return None
    keda = s.cluster.monitoring.address and custom_version(s, "keda.sh", "ScaledObject", "v1alpha1")
    return "keda" if keda else "hpa"


def least(part: ServingPart) -> int:
    """An autoscaler keeps one replica: at none there is nothing whose queue could be measured."""
    return max(part.least, 1)
