"""What a change does to running pods."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from fleetc.check.change.model import Effect, Meaning, Place, Value
from fleetc.check.rules.access import at

_TEMPLATES: Final[dict[str, tuple[Place, ...]]] = {
    # A change of the template rolls the pods out: pkg/controller/{deployment,statefulset,daemon}.
    "Deployment": (("spec", "template"),),
    "StatefulSet": (("spec", "template"),),
    "DaemonSet": (("spec", "template"),),
    # pkg/utils/revision of LeaderWorkerSet: the template of the group, its size, and how its network is named.
    "LeaderWorkerSet": (("spec", "leaderWorkerTemplate"), ("spec", "networkConfig")),
}
_LATER: Final[dict[str, tuple[Place, ...]]] = {
    "CronJob": (("spec", "jobTemplate"),),
    "ReplicaSet": (("spec", "template"),),
    "ReplicationController": (("spec", "template"),),
    "NodePool": (("spec", "template"),),
    "EC2NodeClass": (("spec",),),
}
_LATER_WHY: Final = {
    "CronJob": "the next job is made from it; running ones stay",
    "ReplicaSet": "only pods that are made later have it",
    "ReplicationController": "only pods that are made later have it",
    "NodePool": "Karpenter replaces the nodes that have drifted from it, and the pods on them move",
    "EC2NodeClass": "Karpenter replaces the nodes that have drifted from it, and the pods on them move",
}
_DRIFTS: Final = ("NodePool", "EC2NodeClass")
_SCALED: Final = ("Deployment", "StatefulSet", "ReplicaSet", "LeaderWorkerSet", "ReplicationController")
_SCALERS: Final[dict[str, tuple[str, ...]]] = {
    "HorizontalPodAutoscaler": ("minReplicas", "maxReplicas"),
    "ScaledObject": ("minReplicaCount", "maxReplicaCount", "idleReplicaCount"),
    "Job": ("parallelism", "completions"),
}


def workload(kind: str, found: Sequence[Value], after: Mapping[str, Any]) -> Iterator[Meaning]:
    """Restarts, and numbers of pods."""
    templates, later = _TEMPLATES.get(kind, ()), _LATER.get(kind, ())
    for value in found:
        path = value.path
        if any(path[: len(t)] == t or t[: len(path)] == path for t in templates):
            yield Meaning(Effect.RESTARTS, _restart(kind, after), path)
        elif any(path[: len(t)] == t or t[: len(path)] == path for t in later):
            yield Meaning(Effect.RESTARTS if kind in _DRIFTS else Effect.CHANGES, _LATER_WHY[kind], path)
        elif (kind in _SCALED and path == ("spec", "replicas")) or (
            len(path) == 2 and path[0] == "spec" and path[1] in _SCALERS.get(kind, ())
        ):
            yield Meaning(Effect.SCALES, "", path)


def _restart(kind: str, after: Mapping[str, Any]) -> str:
    spec = at(after, "spec")
    strategy = at(spec, "strategy" if kind == "Deployment" else "updateStrategy").get("type", "RollingUpdate")
    if strategy == "OnDelete":
        return "each pod gets it when somebody deletes it: the strategy is OnDelete"
    if strategy == "Recreate":
        return "all pods stop, then new ones start: the strategy is Recreate"
    if kind == "LeaderWorkerSet":
        return "all groups of pods are made anew, in turns"
    replicas = spec.get("replicas")
    many = "all pods are" if not isinstance(replicas, int) or kind == "DaemonSet" else f"{replicas} pods are"
    return f"{'1 pod is' if replicas == 1 and kind != 'DaemonSet' else many} made anew, in turns"
