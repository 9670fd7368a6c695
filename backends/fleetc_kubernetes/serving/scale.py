"""Who decides how many replicas of a part there are: an autoscaler where more may run than are promised."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from fleetc.catalogue.components import served_in
from fleetc.emission.site import ModelSite
from fleetc.language.serving import ServingPart
from fleetc.tuples import NamedTuple
from fleetc_kubernetes.apis import api_version
from fleetc_kubernetes.serving.names import part_name, release_of

if TYPE_CHECKING:
    from fleetc_kubernetes.serving.scaling_objects import ScaleTarget, ScalingBehavior

LWS: Final = "leaderworkerset.x-k8s.io"

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
    keda = s.cluster.monitoring.address and served_in(s.cluster.components, "keda.sh", "ScaledObject", "v1alpha1")
    return "keda" if keda else "hpa"


def target(s: ModelSite, part: ServingPart) -> ScaleTarget | None:
    """The workload of a part, whose replicas are scaled; of a LeaderWorkerSet these are groups. None: it has none."""
    if part.nodes == 1:
        return {"apiVersion": api_version("Deployment", s.cluster), "kind": "Deployment", "name": part_name(s, part)}
    api = served_in(s.cluster.components, LWS, "LeaderWorkerSet", "v1")
    return None if api is None else {"apiVersion": api, "kind": "LeaderWorkerSet", "name": part_name(s, part)}


def behavior() -> ScalingBehavior:
    """Replicas take minutes to come, and as long again to come back: they come two at a time, and go slowly."""
    return {
        "scaleUp": {
            "stabilizationWindowSeconds": 30,
            "policies": [{"type": "Pods", "value": 2, "periodSeconds": 120}],
        },
        "scaleDown": {
            "stabilizationWindowSeconds": 600,
            "policies": [{"type": "Pods", "value": 1, "periodSeconds": 300}],
        },
    }
